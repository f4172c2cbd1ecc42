package realtime

// RaceEnabled is true under the race detector, which is too slow for tests of size and of real time.
const RaceEnabled = raceEnabled

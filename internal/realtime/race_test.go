//go:build race

package realtime

// raceEnabled: the race detector makes sync.Pool forget, on purpose.
const raceEnabled = true

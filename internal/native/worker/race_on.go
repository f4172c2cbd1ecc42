//go:build race

package worker

// raceDetector says whether this build reserves the race detector's terabytes of address space.
const raceDetector = true

//go:build !race

package cancel_test

const raceEnabled = false

package config

import "fmt"

// unknown is the error for a key that no setting has, with the nearest known one when it is near enough to be meant.
func unknown(key string, known []string) error {
	best, distance := "", len(key)
	for _, candidate := range known {
		if d := editDistance(key, candidate); d < distance {
			best, distance = candidate, d
		}
	}
	if best != "" && distance <= max(2, len(key)/3) {
		return fmt.Errorf("unknown key %q; did you mean %q?", key, best)
	}
	return fmt.Errorf("unknown key %q; \"twombly config show\" lists all keys", key)
}

// editDistance is the least number of bytes to insert, delete or replace to turn one string into the other, where
// swapping two neighbours counts as one (optimal string alignment).
func editDistance(a, b string) int {
	before, previous, current := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}

package measure

// Seam is what a listener lost or heard twice where a voice paused and went on.
type Seam struct {
	// Repeated words were said again, Lost ones left out, within a word of the pause.
	Repeated int `json:"repeated"`
	Lost     int `json:"lost"`
	// Heard is how many of the words that were to be said are covered by what was heard.
	Heard int `json:"heard"`
}

// FindSeam lays the words that were heard before and after a pause beside the words that were to be said, of which the last may not have
// been said. A word that was misheard elsewhere does not count.
func FindSeam(said, before, after []string) Seam {
	heard := append(append([]string(nil), before...), after...)
	cost := alignment(said, heard)
	var s Seam
	for i := range said { // the shortest beginning of what was to be said that fits best
		if cost[i+1][len(heard)] < cost[s.Heard][len(heard)] {
			s.Heard = i + 1
		}
	}
	i, j := s.Heard, len(heard)
	for i > 0 || j > 0 {
		near := j >= len(before)-1 && j <= len(before)+1
		switch {
		case i > 0 && j > 0 && cost[i][j] == cost[i-1][j-1]+unlike(said[i-1], heard[j-1]):
			i, j = i-1, j-1
		case j > 0 && cost[i][j] == cost[i][j-1]+1:
			if near {
				s.Repeated++
			}
			j--
		default:
			if near {
				s.Lost++
			}
			i--
		}
	}
	return s
}

// alignment is the edit distance (Levenshtein 1966) between all beginnings of two lists of words.
func alignment(a, b []string) [][]int {
	cost := make([][]int, len(a)+1)
	for i := range cost {
		cost[i] = make([]int, len(b)+1)
		for j := range cost[i] {
			switch {
			case i == 0:
				cost[i][j] = j
			case j == 0:
				cost[i][j] = i
			default:
				cost[i][j] = min(cost[i-1][j-1]+unlike(a[i-1], b[j-1]), cost[i-1][j]+1, cost[i][j-1]+1)
			}
		}
	}
	return cost
}

func unlike(a, b string) int {
	if a == b {
		return 0
	}
	return 1
}

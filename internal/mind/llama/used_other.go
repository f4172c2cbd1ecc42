//go:build !unix

package llama

import "time"

// coresUsed says nothing here: as many threads are used as are allowed.
func coresUsed() (time.Duration, bool) { return 0, false }

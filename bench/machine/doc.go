// Package machine watches the machine that a benchmark runs on: what it is, how busy others keep it, and what our own
// processes take of it. It reads Linux's /proc; elsewhere its functions answer ErrUnknown, and a benchmark says that it
// could not know.
package machine

import "errors"

// ErrUnknown means that this system does not tell.
var ErrUnknown = errors.New("this system does not tell what its processes do")

package main

import (
	"sync/atomic"

	"twombly/internal/realtime"
)

// hangUps ends the conversations of sign-ins and tokens that are no longer good. Who is known is opened before calls can
// be held, so the server of calls comes later.
type hangUps struct {
	server atomic.Pointer[realtime.Server]
}

// ended is told of a sign-in or token that ended.
func (h *hangUps) ended(credentialID string) {
	if server := h.server.Load(); server != nil {
		server.HangUp(credentialID)
	}
}

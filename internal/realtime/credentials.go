package realtime

import (
	"context"
	"errors"
	"sync"
)

// errSignedOut is why the sessions end of a client whose sign-in or token was ended.
var errSignedOut = errors.New("the sign-in ended")

// credentials knows which sessions were begun with which sign-in or token. The zero value is ready.
type credentials struct {
	lock     sync.Mutex
	sessions map[string]map[*context.CancelCauseFunc]struct{}
}

// add notes a session until its context ends.
func (c *credentials) add(ctx context.Context, id string, stop context.CancelCauseFunc) {
	if id == "" {
		return
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.sessions == nil {
		c.sessions = map[string]map[*context.CancelCauseFunc]struct{}{}
	}
	if c.sessions[id] == nil {
		c.sessions[id] = map[*context.CancelCauseFunc]struct{}{}
	}
	session := &stop
	c.sessions[id][session] = struct{}{}
	context.AfterFunc(ctx, func() {
		c.lock.Lock()
		defer c.lock.Unlock()
		delete(c.sessions[id], session)
		if len(c.sessions[id]) == 0 {
			delete(c.sessions, id)
		}
	})
}

// end ends the sessions of a sign-in or token.
func (c *credentials) end(id string) {
	c.lock.Lock()
	defer c.lock.Unlock()
	for stop := range c.sessions[id] {
		(*stop)(errSignedOut)
	}
}

// HangUp ends the sessions that were begun with a sign-in or token, by Caller.CredentialID: for when it is no longer good.
// Client secrets that were made with it are no longer good either.
func (s *Server) HangUp(credentialID string) {
	s.secrets.end(credentialID)
	s.credentials.end(credentialID)
}

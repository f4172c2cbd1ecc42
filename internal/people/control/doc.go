// Package control is the private door of a running house: a unix socket in the data folder through which the program's
// own command line makes owner links and tokens and asks how the server is, while the server has the store.
//
// Who may use it is decided by the operating system, not by a secret: the folder and the socket belong to the user who
// runs the server and nobody else can open them (modes 0700 and 0600), and where the kernel names the user at the other
// end, another user than ours or root is cut off. No browser can reach a unix socket.
//
// The protocol is HTTP with JSON bodies; it is private to one build of the program, both ends are the same binary's.
//
// A command takes [Dial] first. [ErrNoServer] means that no server has this folder, and the command opens the house
// itself; both ways are a [Keys].
package control

import (
	"context"
	"errors"
	"time"

	"twombly/internal/people"
)

// SocketName is the socket's name in the data folder.
const SocketName = "control.sock"

// ErrNoServer means that no server listens at the folder's socket.
var ErrNoServer = errors.New("no server runs on this store")

// Keys is what can be asked of a house, open in this process (*people.House) or behind the socket (*Client).
type Keys interface {
	// OwnerLink makes a link that lets the owner in once.
	OwnerLink(ctx context.Context) (people.Link, error)
	// CreateToken makes a token; its secret is the first result.
	CreateToken(ctx context.Context, name string) (string, people.Token, error)
	// Tokens lists the tokens that are good.
	Tokens(ctx context.Context) ([]people.Token, error)
	// RevokeToken ends a token by name or ID.
	RevokeToken(ctx context.Context, nameOrID string) error
}

var (
	_ Keys = (*people.House)(nil)
	_ Keys = (*Client)(nil)
)

// Status is what a running server says of itself.
type Status struct {
	Version string    `json:"version"`
	Process int       `json:"process"`
	Since   time.Time `json:"since"`
	// Address is where the page is, as in "http://127.0.0.1:7373".
	Address  string `json:"address"`
	Instance string `json:"instance"`
}

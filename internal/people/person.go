package people

import (
	"context"
	"time"
)

// Person is somebody who lives in this house.
type Person struct {
	// ID is a UUIDv7, also the name of the person's folder.
	ID string `json:"id"`
	// Owner may do everything in this house.
	Owner bool      `json:"owner"`
	Since time.Time `json:"since"`
}

// Way says by which kind of secret a caller came in.
type Way string

// Ways in.
const (
	BySession Way = "session"
	ByToken   Way = "token"
)

// Caller is somebody who showed a secret that is good.
type Caller struct {
	Person Person
	Way    Way
	// CredentialID names the session or token, so that it can be ended. It is no secret.
	CredentialID string
	// Name is the token's name, or the device of a session ("Firefox on Android").
	Name string
}

// Token is what is known of a program's token. The secret itself is known to the program alone.
type Token struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Person string    `json:"person"`
	Since  time.Time `json:"since"`
	// Used is when it was last used, to the hour; zero when it never was.
	Used time.Time `json:"used,omitzero"`
}

// Session is one device that is signed in.
type Session struct {
	ID     string    `json:"id"`
	Device string    `json:"device"`
	Person string    `json:"person"`
	Since  time.Time `json:"since"`
	// Used is when it was last used, to the day. It ends [SessionLife] later.
	Used time.Time `json:"used"`
}

// Link is a new owner link. It is the only value of this package that holds a secret in the clear.
type Link struct {
	// Secret is 43 characters of base64url.
	Secret  string    `json:"secret"`
	Expires time.Time `json:"expires"`
}

type callerKey struct{}

// WithCaller returns a context that carries who calls.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// CallerFrom returns who calls; false when nobody has shown a good secret.
func CallerFrom(ctx context.Context) (Caller, bool) {
	caller, ok := ctx.Value(callerKey{}).(Caller)
	return caller, ok
}

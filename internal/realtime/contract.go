package realtime

import (
	"context"

	"twombly/internal/call"
)

// Caller is who is on the line.
type Caller struct {
	// PersonID is the person's ID; sessions of one person can be hung up by that person only.
	PersonID string
	// Device names what they use, as in "phone" or the name of a token.
	Device string
	// Page is true for our own web app (it came with a cookie), which understands our own events.
	Page bool
	// CredentialID names the sign-in or token that they came with; HangUp ends their sessions by it.
	CredentialID string

	secret *secret // that they came with, nil when with none
}

// Calls makes calls. It is implemented where everything is wired together.
type Calls interface {
	// Open begins a call that speaks through the mouth. The call ends when ctx does. The mouth may be used before Open
	// returns.
	Open(ctx context.Context, who Caller, mouth call.Mouth, settings call.Settings) (call.Line, error)
}

// ClientReport is what a client says about itself (twombly.client): what its microphone was really granted.
type ClientReport struct {
	Device           string `json:"device"`
	Zone             string `json:"zone"`
	EchoCancellation bool   `json:"echo_cancellation"`
	NoiseSuppression bool   `json:"noise_suppression"`
	AutoGain         bool   `json:"auto_gain"`
	Transport        string `json:"transport"`
	OutputLatencyMS  int    `json:"output_latency_ms"`
	// Quiet keeps her from sounds that are no words, or allows them; nil leaves it as it is.
	Quiet *bool `json:"quiet"`
	// OnlyMyVoice has her answer the person's own voice alone, or everybody; nil leaves it as it is.
	OnlyMyVoice *bool `json:"only_my_voice"`
}

// ClientReporter is implemented by lines that want to know about the client.
type ClientReporter interface {
	Client(ClientReport)
}

// Teller is what the mouths made here can say beside a call's events. An implementation of Calls finds it by asserting the
// mouth it is given: mouth.(realtime.Teller).
type Teller interface {
	// Notice tells the person something in plain words; the code is stable.
	Notice(code, message string)
	// MeetingMoved tells our page that the first meeting went on.
	MeetingMoved()
}

// callerKey is the context key of the Caller.
type callerKey struct{}

// WithCaller returns a context that carries who is calling. The handlers of this package refuse requests without one.
func WithCaller(ctx context.Context, who Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, who)
}

// CallerOf returns who is calling.
func CallerOf(ctx context.Context) (Caller, bool) {
	who, ok := ctx.Value(callerKey{}).(Caller)
	return who, ok
}

package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// ErrLost is wrapped by the error of a call whose child died before it answered.
var ErrLost = errors.New("the worker process was lost")

// ErrStopped is wrapped by the error of a call to a worker that is closed or no longer restarted.
var ErrStopped = errors.New("the worker is not running")

// Codes of a [Failure] that this package gives itself; handlers may use any others.
const (
	CodeCanceled      = "canceled"       // the call's context ended in the child
	CodeUnknownMethod = "unknown_method" // the child has no such handler
	CodeTooLong       = "too_long"       // an answer exceeded MaxLength
	CodeFailed        = "failed"         // any other error
)

// Failure is an error that crosses from the child to the parent with its code. A handler returns one to have the code
// arrive; any other error arrives as a Failure with CodeFailed. Message must hold no words of a person: it may be logged.
type Failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *Failure) Error() string { return f.Message }

// Is lets errors.Is(err, context.Canceled) hold for a call that was cancelled on the child's side.
func (f *Failure) Is(target error) bool {
	return f.Code == CodeCanceled && target == context.Canceled
}

// failureOf is what of a handler's error crosses to the parent.
func failureOf(err error) *Failure {
	var failure *Failure
	switch {
	case errors.As(err, &failure):
		return failure
	case errors.Is(err, context.Canceled):
		return &Failure{Code: CodeCanceled, Message: err.Error()}
	case errors.Is(err, ErrTooLong):
		return &Failure{Code: CodeTooLong, Message: err.Error()}
	default:
		return &Failure{Code: CodeFailed, Message: err.Error()}
	}
}

func encodeFailure(failure *Failure) json.RawMessage {
	const longest = 4 << 10
	short := *failure
	short.Message = short.Message[:min(len(short.Message), longest)]
	short.Code = short.Code[:min(len(short.Code), maxMethod)]
	encoded, err := json.Marshal(short)
	if err != nil { // two strings always marshal
		return json.RawMessage(`{"code":"failed","message":"unprintable"}`)
	}
	return encoded
}

func decodeFailure(meta json.RawMessage) error {
	failure := new(Failure)
	if err := json.Unmarshal(meta, failure); err != nil {
		return fmt.Errorf("%w: failure that can't be read: %w", ErrProtocol, err)
	}
	return failure
}

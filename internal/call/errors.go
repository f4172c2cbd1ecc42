package call

import "errors"

// MaxTypedBytes bounds one typed message.
const MaxTypedBytes = 400_000

// MaxOutputBytes bounds what comes of one call of a tool.
const MaxOutputBytes = 64 << 10

// Errors of Line.
var (
	// ErrBusy means that an answer is already in the making.
	ErrBusy = errors.New("an answer is already being made")
	// ErrEmpty means that there is no audio to commit.
	ErrEmpty = errors.New("no audio was heard since the last commit")
	// ErrUnknownItem means that no item has this ID.
	ErrUnknownItem = errors.New("no such conversation item")
	// ErrBeyondItem means that the position lies after the end of the item's audio.
	ErrBeyondItem = errors.New("the position is beyond the audio of the item")
	// ErrUnknownCall means that she waits for no call of a tool with this ID.
	ErrUnknownCall = errors.New("no such call of a tool is waiting for its output")
	// ErrEnded means that the call is over.
	ErrEnded = errors.New("the call has ended")
	// ErrTooLong means that a typed message is over MaxTypedBytes, or what came of a call over MaxOutputBytes.
	ErrTooLong = errors.New("the message is too long")
)

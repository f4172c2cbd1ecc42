package call

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"time"
)

// ErrTrace means that a trace can't be read.
var ErrTrace = errors.New("not a readable trace")

// maxTraceLine bounds one line of a trace, in bytes.
const maxTraceLine = 4 << 20

// Difference is a step of a trace at which the machine of today wants something else than the one that was recorded.
type Difference struct {
	// Line is the line in the trace, from 1; At the real time since the call began.
	Line int
	At   time.Duration
	// Input names the input's type; Recorded and Now are the two lists of intents.
	Input         string
	Recorded, Now []Intent
}

// Replayed is the outcome of replaying a trace.
type Replayed struct {
	Steps       int
	Intents     int
	Duration    time.Duration
	Reasons     map[Reason]int
	Differences []Difference
}

// Replay runs a recorded trace through the machine, under the recorded rules, and compares what it wants with what it
// wanted then. Each step is shown to visit, which may be nil.
func Replay(trace io.Reader, visit func(at time.Duration, input Input, intents []Intent)) (Replayed, error) {
	lines := bufio.NewScanner(trace)
	lines.Buffer(make([]byte, 0, 64<<10), maxTraceLine)
	result := Replayed{Reasons: map[Reason]int{}}
	if !lines.Scan() {
		return result, errors.Join(fmt.Errorf("%w: it is empty", ErrTrace), lines.Err())
	}
	var header traceHeader
	if err := json.Unmarshal(lines.Bytes(), &header); err != nil {
		return result, fmt.Errorf("%w: line 1: %w", ErrTrace, err)
	}
	if header.Version != TraceVersion {
		return result, fmt.Errorf("%w: version %d, this program reads version %d", ErrTrace, header.Version, TraceVersion)
	}
	machine := NewMachine(header.Rules)
	for number := 2; lines.Scan(); number++ {
		var step traceStep
		if err := json.Unmarshal(lines.Bytes(), &step); err != nil {
			return result, fmt.Errorf("%w: line %d: %w", ErrTrace, number, err)
		}
		input, err := readInput(step.Type, step.Input)
		if err != nil {
			return result, fmt.Errorf("%w: line %d: %w", ErrTrace, number, err)
		}
		at := time.Duration(step.At) * time.Microsecond
		intents := machine.Step(at, input)
		result.Steps++
		result.Intents += len(intents)
		result.Duration = at
		for _, intent := range intents {
			result.Reasons[intent.Reason]++
		}
		if visit != nil {
			visit(at, input, intents)
		}
		if !slices.Equal(intents, step.Intents) {
			result.Differences = append(result.Differences, Difference{
				Line: number, At: at, Input: step.Type, Recorded: step.Intents, Now: slices.Clone(intents),
			})
		}
	}
	if err := lines.Err(); err != nil {
		return result, fmt.Errorf("%w: %w", ErrTrace, err)
	}
	return result, nil
}

// readInput makes the input of a type's name.
func readInput(name string, data []byte) (Input, error) {
	known := []Input{
		Frame{}, Words{}, TurnEnd{}, Finished{}, Overheard{}, Compared{}, VoiceLearnt{}, CantHold{}, DraftBegun{}, Foreseen{}, ClauseReady{}, DraftFailed{}, Spoken{}, Typed{}, CommitAudio{},
		ClearAudio{}, RespondNow{}, CancelResponse{}, HardStop{}, Truncated{}, Opening{}, Acquainted{}, Configured{}, Tick{},
	}
	for _, input := range known {
		if inputName(input) != name {
			continue
		}
		value := reflect.New(reflect.TypeOf(input))
		if err := json.Unmarshal(data, value.Interface()); err != nil {
			return nil, fmt.Errorf("read an input %q: %w", name, err)
		}
		return value.Elem().Interface().(Input), nil
	}
	return nil, fmt.Errorf("no input is called %q", name)
}

package speech

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"twombly/internal/native/worker"
)

// Methods of the worker.
const (
	methodOpen       = "open"
	methodActivity   = "activity"
	methodTurnEnd    = "turn_end"
	methodTranscribe = "transcribe"
	methodSynthesize = "synthesize"
	methodVoices     = "voices"
	methodVoicePrint = "voice_print"
)

// What crosses to the worker and back beside samples, which travel as a message's blob.
type (
	// probabilityAnswer answers activity and turn_end. For activity, request and answer carry the stream's state as
	// samples: the recurrent numbers, the context, and in the request the frame.
	probabilityAnswer struct {
		Probability float32 `json:"probability"`
	}
	transcriptAnswer struct {
		Text    string        `json:"text"`
		Sure    float32       `json:"sure,omitempty"`
		Audio   time.Duration `json:"audio_ns"`
		Compute time.Duration `json:"compute_ns"`
	}
	synthesizeRequest struct {
		Text  string `json:"text"`
		Voice Voice  `json:"voice"`
		First bool   `json:"first,omitempty"`
	}
	utteranceAnswer struct {
		Words   []WordTime    `json:"words"`
		Compute time.Duration `json:"compute_ns"`
		// Early says that the net of one thread is not loaded yet, so that whatever is spoken takes all cores.
		Early bool `json:"early,omitempty"`
	}
)

// message encodes what travels.
func message(meta any, samples []float32) (worker.Message, error) {
	encoded, err := json.Marshal(meta)
	if err != nil {
		return worker.Message{}, fmt.Errorf("encode for the speech worker: %w", err)
	}
	out := worker.Message{Meta: encoded}
	if len(samples) > 0 {
		out.Blob = worker.FloatBlob(samples)
	}
	return out, nil
}

// decoded reads what came.
func decoded[T any](from worker.Message) (T, error) {
	var out T
	if err := json.Unmarshal(from.Meta, &out); err != nil {
		return out, fmt.Errorf("decode from the speech worker: %w", err)
	}
	return out, nil
}

// Codes by which the package's own errors cross.
var failureCodes = map[string]error{
	"speech_too_long": ErrTooLong,
	"speech_audio":    ErrAudio,
	"speech_voice":    ErrVoice,
	"speech_speakers": ErrNoSpeakers,
}

// sent turns an error of the engine into one that crosses with its code.
func sent(err error) error {
	for code, known := range failureCodes {
		if errors.Is(err, known) {
			return &worker.Failure{Code: code, Message: err.Error()}
		}
	}
	return err
}

// received turns the error of a call into one of this package.
func received(err error) error {
	var failure *worker.Failure
	switch {
	case err == nil:
		return nil
	case errors.As(err, &failure) && failureCodes[failure.Code] != nil:
		return &crossed{message: failure.Message, kind: failureCodes[failure.Code]}
	case errors.Is(err, worker.ErrLost), errors.Is(err, worker.ErrStopped):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}

// crossed is an error of the engine that came from the worker: its text, which names its kind already, and the kind.
type crossed struct {
	message string
	kind    error
}

func (c *crossed) Error() string { return c.message }
func (c *crossed) Unwrap() error { return c.kind }

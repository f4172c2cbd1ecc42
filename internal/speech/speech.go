// Package speech turns sound into words and words into sound.
//
// It holds four small contracts, each over one neural net that runs on a plain CPU:
//
//   - voice activity detection (Silero): is somebody speaking in this 32 ms frame?
//   - turn detection (Smart Turn v3.2): did the person finish, or only pause?
//   - recognition (Moonshine tiny): which words were said?
//   - synthesis (Kokoro-82M): how does a clause sound, and when does each of its words begin and end?
//
// [Engine] is all four together. There are two implementations, held to the same promises by one conformance suite
// (package speechtest): [Local] loads the nets into this process, and [Client] talks to a worker process that does,
// so that a crash of native code is an error here and not the end of the program.
//
// Audio is always mono float32 in [-1, 1]; the rate is part of each contract: 16,000 Hz towards the ears, 24,000 Hz
// from the voice.
package speech

import (
	"context"
	"time"
)

// Rates of the two directions, in Hz.
const (
	// HearingRate is the sample rate of everything that is listened to.
	HearingRate = 16000
	// VoiceRate is the sample rate of everything that is spoken.
	VoiceRate = 24000
	// FrameSamples is the length of one voice activity frame at HearingRate: 512 samples, 32 ms.
	FrameSamples = 512
)

// VoiceActivityState is the memory of one audio stream between frames: the net's recurrent state and the last 64
// samples as context. The zero value is the start of a stream. It travels with each request, so that any engine, also
// one that was just restarted, can go on with it.
type VoiceActivityState struct {
	Recurrent [256]float32
	Context   [64]float32
}

// Transcript is what was recognised in one piece of audio.
type Transcript struct {
	// Text is the recognised text with case and punctuation, trimmed; empty when nothing was said.
	Text string
	// Confidence is how sure the recogniser is of the text, from 0 to 1: the geometric mean of the probabilities of its tokens and of its end. 0
	// is not known.
	Confidence float32
	// AudioDuration is the length of the audio that was recognised.
	AudioDuration time.Duration
	// Compute is the time that the recognition took inside the engine.
	Compute time.Duration
}

// Voice is a blend of named voices. The zero value asks for the engine's default.
type Voice struct {
	// Blend maps voice names ("af_heart") to their weights, which are normalised to a sum of 1.
	Blend map[string]float32 `json:"blend,omitempty"`
	// Speed is the rate of speech, 1 being the voice's own; 0 means the default (0.92). Sensible from 0.6 to 1.5.
	Speed float32 `json:"speed,omitempty"`
}

// SynthesisRequest asks for one clause to be spoken.
type SynthesisRequest struct {
	// Text is plain text in the language of the voice: words, numbers, dates; no Markdown. It is normalised (numbers
	// and the like become words) inside the engine.
	Text string
	// Phonemes, when not empty, is said in place of Text: words of Kokoro's phonemes, with spaces between, for sounds that no
	// spelling gives ("mhˈm"). Text still says what was said.
	Phonemes string
	// Voice is who speaks and how fast.
	Voice Voice
	// First is true for the first clause of a reply, which somebody waits for: it may use all cores.
	First bool
	// NoWait asks for an error that wraps ErrUnavailable at once, instead of a wait, while the engine is being started again:
	// who waits anyway may rather hear less sooner.
	NoWait bool
}

// WordTime says when one word of a clause sounds.
type WordTime struct {
	// Start and End are byte offsets of the word in SynthesisRequest.Text.
	Start, End int
	// From and To are sample offsets at VoiceRate in Utterance.Samples.
	From, To int
}

// Utterance is one spoken clause, trimmed of the silence the net pads it with.
type Utterance struct {
	// Samples is mono audio at VoiceRate.
	Samples []float32
	// Words are in order; every word of the text is there exactly once.
	Words []WordTime
	// Compute is the time that the synthesis took inside the engine.
	Compute time.Duration
}

// Duration is the length of the utterance.
func (u Utterance) Duration() time.Duration {
	return time.Duration(len(u.Samples)) * time.Second / VoiceRate
}

// VoiceInfo describes one voice that can be chosen or blended.
type VoiceInfo struct {
	// Name is the identifier, as in "af_heart".
	Name string `json:"name"`
	// Language is a BCP 47 tag, as in "en-US".
	Language string `json:"language"`
	// Gender is "female" or "male", as the voice's publisher names it.
	Gender string `json:"gender"`
}

// Engine is the whole of speech. All methods are safe for concurrent use; a cancelled context ends a call soon with
// the context's error. Audio passed in is not kept after the call returns.
type Engine interface {
	// VoiceActivity returns the probability that the frame of FrameSamples samples at HearingRate holds speech, and
	// advances the stream's state.
	VoiceActivity(ctx context.Context, state *VoiceActivityState, frame []float32) (float32, error)
	// TurnEnd returns the probability that the speaker of the samples (HearingRate; only the last 8 s count) has
	// finished the turn.
	TurnEnd(ctx context.Context, samples []float32) (float32, error)
	// Transcribe recognises the samples (HearingRate, at most 30 s; callers slide a window over longer audio).
	Transcribe(ctx context.Context, samples []float32) (Transcript, error)
	// Synthesize speaks one clause.
	Synthesize(ctx context.Context, request SynthesisRequest) (Utterance, error)
	// Voices lists the voices this engine can speak with, default first.
	Voices(ctx context.Context) ([]VoiceInfo, error)
}

package speech

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"twombly/internal/native/onnx"
)

// Errors that callers may want to tell apart.
var (
	// ErrUnavailable is wrapped by every error that says the engine is not there at the moment: its worker died or is
	// being started again. The next call may work.
	ErrUnavailable = errors.New("speech is unavailable")
	// ErrTooLong is wrapped by the error for audio or text that is longer than one call takes.
	ErrTooLong = errors.New("too long")
	// ErrAudio is wrapped by the error for audio that is none: a frame of the wrong length, a sample that is no number.
	ErrAudio = errors.New("not audio")
)

// Options says where the nets lie and how they run. All paths are files or folders that were fetched and verified.
type Options struct {
	// Library is ONNX Runtime's shared library.
	Library string
	// VoiceActivity is Silero, TurnEnd Smart Turn.
	VoiceActivity, TurnEnd string
	// Encoder, Decoder and Tokenizer are Moonshine's three files.
	Encoder, Decoder, Tokenizer string
	// Speakers is the net that tells voices apart; empty where it is not there, and then VoicePrint says so.
	Speakers string
	// Synthesis is Kokoro, Vocabulary its vocab.json, Voices the folder of its styles.
	Synthesis, Vocabulary, Voices string
	// English is the folder of the lexicons and the letter-to-sound net.
	English string
	// Prepared is a folder that may be written to, in which the synthesiser is kept as it is loaded (100 MB), so that the
	// next time is faster; empty for none.
	Prepared string
	// Voice is the voice of requests that name none; what it leaves open is DefaultVoice.
	Voice Voice
	// Threads speak a first clause; everything else has one. 0 means one a core, at most 4.
	Threads int
	// Early is for a voice that is missed in the middle of a sentence: OpenLocal returns as soon as all can be done, and
	// what makes it fast is loaded when nothing was spoken for a second.
	Early bool
}

// OptionsIn returns the options for the models' cache folder, in which each model has a folder of its own.
func OptionsIn(cache string) Options {
	in := func(parts ...string) string { return filepath.Join(append([]string{cache}, parts...)...) }
	return Options{
		Library:       in("onnxruntime", "libonnxruntime.so"),
		VoiceActivity: in("silero-vad", "silero_vad.onnx"),
		TurnEnd:       in("smart-turn", "smart-turn-v3.2-cpu.onnx"),
		Encoder:       in("moonshine-tiny-en", "encoder_model.ort"),
		Decoder:       in("moonshine-tiny-en", "decoder_model_merged.ort"),
		Tokenizer:     in("moonshine-tiny-en", "tokenizer.bin"),
		Synthesis:     in("kokoro", "kokoro-v1.0-int8.onnx"),
		Vocabulary:    in("kokoro", "vocab.json"),
		Voices:        in("kokoro", "voices"),
		English:       in("english-phonemes"),
		Prepared:      in("prepared"),
	}
}

// threadsOf is how many threads speak a first clause.
func threadsOf(options Options) int {
	if options.Threads > 0 {
		return options.Threads
	}
	return min(4, runtime.NumCPU())
}

// Local is the Engine whose nets are loaded into this process.
type Local struct {
	library    *onnx.Library
	activity   *silero
	turn       *smartTurn
	recogniser *moonshine
	synthesis  *kokoro
	speakers   *speakers // nil without its model
	speller    speller
	voices     *voices
	leveler    *leveler

	speaking atomic.Int32  // how many clauses are being spoken
	spoke    chan struct{} // gets one when something was spoken
	closing  chan struct{} // closed when nothing more needs to be loaded
	finished chan struct{} // closed when nothing is being loaded any more
	late     error         // why what was loaded late could not be; read after finished
}

var _ Engine = (*Local)(nil)

// OpenLocal loads all nets and runs each once, so that the first call is as fast as the later ones. It takes about two
// seconds on two cores and 560 MB of memory.
func OpenLocal(ctx context.Context, options Options) (*Local, error) {
	l := &Local{
		leveler: newLeveler(), spoke: make(chan struct{}, 1), closing: make(chan struct{}), finished: make(chan struct{}),
	}
	complete, err := l.load(options)
	if err != nil {
		close(l.finished)
		l.Close()
		return nil, err
	}
	if options.Early {
		go func() {
			if l.waitForRest() {
				l.finish(context.WithoutCancel(ctx), complete)
			} else {
				close(l.finished)
			}
		}()
		return l, nil
	}
	if l.finish(ctx, complete); l.late != nil {
		l.Close()
		return nil, l.late
	}
	return l, nil
}

// What was left for later waits until nothing was spoken for lateAfter, for latest at most.
const (
	lateAfter = time.Second
	latest    = 30 * time.Second
)

// waitForRest waits until the clauses that are missed have been spoken: all cores are theirs, until she is ahead again.
// It is false when the engine is closed first.
func (l *Local) waitForRest() bool {
	end := time.After(latest)
	timer := time.NewTimer(lateAfter)
	defer timer.Stop()
	for {
		select {
		case <-l.spoke:
			timer.Reset(lateAfter)
		case <-timer.C:
			if l.speaking.Load() == 0 {
				return true
			}
			timer.Reset(lateAfter)
		case <-end:
			return true
		case <-l.closing:
			return false
		}
	}
}

// load loads everything that is needed; the function that it returns loads what makes it fast, as far as that was left.
// A worker that was lost is missed at once, so everything that can is loaded at the same time.
func (l *Local) load(options Options) (complete func() error, err error) {
	if l.library, err = onnx.Open(options.Library); err != nil {
		return nil, err
	}
	var loading errgroup.Group
	loading.Go(func() (err error) {
		graph, err := openGraph(l.library, options.Library, options.Synthesis, options.Prepared)
		if err != nil {
			return err
		}
		l.synthesis, complete, err = openKokoro(graph, options.Vocabulary, threadsOf(options), options.Early)
		return err
	})
	loading.Go(func() (err error) {
		l.speller, err = openEnglish(options.English)
		return err
	})
	loading.Go(func() (err error) {
		if l.activity, err = openSilero(l.library, options.VoiceActivity); err != nil {
			return err
		}
		if l.turn, err = openSmartTurn(l.library, options.TurnEnd); err != nil {
			return err
		}
		if l.recogniser, err = openMoonshine(l.library, options.Encoder, options.Decoder, options.Tokenizer); err != nil {
			return err
		}
		if options.Speakers != "" {
			if l.speakers, err = openSpeakers(l.library, options.Speakers); err != nil {
				return err
			}
		}
		l.voices, err = openVoices(options.Voices, options.Voice)
		return err
	})
	err = loading.Wait() // before complete is read
	return complete, err
}

// finish loads what was left and runs every net once.
func (l *Local) finish(ctx context.Context, complete func() error) {
	defer close(l.finished)
	if l.late = complete(); l.late != nil {
		return
	}
	if err := l.warm(ctx); err != nil {
		l.late = fmt.Errorf("run the speech nets for the first time: %w", err)
	}
	debug.FreeOSMemory() // the models' bytes, read and edited, are garbage now: some hundred megabytes
}

// early says whether what an early opening left for later is still to be loaded.
func (l *Local) early() bool {
	select {
	case <-l.finished:
		return false
	default:
		return true
	}
}

// Finish waits until all is loaded and has run once, also what an early opening left for later, and returns why some of
// it could not be: then the engine works, and is slow.
func (l *Local) Finish() error {
	<-l.finished
	return l.late
}

// warm runs every net once. The first run allocates memory and packs weights. What the default voice says here also
// tells the leveler how loud it is.
func (l *Local) warm(ctx context.Context) error {
	sound := make([]float32, 2*HearingRate)
	for i := range sound {
		sound[i] = 0.1 * float32(math.Sin(float64(i)*0.05))
	}
	warming, ctx := errgroup.WithContext(ctx)
	warming.Go(func() error {
		_, err := l.Synthesize(ctx, SynthesisRequest{Text: "Good morning, I am here.", First: true})
		return err
	})
	warming.Go(func() error {
		if _, err := l.Synthesize(ctx, SynthesisRequest{Text: "Good morning."}); err != nil {
			return err
		}
		var state VoiceActivityState
		if _, err := l.VoiceActivity(ctx, &state, sound[:FrameSamples]); err != nil {
			return err
		}
		if _, err := l.TurnEnd(ctx, sound); err != nil {
			return err
		}
		_, err := l.Transcribe(ctx, sound)
		return err
	})
	return warming.Wait()
}

// Close waits for calls that go on and releases the nets. Later calls fail.
func (l *Local) Close() {
	close(l.closing)
	<-l.finished
	if l.activity != nil {
		l.activity.close()
	}
	if l.turn != nil {
		l.turn.close()
	}
	if l.recogniser != nil {
		l.recogniser.close()
	}
	if l.synthesis != nil {
		l.synthesis.close()
	}
	if l.speakers != nil {
		l.speakers.close()
	}
	if l.library != nil {
		l.library.Close()
	}
}

// VoiceActivity implements Engine.
func (l *Local) VoiceActivity(ctx context.Context, state *VoiceActivityState, frame []float32) (float32, error) {
	if len(frame) != FrameSamples {
		return 0, fmt.Errorf("voice activity: %w: a frame has %d samples, not %d", ErrAudio, FrameSamples, len(frame))
	}
	if _, err := level(frame); err != nil {
		return 0, fmt.Errorf("voice activity: %w", err)
	}
	probability, err := l.activity.activity(ctx, state, frame)
	if err != nil {
		return 0, fmt.Errorf("voice activity: %w", err)
	}
	return probability, nil
}

// TurnEnd implements Engine.
func (l *Local) TurnEnd(ctx context.Context, samples []float32) (float32, error) {
	samples = samples[max(0, len(samples)-turnSamples):]
	if _, err := level(samples); err != nil {
		return 0, fmt.Errorf("turn detection: %w", err)
	}
	probability, err := l.turn.end(ctx, samples)
	if err != nil {
		return 0, fmt.Errorf("turn detection: %w", err)
	}
	return probability, nil
}

// silent is the level (root mean square) under which nobody speaks: -66 dBFS. The recogniser invents words there.
const silent = 0.0005

// Transcribe implements Engine. Silence and audio of less than 50 ms have the empty text.
func (l *Local) Transcribe(ctx context.Context, samples []float32) (Transcript, error) {
	started := time.Now()
	transcript := Transcript{AudioDuration: durationOf(samples)}
	if err := checkLength(samples); err != nil {
		return Transcript{}, err
	}
	loudness, err := level(samples)
	if err != nil {
		return Transcript{}, fmt.Errorf("recognition: %w", err)
	}
	if loudness > silent && len(samples) >= HearingRate/20 {
		if transcript.Text, transcript.Confidence, err = l.recogniser.transcribe(ctx, samples); err != nil {
			return Transcript{}, fmt.Errorf("recognition: %w", err)
		}
	}
	transcript.Compute = time.Since(started)
	return transcript, ctx.Err()
}

func durationOf(samples []float32) time.Duration {
	return time.Duration(len(samples)) * time.Second / HearingRate
}

// checkLength refuses audio that is too long to be recognised at once.
func checkLength(samples []float32) error {
	if duration := durationOf(samples); duration > maxTranscribe {
		return fmt.Errorf("recognition: %w: %v of audio, at most %v at once", ErrTooLong, duration, maxTranscribe)
	}
	return nil
}

// level is the root mean square of the loudest 100 ms.
func level(samples []float32) (float64, error) {
	const piece = HearingRate / 10
	var loudest float64
	for at := 0; at < len(samples); at += piece {
		part := samples[at:min(len(samples), at+piece)]
		var sum float64
		for _, x := range part {
			sum += float64(x) * float64(x)
		}
		if math.IsNaN(sum) || math.IsInf(sum, 0) {
			return 0, fmt.Errorf("%w: a sample is no number", ErrAudio)
		}
		loudest = max(loudest, sum/float64(len(part)))
	}
	return math.Sqrt(loudest), nil
}

// mostText is how many bytes of text are spoken at once: a clause has less than a tenth of it.
const mostText = 4000

// checkText refuses text that is too long to be spoken at once.
func checkText(text string) error {
	if len(text) > mostText {
		return fmt.Errorf("synthesis: %w: %d bytes of text, at most %d at once", ErrTooLong, len(text), mostText)
	}
	return nil
}

// Synthesize implements Engine. Text without a word in it is an utterance without samples.
func (l *Local) Synthesize(ctx context.Context, request SynthesisRequest) (Utterance, error) {
	started := time.Now()
	if err := checkText(request.Text); err != nil {
		return Utterance{}, err
	}
	voice, err := l.voices.resolve(request.Voice)
	if err != nil {
		return Utterance{}, fmt.Errorf("synthesis: %w", err)
	}
	words, after, err := l.spell(request)
	if err != nil {
		return Utterance{}, fmt.Errorf("synthesis: %w", err)
	}
	l.speaking.Add(1)
	utterance, err := l.synthesis.synthesize(ctx, words, after, voice, request.First)
	l.speaking.Add(-1)
	if err != nil {
		return Utterance{}, fmt.Errorf("synthesis: %w", err)
	}
	select {
	case l.spoke <- struct{}{}:
	default:
	}
	amplify(utterance.Samples, l.leveler.gain(voice.key, utterance.Samples))
	utterance.Compute = time.Since(started)
	return utterance, ctx.Err()
}

// spell is what a request asks to be said.
func (l *Local) spell(request SynthesisRequest) (words []spelledWord, after string, err error) {
	if request.Phonemes == "" {
		return l.speller.spell(request.Text)
	}
	before := ""
	for word := range strings.FieldsSeq(request.Phonemes) {
		words = append(words, spelledWord{start: 0, end: len(request.Text), before: before, phonemes: word})
		before = " "
	}
	return words, "", nil
}

// Voices implements Engine.
func (l *Local) Voices(context.Context) ([]VoiceInfo, error) { return l.voices.list(), nil }

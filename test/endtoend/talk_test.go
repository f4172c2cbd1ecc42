package endtoend

import (
	"context"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/audio/opus"
	"twombly/internal/native/nativetest"
	"twombly/internal/realtime/client"
	"twombly/internal/speech"
	"twombly/internal/speech/wer"
)

var loadOpus = sync.OnceValues(func() (*opus.Library, error) { return opus.Load(os.Getenv("TWOMBLY_OPUS")) })

func libopus(t testing.TB) *opus.Library {
	t.Helper()
	library, err := loadOpus()
	if err != nil {
		if os.Getenv(nativetest.RequireVariable) == "1" {
			t.Fatal(err)
		}
		t.Skipf("%v (Debian's package is libopus0; TWOMBLY_OPUS names a file)", err)
	}
	return library
}

// talk is a conversation with the real program, with all that was heard of it.
type talk struct {
	*client.Client
	lock   sync.Mutex
	sounds []client.Sound
	heard  chan struct{} // closed and replaced with every sound
}

// transport names a way to talk.
type transport string

const (
	overWebRTC    transport = "WebRTC"
	overWebSocket transport = "WebSocket"
)

// call begins a conversation as a program does, with a token.
func (s *server) call(t testing.TB, over transport) *talk {
	t.Helper()
	return s.callWith(t, over, client.Options{Token: s.token, ReportPlayback: true})
}

// write begins a conversation without sound.
func (s *server) write(t testing.TB) *talk {
	t.Helper()
	return s.callWith(t, overWebSocket, client.Options{
		Token: s.token, Silent: true, Session: map[string]any{"type": "realtime", "output_modalities": []string{"text"}},
	})
}

func (s *server) callWith(t testing.TB, over transport, options client.Options) *talk {
	t.Helper()
	k := &talk{heard: make(chan struct{})}
	options.URL = s.address
	options.OnSound = k.hear
	dial := client.DialWebSocket
	if over == overWebRTC {
		options.Opus = libopus(t)
		dial = client.DialWebRTC
	}
	ctx := within(t, time.Minute)
	dialled, err := dial(ctx, options)
	if err != nil {
		t.Fatal(err)
	}
	k.Client = dialled
	t.Cleanup(func() {
		if err := k.Close(); err != nil {
			t.Errorf("hang up: %v", err)
		}
	})
	return k
}

func (k *talk) hear(sound client.Sound) {
	sound.Samples = append([]float32(nil), sound.Samples...)
	k.lock.Lock()
	defer k.lock.Unlock()
	k.sounds = append(k.sounds, sound)
	close(k.heard)
	k.heard = make(chan struct{})
}

// await waits for an event after a place, and fails the test without one.
func (k *talk) await(t testing.TB, ctx context.Context, from int, what string, matches func(client.Event) bool) (client.Event, int) {
	t.Helper()
	event, next, err := k.Await(ctx, from, matches)
	if err != nil {
		var seen []string
		for _, e := range k.Events(from) {
			seen = append(seen, e.Type)
		}
		t.Fatalf("waiting for %s: %v; what came instead: %s", what, err, strings.Join(seen, " "))
	}
	return event, next
}

// reply is one answer of hers.
type reply struct {
	item, words, status string
	next                int // the place after its end in the events
}

// answer waits for the next complete answer.
func (k *talk) answer(t testing.TB, ctx context.Context, from int) reply {
	t.Helper()
	event, next := k.await(t, ctx, from, "an answer", client.OfType("response.done"))
	var fields struct {
		Response struct {
			Status string
			Output []struct {
				ID      string
				Content []struct{ Text, Transcript string }
			}
		}
	}
	if err := event.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	done := reply{status: fields.Response.Status, next: next}
	for _, output := range fields.Response.Output {
		done.item = output.ID
		for _, content := range output.Content {
			done.words += content.Text + content.Transcript
		}
	}
	return done
}

// typed sends a message and waits for its answer.
func (k *talk) typed(t testing.TB, ctx context.Context, text string) reply {
	t.Helper()
	from := k.Count()
	if err := k.Type(ctx, text); err != nil {
		t.Fatal(err)
	}
	return k.answer(t, ctx, from)
}

// say speaks a clip, followed by silence, and returns what was understood of it.
func (k *talk) say(t testing.TB, ctx context.Context, samples []float32, rate int) (words string, from int) {
	t.Helper()
	from = k.Count()
	if _, err := k.Speak(ctx, samples, rate); err != nil {
		t.Fatal(err)
	}
	event, _ := k.await(t, ctx, from, "the words of what was said", client.OfType("conversation.item.input_audio_transcription.completed"))
	var fields struct{ Transcript string }
	if err := event.Decode(&fields); err != nil {
		t.Fatal(err)
	}
	return fields.Transcript, from
}

// audible is the level above which a piece of sound is taken to be heard, in RMS of full scale (-50 dBFS).
const audible = 0.00316

// audibleSince returns when the first audible sound after a time came, waiting for it.
func (k *talk) audibleSince(t testing.TB, ctx context.Context, since time.Time) time.Time {
	t.Helper()
	for {
		k.lock.Lock()
		changed := k.heard
		for _, sound := range k.sounds {
			if sound.At.After(since) && rms(sound.Samples) >= audible {
				k.lock.Unlock()
				return sound.At
			}
		}
		k.lock.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			t.Fatalf("nothing was heard within the patience: %v", ctx.Err())
		case <-k.Done():
			t.Fatalf("the call ended: %v", k.Err())
		}
	}
}

// gaps returns the silences between audible sounds from one time to another that are longer than a limit.
func (k *talk) gaps(from, to time.Time, limit time.Duration) (gaps []gap) {
	k.lock.Lock()
	defer k.lock.Unlock()
	last := from
	for _, sound := range k.sounds {
		if sound.At.Before(from) || sound.At.After(to) || rms(sound.Samples) < audible {
			continue
		}
		if sound.At.Sub(last) > limit {
			gaps = append(gaps, gap{last, sound.At})
		}
		last = sound.At.Add(time.Duration(len(sound.Samples)) * time.Second / client.VoiceRate)
	}
	return gaps
}

type gap struct{ from, to time.Time }

func rms(samples []float32) float64 {
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return math.Sqrt(sum / float64(max(1, len(samples))))
}

// voiceOf is all that was heard of one reply, without the opener, which is no word.
func (k *talk) voiceOf(item string) (samples []float32) {
	skip := 0
	for _, event := range k.Events(0) {
		var caption struct {
			Item     string  `json:"item_id"`
			Text     string  `json:"text"`
			Duration float64 `json:"duration_ms"`
		}
		if event.Type == "twombly.caption" && event.Decode(&caption) == nil && caption.Item == item && caption.Text == "" {
			skip += int(caption.Duration * client.VoiceRate / 1000)
		}
	}
	defer func() { samples = samples[min(skip, len(samples)):] }()
	k.lock.Lock()
	defer k.lock.Unlock()
	for _, sound := range k.sounds {
		if sound.Item == item {
			samples = append(samples, sound.Samples...)
		}
	}
	return samples
}

// understand transcribes sound of any length, window by window, cut where it is quietest.
func understand(t testing.TB, samples []float32, rate int) string {
	t.Helper()
	heard, err := audio.Resample(samples, rate, speech.HearingRate)
	if err != nil {
		t.Fatal(err)
	}
	heard = withoutSilence(heard)
	var words []string
	const window, search = 12 * speech.HearingRate, 5 * speech.HearingRate
	for len(heard) > 0 {
		end := len(heard)
		if end > window {
			end = quietest(heard[window-search:window]) + window - search
		}
		if part := heard[:end]; rms(part) > audible/4 {
			transcript, err := listener(t).Transcribe(t.Context(), part)
			if err != nil {
				t.Fatal(err)
			}
			words = append(words, transcript.Text)
		}
		heard = heard[end:]
	}
	return strings.Join(words, " ")
}

// withoutSilence leaves out the silence at both ends but for a third of a second: the recogniser is made for what a voice
// activity detector cuts out, and may hear nothing at all in two seconds of speech among ten of silence.
func withoutSilence(samples []float32) []float32 {
	const piece, margin = speech.HearingRate / 10, speech.HearingRate / 3
	first, last := len(samples), 0
	for from := 0; from < len(samples); from += piece {
		end := min(len(samples), from+piece)
		if rms(samples[from:end]) > audible/2 {
			first, last = min(first, from), end
		}
	}
	return samples[max(0, min(first, last)-margin):min(len(samples), last+margin)]
}

// quietest is the middle of the quietest 200 ms.
func quietest(samples []float32) int {
	const piece = speech.HearingRate / 5
	best, at := math.Inf(1), 0
	for from := 0; from+piece <= len(samples); from += piece / 4 {
		if level := rms(samples[from : from+piece]); level < best {
			best, at = level, from+piece/2
		}
	}
	return at
}

// tally adds up word errors.
type tally struct {
	Errors int `json:"errors"`
	Words  int `json:"words"`
}

func (c *tally) add(t testing.TB, what, reference, hypothesis string) {
	t.Helper()
	errors, words := wer.WordErrorRate(reference, hypothesis)
	c.Errors, c.Words = c.Errors+errors, c.Words+words
	if errors > 0 {
		t.Logf("%s: %d of %d words wrong\n  %q\n  %q", what, errors, words, reference, hypothesis)
	}
}

func (c *tally) rate() float64 {
	if c.Words == 0 {
		return 1
	}
	return float64(c.Errors) / float64(c.Words)
}

// over says whether the rate is over a limit by more than one word: she may answer with one ("Done."), and one that is misheard ("Don.") says
// nothing about her voice.
func (c *tally) over(limit float64) bool { return c.Words == 0 || c.Errors > 1 && c.rate() > limit }

// spoken makes a person of these words: a voice that is not hers.
func spoken(t testing.TB, text string) []float32 {
	t.Helper()
	utterance, err := listener(t).Synthesize(t.Context(), speech.SynthesisRequest{
		Text: text, Voice: speech.Voice{Blend: map[string]float32{maleVoice(t): 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return utterance.Samples
}

// maleVoice is a voice among those that are there.
func maleVoice(t testing.TB) string {
	t.Helper()
	voices, err := listener(t).Voices(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(voices, func(v speech.VoiceInfo) bool { return v.Gender == "male" && v.Language == "en-US" })
	if i < 0 {
		t.Fatal("no male voice is here")
	}
	return voices[i].Name
}

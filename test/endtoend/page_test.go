package endtoend

import (
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"twombly/internal/audio"
	"twombly/internal/speech/speechtest"
)

// pageWordErrors is the rate of word errors that the acceptance line allows; over three short clips a single word is much,
// so that the short form allows twice as many.
func pageWordErrors() float64 {
	if long() {
		return 0.10
	}
	return 0.20
}

const clipRate = 48000

// microphoneFile writes a WAV in which each clip comes after 3 s of silence and leaves her time to answer.
func microphoneFile(t testing.TB, clips []speechtest.Clip, after time.Duration) (path string, lasts time.Duration) {
	t.Helper()
	silence := func(d time.Duration) []float32 { return make([]float32, int(d.Seconds()*clipRate)) }
	var all []float32
	for _, clip := range clips {
		samples, err := audio.Resample(clip.Samples, 16000, clipRate)
		if err != nil {
			t.Fatal(err)
		}
		all = append(append(append(all, silence(3*time.Second)...), samples...), silence(after)...)
	}
	path = filepath.Join(t.TempDir(), "microphone.wav")
	if err := audio.WriteWAVFile(path, audio.Clip{Rate: clipRate, Samples: all}); err != nil {
		t.Fatal(err)
	}
	return path, time.Duration(len(all)) * time.Second / clipRate
}

// TestPage is a newcomer's first conversation: by the owner's link into the page, past the introductions, one button, and
// people's voices into the microphone. What they said is on the page, and she is heard.
func TestPage(t *testing.T) {
	clips := speechtest.Clips(t)
	said := []speechtest.Clip{clips[0], clips[1], clips[4]}
	after := patience(14 * time.Second)
	if long() {
		said = nil
		for len(said) < 24 {
			said = append(said, clips...)
		}
		said, after = said[:24], patience(18*time.Second)
	}
	microphone, lasts := microphoneFile(t, said, after)
	s := start(t, t.TempDir()+"/data", "--voice-quiet") // an opener is no word, and would be transcribed as one
	b := newBrowser(t, microphone)
	comeIn(t, b, s)
	b.do(t, chromedp.Click(button("Talk with")))
	waitFor(t, b, "window.watch.tap()")

	person, hers := listenToPage(t, b, len(said), lasts+patience(20*time.Second))
	var understood tally
	var transcripts []string
	for _, clip := range said {
		transcripts = append(transcripts, clip.Transcript)
	}
	understood.add(t, "the person", strings.Join(transcripts, " "), strings.Join(person, " "))
	var voice tally
	for _, one := range hers {
		t.Logf("she: %q", one.caption)
		voice.add(t, "her voice", one.caption, one.heard)
	}
	t.Logf("the person: %d of %d words wrong; she: %d of %d words wrong in %d replies", understood.Errors, understood.Words,
		voice.Errors, voice.Words, len(hers))
	if understood.over(pageWordErrors()) || voice.over(pageWordErrors()) {
		t.Errorf("word errors: the person %.1f %%, her voice %.1f %%", 100*understood.rate(), 100*voice.rate())
	}
	if wanted := len(said) * 20 / 24; len(hers) < wanted {
		t.Errorf("%d replies were heard, fewer than %d", len(hers), wanted)
	}
	b.do(t, chromedp.Click(button("Hang up")))
	if faults := b.seen(); len(faults) > 0 {
		t.Errorf("the page has faults: %q", faults)
	}
	if foreign := b.strangers(s.address); len(foreign) > 0 {
		t.Errorf("the page asked elsewhere: %q", foreign)
	}
	keep(t, 3, 2, "chromium", map[string]any{
		"clips": len(said), "replies": len(hers), "person": understood, "person_wer": understood.rate(),
		"voice": voice, "voice_wer": voice.rate(), "console_errors": len(b.seen()),
	})
}

// comeIn comes into the page by the owner's link and past the introductions.
func comeIn(t *testing.T, b *browser, s *server) {
	t.Helper()
	link, err := s.control.OwnerLink(within(t, time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	b.do(t,
		chromedp.Navigate(s.address+"/#owner="+link.Secret),
		chromedp.Click(button("Come in")),
		chromedp.Click(button("Skip the introductions")),
		chromedp.WaitNotPresent(button("Skip the introductions")),
	)
	if address := value[string](t, b, "location.href"); strings.Contains(address, link.Secret) {
		t.Errorf("the secret is still in the address")
	}
}

// captioned is a reply as the page showed it and as it was heard.
type captioned struct{ caption, heard string }

// listenToPage notes what the page shows and plays until each clip was answered or the time is over.
func listenToPage(t *testing.T, b *browser, clips int, lasts time.Duration) (person []string, hers []captioned) {
	t.Helper()
	deadline := time.Now().Add(lasts)
	taken := 0
	for time.Now().Before(deadline) && (len(hers) < clips || len(person) < clips) {
		lines := value[[]string](t, b, "window.watch.lines()")
		if len(lines) == taken {
			time.Sleep(200 * time.Millisecond)
			continue
		}
		line := lines[taken]
		speaker, words, _ := strings.Cut(line, ": ")
		if speaker == "You" {
			person = append(person, words)
			taken++
			continue
		}
		time.Sleep(700 * time.Millisecond) // the browser still holds the end of it
		sound := value[struct {
			Rate    int
			Samples string
		}](t, b, "window.watch.take()")
		samples := pcm(t, sound.Samples)
		one := captioned{words, understand(t, samples, max(1, sound.Rate))}
		if one.heard == "" {
			t.Logf("nothing was understood in %d samples at %d Hz, level %.4f", len(samples), sound.Rate, rms(samples))
		}
		hers = append(hers, one)
		taken++
	}
	return person, hers
}

func pcm(t testing.TB, encoded string) []float32 {
	t.Helper()
	bytes, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	samples, err := audio.DecodePCM16(nil, bytes)
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

package duplex

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"twombly/internal/audio"
)

// Rate of all sounds, in Hz.
const Rate = 16000

// PersonLevel is the level of a person's voice at the microphone, in dBFS over what is voiced of it.
const PersonLevel = -26.0

// Speaker says words in a synthetic voice, as samples at Rate.
type Speaker func(ctx context.Context, sound Sound) ([]float32, error)

// Bank gives sounds. What a synthetic voice said is kept in Cache, a folder, so that the next run need not wait for it.
type Bank struct {
	Folder string
	Cache  string
	Speak  Speaker

	files map[string][]float32
}

// Rendered is an event as it meets the microphone.
type Rendered struct {
	// Samples at Rate, with 300 ms of silence after them.
	Samples []float32
	// Voiced are the stretches of voice, one a Sound, by audio.Voiced.
	Voiced []Stretch
}

// Stretch is a time after the beginning.
type Stretch struct {
	From time.Duration `json:"from"`
	To   time.Duration `json:"to"`
}

// Render makes an event's sound.
func (b *Bank) Render(ctx context.Context, event Event) (Rendered, error) {
	var r Rendered
	for _, sound := range event.Sounds {
		samples, err := b.sound(ctx, sound)
		if err != nil {
			return r, fmt.Errorf("the sound of %s: %w", event, err)
		}
		from, to, ok := audio.Voiced(samples, Rate)
		if !ok {
			return r, fmt.Errorf("the sound of %s holds no voice", event)
		}
		at := len(r.Samples)
		r.Voiced = append(r.Voiced, Stretch{From: length(at + from), To: length(at + to)})
		r.Samples = append(r.Samples, samples...)
		// The pause lies between voice and voice.
		r.Samples = append(r.Samples, make([]float32, int(sound.Pause*Rate))...)
	}
	r.Samples = append(r.Samples, make([]float32, 3*Rate/10)...)
	return r, nil
}

// Noise is a recording to be heard over and over, so many dB below a person's voice.
func (b *Bank) Noise(file string, snr float64) ([]float32, error) {
	samples, err := b.file(file)
	if err != nil {
		return nil, err
	}
	samples = slices.Clone(samples)
	amplify(samples, PersonLevel-snr-audio.Level(samples))
	return samples, nil
}

// sound is one sound at its level, trimmed to its voice.
func (b *Bank) sound(ctx context.Context, sound Sound) ([]float32, error) {
	var samples []float32
	var err error
	if sound.Voice != "" {
		samples, err = b.spoken(ctx, sound)
	} else {
		samples, err = b.file(sound.File)
	}
	if err != nil {
		return nil, err
	}
	from, to := int(sound.From*Rate), len(samples)
	if sound.To > 0 {
		to = min(to, int(sound.To*Rate))
	}
	if from >= to {
		return nil, fmt.Errorf("%s ends before %.2f s", sound.File, sound.From)
	}
	samples = slices.Clone(samples[from:to])
	if first, last, ok := audio.Voiced(samples, Rate); ok {
		around := int(aroundVoice) * Rate / int(time.Second)
		samples = samples[max(0, first-around):min(len(samples), last+around)]
	}
	amplify(samples, PersonLevel+sound.Gain-ActiveLevel(samples))
	fade := Rate / 200
	audio.FadeIn(samples, fade)
	audio.FadeOut(samples[max(0, len(samples)-fade):], fade)
	return samples, nil
}

// file reads a recording at Rate.
func (b *Bank) file(name string) ([]float32, error) {
	if samples, known := b.files[name]; known {
		return samples, nil
	}
	if !filepath.IsLocal(name) {
		return nil, fmt.Errorf("the recording %q lies outside its folder", name)
	}
	clip, err := audio.ReadWAVFile(filepath.Join(b.Folder, filepath.FromSlash(name)))
	if err != nil {
		return nil, err
	}
	if clip, err = clip.To(Rate); err != nil {
		return nil, err
	}
	if b.files == nil {
		b.files = map[string][]float32{}
	}
	b.files[name] = clip.Samples
	return clip.Samples, nil
}

// spoken has words said, once.
func (b *Bank) spoken(ctx context.Context, sound Sound) ([]float32, error) {
	words := Sound{Voice: sound.Voice, Text: sound.Text, Phonemes: sound.Phonemes}
	key, err := json.Marshal(words)
	if err != nil {
		return nil, fmt.Errorf("name a sound: %w", err)
	}
	hash := sha256.Sum256(key)
	path := filepath.Join(b.Cache, hex.EncodeToString(hash[:8])+".wav")
	clip, err := audio.ReadWAVFile(path)
	if err == nil {
		return clip.Samples, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	samples, err := b.Speak(ctx, words)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(b.Cache, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for sounds: %w", err)
	}
	return samples, audio.WriteWAVFile(path, audio.Clip{Rate: Rate, Samples: samples})
}

// ActiveLevel is the level of the louder half of a sound, in dBFS, which pauses do not lower.
func ActiveLevel(samples []float32) float64 {
	levels, _ := levelsOf(samples, Rate)
	if len(levels) == 0 {
		return audio.Level(samples)
	}
	limit := quantile(levels, 0.5)
	var power float64
	n := 0
	for _, level := range levels {
		if level >= limit {
			power += math.Pow(10, level/10)
			n++
		}
	}
	return 10 * math.Log10(power/float64(n))
}

// amplify makes sound louder by so many dB, without clipping.
func amplify(samples []float32, decibels float64) {
	gain := float32(math.Pow(10, decibels/20))
	if peak := audio.Peak(samples); peak*gain > 1 {
		gain = 1 / peak
	}
	for i := range samples {
		samples[i] *= gain
	}
}

// quantile is the level that a share of the levels do not exceed; they are not changed.
func quantile(levels []float64, p float64) float64 {
	if len(levels) == 0 {
		return audio.Silence
	}
	sorted := slices.Sorted(slices.Values(levels))
	return sorted[int(p*float64(len(sorted)-1))]
}

func length(samples int) time.Duration { return time.Duration(samples) * time.Second / Rate }

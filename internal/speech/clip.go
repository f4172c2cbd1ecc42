package speech

import (
	"context"
	"fmt"
	"strings"
	"time"
)

const (
	// stretchEnds is the silence that ends a stretch of speech in a recording: 500 ms.
	stretchEnds = HearingRate / 2
	// stretchPad is how much sound before and after a stretch belongs to it: a soft beginning is no voice yet.
	stretchPad = HearingRate / 5
	// speechFrame and silenceFrame are the probabilities that begin and end a stretch.
	speechFrame, silenceFrame = 0.5, 0.35
)

// Segment is a stretch of speech in a recording, with its words.
type Segment struct {
	Start, End time.Duration
	Text       string
}

// TranscribeClip recognises a whole recording, of any length: voice activity says where speech is, and each stretch of
// it is recognised, long ones in windows as in a call. Samples are at HearingRate. A recording without speech has no segments.
func TranscribeClip(ctx context.Context, engine Engine, samples []float32) ([]Segment, error) {
	stretches, err := speechIn(ctx, engine, samples)
	if err != nil {
		return nil, err
	}
	var segments []Segment
	for _, s := range stretches {
		text, err := transcribeStretch(ctx, engine, samples[s.start:s.end])
		if err != nil {
			return nil, err
		}
		if text != "" {
			segments = append(segments, Segment{Start: samplesTime(s.start), End: samplesTime(s.end), Text: text})
		}
	}
	return segments, nil
}

// Text joins the words of segments.
func Text(segments []Segment) string {
	words := make([]string, len(segments))
	for i, segment := range segments {
		words[i] = segment.Text
	}
	return strings.Join(words, " ")
}

func samplesTime(samples int) time.Duration {
	return time.Duration(samples) * time.Second / HearingRate
}

// stretch is samples from start to before end.
type stretch struct{ start, end int }

// speechIn finds the stretches of speech. Neighbours that fit a window together are one: a sentence is recognised better
// whole.
func speechIn(ctx context.Context, engine Engine, samples []float32) ([]stretch, error) {
	var state VoiceActivityState
	var found []stretch
	frame := make([]float32, FrameSamples)
	open, last := -1, 0 // where a stretch began, and where its last voiced frame ended
	finish := func() {
		s := stretch{max(0, open-stretchPad), min(len(samples), last+stretchPad)}
		if n := len(found); n > 0 && s.end-found[n-1].start <= windowLongest {
			found[n-1].end = s.end
		} else {
			found = append(found, s)
		}
		open = -1
	}
	for at := 0; at < len(samples); at += FrameSamples {
		clear(frame[copy(frame, samples[at:]):])
		probability, err := engine.VoiceActivity(ctx, &state, frame)
		if err != nil {
			return nil, fmt.Errorf("find the speech in a recording: %w", err)
		}
		switch {
		case probability >= speechFrame && open < 0:
			open, last = at, at+FrameSamples
		case open >= 0 && probability >= silenceFrame:
			last = at + FrameSamples
		case open >= 0 && at-last >= stretchEnds:
			finish()
		}
	}
	if open >= 0 {
		finish()
	}
	return found, nil
}

// transcribeStretch recognises a stretch of speech.
func transcribeStretch(ctx context.Context, engine Engine, samples []float32) (string, error) {
	var recognition Recognition
	recognition.Add(samples)
	recognition.Pause(true)
	for {
		window, settles := recognition.Window()
		if len(window) == 0 {
			return recognition.Whole(), nil
		}
		transcript, err := engine.Transcribe(ctx, window)
		if err != nil {
			return "", fmt.Errorf("recognise a recording: %w", err)
		}
		recognition.Take(transcript.Text)
		if !settles {
			return recognition.Whole(), nil
		}
	}
}

package main

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"twombly/internal/audio"
	"twombly/internal/companion"
	"twombly/internal/speech"
	"twombly/internal/web"
)

// samples lets a person hear a voice. Each is spoken once and then kept.
type samples struct {
	body *body
	lock sync.Mutex
	kept map[string][]byte
}

var _ web.Samples = (*samples)(nil)

const sampleSentence = "Hello. This is how I sound when we talk."

// Sample implements web.Samples.
func (s *samples) Sample(ctx context.Context, voice companion.VoiceChoice) ([]byte, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if kept := s.kept[voice.ID]; kept != nil {
		return kept, nil
	}
	spoken, err := s.body.engine().Synthesize(ctx, speech.SynthesisRequest{
		Text: sampleSentence, Voice: speech.Voice{Blend: voice.Blend, Speed: voice.Speed}, First: true,
	})
	if err != nil {
		return nil, fmt.Errorf("speak a sample of the voice %q: %w", voice.ID, err)
	}
	var file bytes.Buffer
	if err := audio.WriteWAV(&file, audio.Clip{Rate: speech.VoiceRate, Samples: spoken.Samples}); err != nil {
		return nil, fmt.Errorf("write a sample of the voice %q: %w", voice.ID, err)
	}
	if s.kept == nil {
		s.kept = map[string][]byte{}
	}
	s.kept[voice.ID] = file.Bytes()
	return s.kept[voice.ID], nil
}

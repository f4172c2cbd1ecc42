package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"twombly/internal/audio"
	"twombly/internal/realtime/client"
)

// settled is how long a conversation is to be quiet, after all was said, to be over. It is longer than she holds back
// at a pause of which she isn't sure.
const settled = 2 * time.Second

// spoken is one exchange aloud: a recording or words go in, her voice comes out.
type spoken struct {
	term    terminal
	her     string
	client  *client.Client
	speaker *loudspeaker // nil when nothing is played
	lock    sync.Mutex
	voice   []float32 // all she said
	words   bool      // some words of the person were understood
	answers int
}

// aloud speaks a recording (or says words) to her, shows what she understood and answered, and plays or saves her voice.
func (t *talkCommand) aloud(ctx context.Context, term terminal, at server, session who) error {
	var clip audio.Clip
	if t.Say != "" {
		read, err := audio.ReadWAVFile(t.Say)
		if err != nil {
			return fmt.Errorf("read the recording: %w", err)
		}
		clip = read
	}
	s := &spoken{term: term, her: "She"}
	if session.Companion.Name != "" {
		s.her = session.Companion.Name
	}
	if t.Save == "" {
		speaker, err := openLoudspeaker(ctx)
		if err != nil {
			_, _ = fmt.Fprintf(term.err, "You can't hear her: %v; --save FILE keeps how it sounds.\n", err)
		}
		s.speaker = speaker
	}
	err := s.hold(ctx, at, clip, t.Text)
	if s.speaker != nil {
		err = errors.Join(err, s.speaker.close())
	}
	if t.Save != "" && len(s.voice) > 0 {
		if saved := audio.WriteWAVFile(t.Save, audio.Clip{Rate: client.VoiceRate, Samples: s.voice}); saved != nil {
			return errors.Join(err, fmt.Errorf("save the answer: %w", saved))
		}
		_, _ = fmt.Fprintf(term.err, "Saved: %s\n", t.Save)
	}
	return err
}

// hold calls her, says what there is to say, and waits until she has answered.
func (s *spoken) hold(ctx context.Context, at server, clip audio.Clip, text string) error {
	dialled, err := client.DialWebSocket(ctx, client.Options{
		URL: at.address, Token: at.token, HTTP: at.http, ReportPlayback: true, OnSound: s.sound,
	})
	if err != nil {
		return fmt.Errorf("call her: %w", err)
	}
	s.client = dialled
	return errors.Join(s.exchange(ctx, clip, text), dialled.Close())
}

func (s *spoken) exchange(ctx context.Context, clip audio.Clip, text string) error {
	if err := introduce(ctx, s.client); err != nil {
		return err
	}
	if text != "" {
		if err := s.client.Type(ctx, text); err != nil {
			return err
		}
		s.words = true
		return s.listen(ctx, nil)
	}
	said := make(chan error, 1)
	speaking, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		_, err := s.client.Speak(speaking, clip.Samples, clip.Rate)
		said <- err
	}()
	err := s.listen(ctx, said)
	stop()
	return err
}

// sound keeps and plays what she says.
func (s *spoken) sound(sound client.Sound) {
	if sound.Item == "" {
		return
	}
	s.lock.Lock()
	s.voice = append(s.voice, sound.Samples...)
	s.lock.Unlock()
	if s.speaker != nil {
		s.speaker.play(sound.Samples)
	}
}

// listen shows what happens until all was said and it is quiet. said is nil when everything was said already.
func (s *spoken) listen(ctx context.Context, said <-chan error) error {
	events := make(chan client.Event)
	listening, stop := context.WithCancel(ctx)
	var reading sync.WaitGroup
	reading.Go(func() { s.read(listening, events) })
	defer reading.Wait()
	defer stop()

	allSaid, busy := said == nil, said == nil
	quiet := time.NewTimer(settled)
	defer quiet.Stop()
	for {
		select {
		case event := <-events:
			var err error
			if busy, err = s.show(event, busy); err != nil {
				return err
			}
		case err := <-said:
			if err != nil {
				return fmt.Errorf("speak the recording: %w", err)
			}
			said, allSaid = nil, true
		case <-quiet.C:
			if allSaid && !busy {
				return s.outcome()
			}
		case <-s.client.Done():
			return fmt.Errorf("the call ended: %w", s.client.Err())
		case <-ctx.Done():
			return context.Cause(ctx)
		}
		quiet.Reset(settled)
	}
}

// read hands events on, one by one.
func (s *spoken) read(ctx context.Context, events chan<- client.Event) {
	for place := 0; ; {
		event, next, err := s.client.Await(ctx, place, func(client.Event) bool { return true })
		if err != nil {
			return
		}
		place = next
		select {
		case events <- event:
		case <-ctx.Done():
			return
		}
	}
}

// show prints an event that people want to see, and says whether something goes on.
func (s *spoken) show(event client.Event, busy bool) (bool, error) {
	var got struct {
		reply
		State, Transcript string
	}
	if err := event.Decode(&got); err != nil {
		return busy, fmt.Errorf("read what the server says: %w", err)
	}
	out := s.term.out
	switch event.Type {
	case "twombly.state":
		busy = got.State != "listening"
	case "conversation.item.input_audio_transcription.completed":
		if got.Transcript != "" {
			s.words = true
			_, _ = fmt.Fprintf(out, "You: %s\n", got.Transcript)
		}
	case "response.created":
		busy = true
		_, _ = fmt.Fprintf(out, "%s: ", s.her)
	case "response.output_audio_transcript.delta":
		_, _ = fmt.Fprint(out, got.Delta)
	case "response.done":
		_, _ = fmt.Fprintln(out)
		if err := got.failure(); err != nil {
			return busy, err
		}
		if got.Response.Status == "completed" {
			s.answers++
		}
	case "twombly.notice":
		_, _ = fmt.Fprintf(s.term.err, "%s\n", got.Message)
	case "error":
		return busy, errors.New(got.Error.Message)
	}
	return busy, nil
}

// outcome is how the exchange went.
func (s *spoken) outcome() error {
	switch {
	case !s.words:
		return errors.New("she heard no words in it")
	case s.answers == 0:
		return errors.New("she did not answer")
	}
	return nil
}

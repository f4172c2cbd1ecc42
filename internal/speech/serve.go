package speech

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"twombly/internal/native/worker"
)

// ServeWorker is the main loop of the speech worker, the child process behind a Client. It returns when the parent is
// gone. The nets are loaded at the parent's first call.
func ServeWorker(ctx context.Context, log *slog.Logger) error {
	s := &workerServer{log: log}
	defer s.close()
	return worker.Serve(ctx, map[string]worker.Handler{
		methodOpen:       s.open,
		methodActivity:   s.activity,
		methodTurnEnd:    s.turnEnd,
		methodTranscribe: s.transcribe,
		methodSynthesize: s.synthesize,
		methodVoices:     s.voices,
		methodVoicePrint: s.voicePrint,
	})
}

// workerServer answers the Client's calls with a Local.
type workerServer struct {
	log *slog.Logger

	mutex     sync.Mutex
	engine    *Local
	finishing sync.WaitGroup
}

func (s *workerServer) open(ctx context.Context, request worker.Message, _ func(worker.Message) error) (worker.Message, error) {
	options, err := decoded[Options](request)
	if err != nil {
		return worker.Message{}, err
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.engine != nil {
		return worker.Message{}, errors.New("the speech worker is open already")
	}
	if s.engine, err = OpenLocal(ctx, options); err != nil {
		return worker.Message{}, sent(err)
	}
	s.finishing.Go(func() {
		if err := s.engine.Finish(); err != nil {
			s.log.Warn("speech works, but not at its pace", "error", err)
		}
	})
	return message(struct{}{}, nil)
}

func (s *workerServer) close() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.engine != nil {
		s.engine.Close()
	}
	s.finishing.Wait()
}

// local returns the engine, once it is open.
func (s *workerServer) local() (*Local, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.engine == nil {
		return nil, errors.New("the speech worker is not open")
	}
	return s.engine, nil
}

func (s *workerServer) activity(ctx context.Context, request worker.Message, _ func(worker.Message) error) (worker.Message, error) {
	engine, err := s.local()
	if err != nil {
		return worker.Message{}, err
	}
	state, rest, err := splitState(worker.Floats(request.Blob))
	if err != nil {
		return worker.Message{}, err
	}
	probability, err := engine.VoiceActivity(ctx, &state, rest)
	if err != nil {
		return worker.Message{}, sent(err)
	}
	return message(probabilityAnswer{probability}, joinState(&state, nil))
}

// joinState puts a stream's state before the samples of a frame.
func joinState(state *VoiceActivityState, frame []float32) []float32 {
	joined := make([]float32, 0, len(state.Recurrent)+len(state.Context)+len(frame))
	joined = append(joined, state.Recurrent[:]...)
	joined = append(joined, state.Context[:]...)
	return append(joined, frame...)
}

// splitState undoes joinState.
func splitState(joined []float32) (state VoiceActivityState, frame []float32, err error) {
	if len(joined) < len(state.Recurrent)+len(state.Context) {
		return state, nil, errors.New("the state of the voice activity detector is cut short")
	}
	n := copy(state.Recurrent[:], joined)
	n += copy(state.Context[:], joined[n:])
	return state, joined[n:], nil
}

func (s *workerServer) turnEnd(ctx context.Context, request worker.Message, _ func(worker.Message) error) (worker.Message, error) {
	engine, err := s.local()
	if err != nil {
		return worker.Message{}, err
	}
	probability, err := engine.TurnEnd(ctx, worker.Floats(request.Blob))
	if err != nil {
		return worker.Message{}, sent(err)
	}
	return message(probabilityAnswer{probability}, nil)
}

func (s *workerServer) transcribe(ctx context.Context, request worker.Message, _ func(worker.Message) error) (worker.Message, error) {
	engine, err := s.local()
	if err != nil {
		return worker.Message{}, err
	}
	transcript, err := engine.Transcribe(ctx, worker.Floats(request.Blob))
	if err != nil {
		return worker.Message{}, sent(err)
	}
	return message(transcriptAnswer{Text: transcript.Text, Sure: transcript.Confidence, Audio: transcript.AudioDuration, Compute: transcript.Compute}, nil)
}

func (s *workerServer) synthesize(ctx context.Context, request worker.Message, _ func(worker.Message) error) (worker.Message, error) {
	engine, err := s.local()
	if err != nil {
		return worker.Message{}, err
	}
	asked, err := decoded[synthesizeRequest](request)
	if err != nil {
		return worker.Message{}, err
	}
	utterance, err := engine.Synthesize(ctx, SynthesisRequest{Text: asked.Text, Voice: asked.Voice, First: asked.First})
	if err != nil {
		return worker.Message{}, sent(err)
	}
	return message(utteranceAnswer{Words: utterance.Words, Compute: utterance.Compute, Early: engine.early()}, utterance.Samples)
}

func (s *workerServer) voicePrint(ctx context.Context, request worker.Message, _ func(worker.Message) error) (worker.Message, error) {
	engine, err := s.local()
	if err != nil {
		return worker.Message{}, err
	}
	print, err := engine.VoicePrint(ctx, worker.Floats(request.Blob))
	if err != nil {
		return worker.Message{}, sent(err)
	}
	return message(struct{}{}, print[:])
}

func (s *workerServer) voices(ctx context.Context, _ worker.Message, _ func(worker.Message) error) (worker.Message, error) {
	engine, err := s.local()
	if err != nil {
		return worker.Message{}, err
	}
	infos, err := engine.Voices(ctx)
	if err != nil {
		return worker.Message{}, sent(err)
	}
	return message(infos, nil)
}

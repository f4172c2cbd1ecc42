package mind

import (
	"context"
	"fmt"
	"sync"
)

// Switch is a mind that can be exchanged for another while the program runs. A request is answered to its end by the
// mind it began with.
type Switch struct {
	mutex   sync.RWMutex
	current *switched
}

// switched is a mind and who is using it.
type switched struct {
	mind  Mind
	users sync.WaitGroup
}

// NewSwitch makes a switch that is set to a mind; nil is none yet, and requests get ErrUnavailable.
func NewSwitch(mind Mind) *Switch { return &Switch{current: &switched{mind: mind}} }

var _ Mind = (*Switch)(nil)

// Set exchanges the mind and returns the one before (nil if none), and a function that waits until its last request has
// ended: then it can be closed.
func (s *Switch) Set(mind Mind) (before Mind, idle func()) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	old := s.current
	s.current = &switched{mind: mind}
	return old.mind, old.users.Wait
}

// Current is the mind that answers now, nil if none.
func (s *Switch) Current() Mind {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.current.mind
}

// use takes the mind for one request.
func (s *Switch) use() (*switched, error) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	if s.current.mind == nil {
		return nil, fmt.Errorf("%w: none is chosen", ErrUnavailable)
	}
	s.current.users.Add(1)
	return s.current, nil
}

// Generate answers with the current mind.
func (s *Switch) Generate(ctx context.Context, request Request, emit func(Delta) error) (Usage, error) {
	current, err := s.use()
	if err != nil {
		return Usage{}, err
	}
	defer current.users.Done()
	return current.mind.Generate(ctx, request, emit)
}

// Prefill reads ahead with the current mind.
func (s *Switch) Prefill(ctx context.Context, request Request) error {
	current, err := s.use()
	if err != nil {
		return err
	}
	defer current.users.Done()
	return current.mind.Prefill(ctx, request)
}

// Forget drops what the current mind keeps for a conversation; a mind that was exchanged is closed and keeps nothing.
func (s *Switch) Forget(ctx context.Context, conversation string) error {
	current, err := s.use()
	if err != nil {
		return nil // nobody keeps anything
	}
	defer current.users.Done()
	return current.mind.Forget(ctx, conversation)
}

// Describe says what the current mind is.
func (s *Switch) Describe(ctx context.Context) (Description, error) {
	current, err := s.use()
	if err != nil {
		return Description{}, err
	}
	defer current.users.Done()
	return current.mind.Describe(ctx)
}

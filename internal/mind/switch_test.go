package mind

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// named is a mind that says its name, and waits before it does if told to.
type named struct {
	Mind
	name string
	wait chan struct{}
}

func (n *named) Generate(_ context.Context, _ Request, emit func(Delta) error) (Usage, error) {
	if n.wait != nil {
		<-n.wait
	}
	return Usage{}, emit(Delta{Text: n.name})
}

func say(t *testing.T, m Mind) string {
	t.Helper()
	text := ""
	if _, err := m.Generate(t.Context(), Request{}, func(delta Delta) error { text += delta.Text; return nil }); err != nil {
		t.Error(err)
	}
	return text
}

func TestSwitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := &named{name: "first", wait: make(chan struct{})}
		s := NewSwitch(first)
		answers := make(chan string, 1)
		go func() { answers <- say(t, s) }()
		synctest.Wait() // it is being answered by the first mind

		before, idle := s.Set(&named{name: "second"})
		if before != Mind(first) {
			t.Errorf("the mind before was %v", before)
		}
		if got := say(t, s); got != "second" {
			t.Errorf("after the exchange %q answered", got)
		}
		left := false
		go func() { idle(); left = true }()
		synctest.Wait()
		if left {
			t.Error("the first mind counts as idle while it answers")
		}
		close(first.wait)
		synctest.Wait()
		if got := <-answers; got != "first" || !left {
			t.Errorf("the request that had begun was answered by %q; idle %v", got, left)
		}
	})
}

func TestSwitchToNone(t *testing.T) {
	s := NewSwitch(nil)
	if _, err := s.Generate(t.Context(), Request{}, nil); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	if err := s.Prefill(t.Context(), Request{}); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	if _, err := s.Describe(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Error(err)
	}
	if err := s.Forget(t.Context(), "x"); err != nil || s.Current() != nil {
		t.Error(err)
	}
}

func TestHolds(t *testing.T) {
	for _, test := range []struct {
		request Request
		want    []Kind
	}{
		{Request{}, []Kind{Talk}},
		{Request{Kinds: []Kind{Mail, Talk, Mail}}, []Kind{Talk, Mail}},
		{Request{Messages: []Message{{Images: []string{"x"}}, {Images: []string{"y"}}}}, []Kind{Talk, Pictures}},
	} {
		if got := test.request.Holds(); !slices.Equal(got, test.want) {
			t.Errorf("%+v holds %v, want %v", test.request, got, test.want)
		}
	}
}

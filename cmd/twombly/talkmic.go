package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/term"

	"twombly/internal/audio/cancel"
	"twombly/internal/audio/soundcard"
	"twombly/internal/native"
	"twombly/internal/realtime/client"
)

// cancellerEntry is the manifest's entry of the echo canceller.
const cancellerEntry = "libspeexdsp"

// redraws is how often the line of how a call stands is drawn.
const redraws = 100 * time.Millisecond

// microphone holds a spoken call until the person hangs up.
func (t *talkCommand) microphone(ctx context.Context, terminal terminal, at server, session who, interrupts <-chan os.Signal) error {
	card, err := soundcard.Open(soundcard.Options{Microphone: t.MicDevice, Loudspeaker: t.SpeakerDevice})
	if err != nil {
		return err
	}
	store, err := openStore(t.Cache, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	codec, err := loadOpus(store)
	if err != nil {
		return fmt.Errorf("a spoken call needs libopus: %w (\"twombly models fetch %s\" brings it)", err, opusEntry)
	}
	canceller, err := openCanceller(ctx, store, terminal)
	if err != nil {
		return err
	}
	if canceller != nil {
		defer canceller.Close()
	}
	line, err := newMicLine(canceller)
	if err != nil {
		return err
	}
	screen := &micScreen{out: terminal.out, err: terminal.err, her: session.Companion.Name, state: "calling"}
	if screen.her == "" {
		screen.her = "She"
	}
	recorder, player := card.Programs()
	_, _ = fmt.Fprintf(terminal.err, "The microphone is heard through %s, and she through %s. A rustle first: it tells how your room sounds.\n", recorder, player)

	keys, restore, err := rawKeys(terminal, screen)
	if err != nil {
		return err
	}
	defer restore()
	c := &micCall{line: line, screen: screen, keys: keys, interrupts: interrupts}
	return c.hold(ctx, card, client.Options{URL: at.address, Token: at.token, HTTP: at.http, Opus: codec, OnEvent: screen.event})
}

// openCanceller loads the echo canceller, and fetches it first where it is not there. Without one there is a call all the
// same: on headphones nothing comes back, and what does the server tells from the person as well as it can.
func openCanceller(ctx context.Context, store *native.Store, terminal terminal) (*cancel.Canceller, error) {
	library, err := loadCanceller(store)
	if err != nil {
		progress, done := showProgress(terminal.err)
		fetched := store.Get(ctx, cancellerEntry, progress)
		done()
		if library, err = loadCanceller(store); err != nil {
			_, _ = fmt.Fprintf(terminal.err, "There is no echo canceller, so wear headphones: %v.\n", errors.Join(err, fetched))
			return nil, nil
		}
	}
	return library.New()
}

// loadCanceller loads the system's libspeexdsp, or the one that was fetched.
func loadCanceller(store *native.Store) (*cancel.Library, error) {
	library, err := cancel.Load(store.State(cancellerEntry).System)
	if err != nil {
		library, err = cancel.Load(filepath.Join(store.Folder(cancellerEntry), "libspeexdsp.so.1"))
	}
	return library, err
}

// rawKeys has a terminal give each key as it is pressed; restore gives it back. Where nobody sits there are no keys.
func rawKeys(terminal terminal, screen *micScreen) (keys <-chan byte, restore func(), err error) {
	if !shows(terminal) {
		return nil, func() {}, nil
	}
	descriptor := int(terminal.in.Fd())
	before, err := term.MakeRaw(descriptor)
	if err != nil {
		return nil, nil, fmt.Errorf("read keys as they are pressed: %w", err)
	}
	screen.live = true
	if out, ok := terminal.out.(*os.File); ok {
		screen.width, _, _ = term.GetSize(int(out.Fd())) // 0 where it can't be told: lines are not cut
	}
	return readKeys(terminal.in), func() {
		_, _ = fmt.Fprint(terminal.out, "\r\x1b[K")
		_ = term.Restore(descriptor, before)
	}, nil
}

// Keys of a spoken call.
const (
	keyInterrupt = 3 // Ctrl-C, which a raw terminal sends as a byte
	keyEnd       = 4 // Ctrl-D
	keyEscape    = 27
)

// readKeys reads keys one by one, and leaves out those that come as a sequence, as arrows do. Nothing can wake a read from a
// terminal, so the goroutine lives until the process ends.
func readKeys(from *os.File) <-chan byte {
	keys := make(chan byte)
	go func() {
		defer close(keys)
		buffer := make([]byte, 64)
		for {
			n, err := from.Read(buffer)
			if err != nil {
				return
			}
			if n > 1 && buffer[0] == keyEscape {
				continue
			}
			for _, key := range buffer[:n] {
				keys <- key
			}
		}
	}()
	return keys
}

// micCall is a spoken call as the person at the terminal leads it.
type micCall struct {
	line       *micLine
	screen     *micScreen
	keys       <-chan byte
	interrupts <-chan os.Signal
}

// hold calls her and goes on until the person hangs up, which is no error.
func (c *micCall) hold(ctx context.Context, card *soundcard.Card, options client.Options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var sounding sync.WaitGroup
	broken := make(chan error, 1)
	c.line.mouth.add(client.Sound{Samples: rustle()})
	sounding.Go(func() {
		broken <- card.Run(ctx, func(heard, played []float32) error { return c.line.step(ctx, heard, played) })
	})
	defer sounding.Wait()
	defer stop()
	select {
	case <-time.After(rustleLength + outputLatency):
	case err := <-broken:
		return err
	case <-c.interrupts:
		return nil
	}
	call, err := c.line.dial(ctx, options)
	if err != nil {
		return err
	}
	err = c.lead(ctx, call, broken)
	stop()
	sounding.Wait()
	return errors.Join(err, call.Close())
}

// lead does what keys ask for until the end.
func (c *micCall) lead(ctx context.Context, call *client.Client, broken <-chan error) error {
	ticker := time.NewTicker(redraws)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			c.screen.stand(float64(c.line.level.Load())/1000, c.line.muted.Load())
		case key, ok := <-c.keys:
			if !ok {
				return nil
			}
			over, err := c.press(ctx, call, key)
			if over || err != nil {
				return err
			}
		case <-c.interrupts:
			return nil
		case err := <-broken:
			return err
		case <-call.Done():
			return fmt.Errorf("the call ended: %w", call.Err())
		case <-ctx.Done():
			return nil
		}
	}
}

// press does what a key asks for; over means hanging up.
func (c *micCall) press(ctx context.Context, call *client.Client, key byte) (over bool, err error) {
	switch key {
	case 'q', 'Q', keyInterrupt, keyEnd:
		return true, nil
	case ' ', keyEscape:
		c.line.mouth.hush()
		if err := call.Send(ctx, map[string]any{"type": "twombly.hard_stop"}); err != nil {
			return false, fmt.Errorf("stop her: %w", err)
		}
	case 'm', 'M':
		c.line.muted.Store(!c.line.muted.Load())
	}
	return false, nil
}

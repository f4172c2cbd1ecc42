package soundcard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"twombly/internal/audio"
)

const (
	// HearRate and PlayRate are the rates of what is heard and what is played, in Hz.
	HearRate = 16000
	PlayRate = 24000
	// HeardSamples and PlayedSamples are the lengths of one step: 10 ms.
	HeardSamples  = HearRate / 100
	PlayedSamples = PlayRate / 100
)

// waitingSteps is how many steps may wait for the player. It takes less where its clock runs as the microphone's does.
const waitingSteps = 8

// patience is how long a microphone may give nothing at all before it counts as broken.
const patience = 5 * time.Second

// ErrSilent means that the recorder runs and gives no samples.
var ErrSilent = errors.New("the microphone gives no sound")

// Options say what to record from and play to.
type Options struct {
	// Microphone and Loudspeaker are names of devices as the sound system's programs know them; empty for its own choice.
	Microphone, Loudspeaker string
}

// Card is a microphone and a loudspeaker that are used together.
type Card struct {
	options            Options
	recorder, player   program
	hearPath, playPath string
	dropped            atomic.Int64
}

// Open finds programs that record and play. The error wraps ErrNoProgram and says what to install.
func Open(options Options) (*Card, error) {
	c := &Card{options: options}
	var err error
	if c.recorder, c.hearPath, err = find("records sound", recorders()); err != nil {
		return nil, err
	}
	if c.player, c.playPath, err = find("plays sound", players()); err != nil {
		return nil, err
	}
	return c, nil
}

// Programs are the names of what records and what plays.
func (c *Card) Programs() (recorder, player string) { return c.recorder.name, c.player.name }

// Dropped is how many steps were not played because the player was behind.
func (c *Card) Dropped() int64 { return c.dropped.Load() }

// Run records and plays until the context ends, which is no error, or something fails. It calls step every 10 ms with
// HeardSamples that were heard, and plays the PlayedSamples that step leaves in played, which are silence before.
func (c *Card) Run(life context.Context, step func(heard, played []float32) error) error {
	ctx, stop := context.WithCancel(life)
	defer stop()
	player, err := c.start(ctx, c.player, c.playPath, c.options.Loudspeaker, PlayRate, true)
	if err != nil {
		return fmt.Errorf("play with %s: %w", c.player.name, err)
	}
	recorder, err := c.start(ctx, c.recorder, c.hearPath, c.options.Microphone, HearRate, false)
	if err != nil {
		stop()
		return errors.Join(fmt.Errorf("record with %s: %w", c.recorder.name, err), player.end(true))
	}
	// Neither end of a pipe waits longer than the call, whoever else may hold the other.
	defer context.AfterFunc(ctx, func() {
		_ = errors.Join(player.pipe.SetWriteDeadline(longAgo), recorder.pipe.SetReadDeadline(longAgo)) // closed already, if at all
	})()
	frames := make(chan []byte, waitingSteps)
	var playing sync.WaitGroup
	var unplayed error
	playing.Go(func() {
		for frame := range frames {
			if _, unplayed = player.pipe.Write(frame); unplayed != nil {
				stop()
				break
			}
		}
		for range frames { // so that nobody waits for it
		}
	})
	err = c.steps(ctx, recorder.pipe, frames, step)
	ended := life.Err() != nil
	stop()
	close(frames)
	playing.Wait()
	recorded := recorder.end(ended || !errors.Is(err, errEnded))
	played := player.end(ended || err != nil || unplayed == nil)
	switch {
	case ended:
		return nil
	case errors.Is(err, errEnded):
		return fmt.Errorf("%s ended: %w", c.recorder.name, errors.Join(recorded, err))
	case err == nil:
		return fmt.Errorf("%s ended: %w", c.player.name, errors.Join(played, unplayed))
	}
	return err
}

// longAgo is a deadline that has passed.
var longAgo = time.Unix(1, 0)

// errEnded means that the recorder gives no more.
var errEnded = errors.New("the recorder ended")

// steps turns what is recorded into steps.
func (c *Card) steps(ctx context.Context, from *os.File, frames chan<- []byte, step func(heard, played []float32) error) error {
	raw := make([]byte, 2*HeardSamples)
	heard, played := make([]float32, 0, HeardSamples), make([]float32, PlayedSamples)
	// A frame that is written may be read by the player's goroutine, so there is one more than can wait, and the one in hand.
	ring := make([][]byte, waitingSteps+2)
	for i := range ring {
		ring[i] = make([]byte, 0, 2*PlayedSamples)
	}
	for number := 0; ; {
		if err := from.SetReadDeadline(time.Now().Add(patience)); err != nil {
			return fmt.Errorf("wait for the microphone: %w", err)
		}
		if ctx.Err() != nil {
			return nil
		}
		if _, err := io.ReadFull(from, raw); err != nil {
			switch {
			case ctx.Err() != nil:
				return nil
			case errors.Is(err, os.ErrDeadlineExceeded):
				return ErrSilent
			}
			return errEnded
		}
		var err error
		if heard, err = audio.DecodePCM16(heard[:0], raw); err != nil {
			return err
		}
		clear(played)
		if err := step(heard, played); err != nil {
			return err
		}
		frame := audio.AppendPCM16(ring[number%len(ring)][:0], played)
		select {
		case frames <- frame:
			number++
		default: // the player's clock is slower, or it stands: what does not sound in time is not to sound
			c.dropped.Add(1)
		}
	}
}

// child is a program that runs.
type child struct {
	command   *exec.Cmd
	pipe      *os.File
	complaint bytes.Buffer
}

// start runs a program with a pipe to its input, or from its output.
func (c *Card) start(ctx context.Context, p program, path, device string, rate int, plays bool) (*child, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	k := &child{command: exec.CommandContext(ctx, path, p.arguments(device, rate)...)}
	k.command.Env = append(os.Environ(), p.environment(device)...)
	k.command.Stderr = &k.complaint
	k.command.WaitDelay = time.Second
	apart(k.command)
	theirs := write
	if plays {
		k.command.Stdin, theirs, k.pipe = read, read, write
		shorten(write) // what waits in a pipe comes late
	} else {
		k.command.Stdout, k.pipe = write, read
	}
	if err := k.command.Start(); err != nil {
		return nil, errors.Join(err, read.Close(), write.Close())
	}
	return k, theirs.Close()
}

// end waits for a program whose end was asked for, or returns why it ended by itself.
func (k *child) end(asked bool) error {
	closed := k.pipe.Close()
	err := k.command.Wait()
	if asked {
		return nil
	}
	if said := bytes.TrimSpace(k.complaint.Bytes()); len(said) > 0 {
		return errors.New(string(said))
	}
	return errors.Join(err, closed)
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"twombly/internal/audio"
	"twombly/internal/realtime/client"
)

// loudspeaker plays her voice through a program of this machine, as it comes where the program takes a stream, else at
// the end.
type loudspeaker struct {
	ctx     context.Context
	program playProgram
	path    string

	lock    sync.Mutex
	waiting []float32
	more    chan struct{} // has something when waiting does
	closed  chan struct{}
	playing sync.WaitGroup
	failed  error
}

// playProgram is a program that plays sound.
type playProgram struct {
	name string
	// stream are the arguments with which it plays 16-bit samples at client.VoiceRate from its standard input; nil when it
	// only plays files.
	stream []string
}

var playPrograms = []playProgram{
	{"paplay", []string{"--raw", "--format=s16le", "--rate=24000", "--channels=1"}},
	{"aplay", []string{"-q", "-t", "raw", "-f", "S16_LE", "-r", "24000", "-c", "1"}},
	{"afplay", nil},
}

// errNoPlayer means that this machine has no program that plays sound.
var errNoPlayer = errors.New("there is no paplay, aplay or afplay here to play her voice")

// openLoudspeaker finds a program that plays.
func openLoudspeaker(ctx context.Context) (*loudspeaker, error) {
	for _, program := range playPrograms {
		path, err := exec.LookPath(program.name)
		if err != nil {
			continue
		}
		l := &loudspeaker{ctx: ctx, program: program, path: path, more: make(chan struct{}, 1), closed: make(chan struct{})}
		l.playing.Go(func() { l.failed = l.run() })
		return l, nil
	}
	return nil, errNoPlayer
}

// play takes samples at client.VoiceRate; it does not wait.
func (l *loudspeaker) play(samples []float32) {
	l.lock.Lock()
	l.waiting = append(l.waiting, samples...)
	l.lock.Unlock()
	select {
	case l.more <- struct{}{}:
	default:
	}
}

// playWAV plays a WAV file.
func (l *loudspeaker) playWAV(file []byte) error {
	clip, err := audio.ReadWAV(bytes.NewReader(file))
	if err == nil {
		clip, err = clip.To(client.VoiceRate)
	}
	if err != nil {
		return fmt.Errorf("read a sample of a voice: %w", err)
	}
	l.play(clip.Samples)
	return nil
}

// close plays what is left and waits for its end.
func (l *loudspeaker) close() error {
	close(l.closed)
	l.playing.Wait()
	if l.failed != nil && l.ctx.Err() == nil {
		return fmt.Errorf("play her voice with %s: %w", l.program.name, l.failed)
	}
	return nil
}

func (l *loudspeaker) take() []float32 {
	l.lock.Lock()
	defer l.lock.Unlock()
	taken := l.waiting
	l.waiting = nil
	return taken
}

func (l *loudspeaker) run() error {
	if l.program.stream == nil {
		select {
		case <-l.closed:
		case <-l.ctx.Done():
		}
		return l.playFile(l.take())
	}
	command := exec.CommandContext(l.ctx, l.path, l.program.stream...)
	var complaint bytes.Buffer
	command.Stderr = &complaint
	in, err := command.StdinPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	written := l.feed(in)
	err = errors.Join(written, in.Close())
	if waited := command.Wait(); waited != nil {
		return fmt.Errorf("%w: %s", waited, bytes.TrimSpace(complaint.Bytes()))
	}
	return err
}

// feed writes what is to be played until the end.
func (l *loudspeaker) feed(to io.Writer) error {
	for {
		ending := false
		select {
		case <-l.more:
		case <-l.closed:
			ending = true
		case <-l.ctx.Done():
			return nil
		}
		if _, err := to.Write(audio.AppendPCM16(nil, l.take())); err != nil || ending {
			return err
		}
	}
}

// playFile plays samples from a file of their own.
func (l *loudspeaker) playFile(samples []float32) error {
	if len(samples) == 0 || l.ctx.Err() != nil {
		return nil
	}
	file, err := os.CreateTemp("", "twombly-*.wav")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	err = errors.Join(audio.WriteWAV(file, audio.Clip{Rate: client.VoiceRate, Samples: samples}), file.Close())
	if err != nil {
		return err
	}
	return exec.CommandContext(l.ctx, l.path, file.Name()).Run()
}

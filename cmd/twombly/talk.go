package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"twombly/internal/config"
)

// talkCommand is a conversation in the terminal.
type talkCommand struct {
	Say  string `type:"existingfile" xor:"once" placeholder:"WAV" help:"Speak this recording to her, and hear the answer."`
	Text string `xor:"once" placeholder:"WORDS" help:"Say this, print her answer, and end."`
	Mic  bool   `xor:"once" help:"A spoken call with this machine's own microphone and loudspeaker."`
	Save string `type:"path" placeholder:"WAV" help:"Save how the answer sounds, instead of playing it. With --say or --text."`

	MicDevice     string `env:"TWOMBLY_MIC_DEVICE" placeholder:"NAME" help:"Microphone for --mic, as the sound system calls it; its own choice unless said."`
	SpeakerDevice string `env:"TWOMBLY_SPEAKER_DEVICE" placeholder:"NAME" help:"Loudspeaker for --mic, likewise."`

	config.Paths   `embed:""`
	config.Running `embed:""`
	Mind           config.Mind  `embed:"" prefix:"mind-"`
	Voice          config.Voice `embed:"" prefix:"voice-"`
}

// Help implements kong.HelpProvider.
func (talkCommand) Help() string {
	return `It uses the server that runs on the data folder, or starts one for as long as it takes. Ctrl-C stops her; pressed
again, it leaves. It ends with status 0 when she answered, and with 1 when she could not.

With --mic you speak: interrupt her as you would a person. Space or Escape stops her at once, m mutes the microphone, q or Ctrl-C hangs up.
An echo canceller takes her voice out of what the microphone hears. "pactl list short sources" and "arecord -L" name microphones.

Examples:

  twombly talk
  twombly talk --mic
  twombly talk --text "What did I say about Lisbon?"
  twombly talk --say question.wav
  twombly talk --say question.wav --save answer.wav`
}

// quietLevel keeps the log of a server of our own out of the conversation.
const quietLevel = "error"

func (t *talkCommand) Run(ctx context.Context, term terminal) error {
	if t.Save != "" && t.Say == "" && t.Text == "" {
		return errors.New("--save needs something to answer: --say or --text")
	}
	// The first Ctrl-C is for her, not for us.
	ctx, stop := signal.NotifyContext(context.WithoutCancel(ctx), syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	defer signal.Stop(interrupts)

	settings := config.Config{Paths: t.Paths, Running: t.Running, Mind: t.Mind, Voice: t.Voice}
	settings.Listen = "127.0.0.1:0"
	if settings.LogLevel == "info" {
		settings.LogLevel = quietLevel
	}
	starting, ready := endedByInterrupt(ctx, interrupts)
	defer ready()
	return withServer(starting, settings, term, func(ctx context.Context, at server) error {
		ready()
		var session who
		if err := at.get(ctx, "/api/session", &session); err != nil {
			return err
		}
		if !session.Met && (t.Say != "" || t.Text != "") {
			_, _ = fmt.Fprintln(term.err, "The two of you have not met yet, and she may ask who you are; \"twombly talk\" alone begins the first meeting.")
		}
		switch {
		case t.Mic:
			return t.microphone(ctx, term, at, session, interrupts)
		case t.Say != "" || t.Save != "":
			ctx, stop := endedByInterrupt(ctx, interrupts)
			defer stop()
			return t.aloud(ctx, term, at, session)
		case t.Text != "":
			ctx, stop := endedByInterrupt(ctx, interrupts)
			defer stop()
			return once(ctx, term, at, t.Text)
		}
		return converse(ctx, term, at, session, interrupts)
	})
}

// errLeft means that the person left before the end.
var errLeft = errors.New("ended by Ctrl-C")

// endedByInterrupt is a context that the next Ctrl-C ends, until stop is called.
func endedByInterrupt(ctx context.Context, interrupts <-chan os.Signal) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	stopped, watching := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watching)
		select {
		case <-interrupts:
			cancel(errLeft)
		case <-stopped:
		case <-ctx.Done():
		}
	}()
	return ctx, sync.OnceFunc(func() {
		close(stopped)
		<-watching
	})
}

// once says one thing and prints the answer.
func once(ctx context.Context, term terminal, at server, text string) error {
	line, err := dialText(ctx, at)
	if err != nil {
		return err
	}
	said := line.say(ctx, text, term.out)
	_, _ = fmt.Fprintln(term.out)
	return errors.Join(said, line.close())
}

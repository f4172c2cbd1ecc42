package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"twombly/internal/companion"
	"twombly/internal/people"
)

// who is the part of GET /api/session that a conversation needs.
type who struct {
	Person    struct{ Name string }
	Companion struct{ Name string }
	Met       bool
}

// conversation is a talk in the terminal, line by line.
type conversation struct {
	term    terminal
	at      server
	line    *textLine
	lines   <-chan string
	shown   bool // somebody sits at a terminal
	her     string
	leave   context.CancelFunc
	control sync.Mutex // guards the two below
	replies bool       // she is answering
	armed   bool       // the next Ctrl-C leaves
}

// converse holds a conversation until the person leaves: with Ctrl-D, or with Ctrl-C twice.
func converse(ctx context.Context, term terminal, at server, session who, interrupts <-chan os.Signal) error {
	line, err := dialText(ctx, at)
	if err != nil {
		return err
	}
	ctx, leave := context.WithCancel(ctx)
	c := &conversation{term: term, at: at, line: line, lines: readLines(term.in), leave: leave, shown: shows(term)}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		c.watch(ctx, interrupts)
	}()
	err = c.talk(ctx, session)
	if ctx.Err() != nil {
		err = nil // leaving is no failure
	}
	leave()
	<-watched
	return errors.Join(err, line.close())
}

func shows(terminal terminal) bool {
	out, ok := terminal.out.(*os.File)
	return ok && people.IsTerminal(out) && terminal.in != nil && term.IsTerminal(int(terminal.in.Fd()))
}

// maxLine is the longest line that is read, in bytes; what the call takes is less.
const maxLine = 4 << 20

// readLines reads a file line by line; its end closes the channel. Nothing can wake a read from a terminal, so the
// goroutine lives until the process ends if the person leaves in another way.
func readLines(file *os.File) <-chan string {
	lines := make(chan string)
	go func() {
		defer close(lines)
		if file == nil {
			return
		}
		scanner := bufio.NewScanner(file)
		scanner.Buffer(nil, maxLine)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
	}()
	return lines
}

// watch turns Ctrl-C into what the person means by it.
func (c *conversation) watch(ctx context.Context, interrupts <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-interrupts:
		}
		c.control.Lock()
		replies, armed := c.replies, c.armed
		c.armed = true
		c.control.Unlock()
		switch {
		case armed:
			c.leave()
		case replies:
			if err := c.line.stop(ctx); err != nil {
				c.leave()
			}
		default:
			_, _ = fmt.Fprintln(c.term.err, "\nCtrl-C again leaves.")
		}
	}
}

// talk introduces the two and goes on until the end.
func (c *conversation) talk(ctx context.Context, session who) error {
	if !session.Met {
		if err := c.meet(ctx); err != nil {
			return err
		}
		if err := c.at.get(ctx, "/api/session", &session); err != nil {
			return err
		}
	}
	if c.her = session.Companion.Name; c.her == "" {
		c.her = "She"
	}
	if c.shown {
		_, _ = fmt.Fprintf(c.term.out, "%s is listening. Ctrl-C stops her, Ctrl-D leaves.\n", c.her)
	}
	for {
		text, ok := c.read(ctx)
		if !ok {
			return nil
		}
		if text == "" {
			continue
		}
		if err := c.exchange(ctx, text); err != nil {
			return err
		}
	}
}

// exchange says something and shows the answer. A failed answer does not end the conversation of a person who sees it.
func (c *conversation) exchange(ctx context.Context, text string) error {
	c.answering(true)
	defer c.answering(false)
	_, _ = fmt.Fprintf(c.term.out, "%s: ", c.her)
	err := c.line.say(ctx, text, c.term.out)
	_, _ = fmt.Fprintln(c.term.out)
	if err != nil && c.shown && ctx.Err() == nil && c.line.client.Err() == nil {
		_, _ = fmt.Fprintf(c.term.err, "twombly: %v\n", err)
		return nil
	}
	return err
}

func (c *conversation) answering(now bool) {
	c.control.Lock()
	defer c.control.Unlock()
	c.replies = now
	if now {
		c.armed = false
	}
}

// read is the person's next line; false when there is none.
func (c *conversation) read(ctx context.Context) (string, bool) {
	if c.shown {
		_, _ = io.WriteString(c.term.out, "> ")
	}
	select {
	case text, ok := <-c.lines:
		if !ok && c.shown {
			_, _ = fmt.Fprintln(c.term.out)
		}
		return strings.TrimSpace(text), ok
	case <-ctx.Done():
		return "", false
	}
}

// meet holds the first meeting in writing; it goes on where the page left it.
func (c *conversation) meet(ctx context.Context) error {
	var meeting companion.Meeting
	if err := c.at.get(ctx, "/api/meeting", &meeting); err != nil {
		return err
	}
	_, _ = fmt.Fprintln(c.term.out, meeting.Prompt)
	for !meeting.Done {
		c.hint(ctx, meeting)
		text, ok := c.read(ctx)
		if !ok {
			return errors.New("the first meeting goes on at the next talk")
		}
		if text == "" {
			continue
		}
		meeting = companion.Meeting{}
		err := c.at.post(ctx, "/api/meeting", map[string]string{"text": text, "zone": localZone()}, &meeting)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintln(c.term.out, meeting.Said)
	}
	return nil
}

// hint lets the person hear the voice that is being chosen.
func (c *conversation) hint(ctx context.Context, meeting companion.Meeting) {
	if !c.shown || meeting.Step != companion.TryVoices {
		return
	}
	var voices struct{ Current string }
	err := c.at.get(ctx, "/api/voices", &voices)
	if err == nil {
		err = c.sample(ctx, voices.Current)
	}
	if err != nil {
		_, _ = fmt.Fprintf(c.term.err, "(You can't hear it here: %v.)\n", err)
	}
}

// sample plays one sentence in a voice.
func (c *conversation) sample(ctx context.Context, voice string) error {
	speaker, err := openLoudspeaker(ctx)
	if err != nil {
		return err
	}
	wav, err := c.at.ask(ctx, "GET", "/api/voices/"+voice+"/sample", nil)
	if err != nil {
		return errors.Join(err, speaker.close())
	}
	return errors.Join(speaker.playWAV(wav), speaker.close())
}

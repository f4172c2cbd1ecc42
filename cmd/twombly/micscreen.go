package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"unicode/utf8"

	"twombly/internal/realtime/client"
)

// micScreen shows a spoken call: what was said, line by line, and where somebody looks a line of how it stands.
type micScreen struct {
	out, err io.Writer
	her      string
	live     bool // a terminal in raw mode, with a line of how it stands

	lock    sync.Mutex
	state   string
	partial string // the person's words so far
	saying  string // the item whose line is open
	width   int
}

// print writes a line above the line of how it stands.
func (s *micScreen) print(to io.Writer, line string) {
	if s.live {
		_, _ = fmt.Fprintf(to, "\r\x1b[K%s\r\n", line)
		return
	}
	_, _ = fmt.Fprintln(to, line)
}

// event shows what people want to see of an event.
func (s *micScreen) event(event client.Event) {
	var got struct {
		reply
		State, Text, Transcript string
		ItemID                  string `json:"item_id"`
	}
	if event.Decode(&got) != nil {
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	switch event.Type {
	case "twombly.state":
		if s.state = got.State; s.state == "listening" {
			s.partial = "" // what was no turn after all
		}
	case "twombly.partial":
		s.partial = got.Text
	case "conversation.item.input_audio_transcription.completed":
		s.partial = ""
		if got.Transcript != "" {
			s.print(s.out, "You: "+got.Transcript)
		}
	case "response.output_audio_transcript.delta":
		lead := strings.Repeat(" ", utf8.RuneCountInString(s.her)+2)
		if s.saying != got.ItemID {
			s.saying, lead = got.ItemID, s.her+": "
		}
		s.print(s.out, lead+strings.TrimSpace(got.Delta))
	case "conversation.item.truncated":
		s.print(s.err, "(She stopped.)")
	case "twombly.notice":
		s.print(s.err, got.Message)
	case "error":
		s.print(s.err, got.Error.Message)
	case "response.done":
		if err := got.failure(); err != nil {
			s.print(s.err, "twombly: "+err.Error())
		}
	}
}

// The meter's ends, in dBFS, and its length.
const (
	meterLow, meterHigh = -60.0, -10.0
	meterLength         = 12
)

// meter is a level as a bar.
func meter(level float64) string {
	full := int(meterLength * (level - meterLow) / (meterHigh - meterLow))
	full = min(max(full, 0), meterLength)
	return strings.Repeat("#", full) + strings.Repeat(".", meterLength-full)
}

// stand draws the line of how it stands anew.
func (s *micScreen) stand(level float64, muted bool) {
	if !s.live {
		return
	}
	s.lock.Lock()
	defer s.lock.Unlock()
	state := s.state
	if muted {
		state = "muted"
	}
	line := fmt.Sprintf("[%s] %s", meter(level), state)
	if s.partial != "" {
		line += ": " + s.partial
	} else {
		line += "   space stops her, m mutes, q hangs up"
	}
	if runes := []rune(line); s.width > 1 && len(runes) >= s.width {
		line = string(runes[:s.width-1])
	}
	_, _ = fmt.Fprintf(s.out, "\r\x1b[K%s", line)
}

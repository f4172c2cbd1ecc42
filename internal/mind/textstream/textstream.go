// Package textstream turns the bytes of tokens into text that can be shown at once: it never gives out half a rune, nor
// the beginning of a stop string that may yet be completed.
package textstream

import (
	"strings"
	"unicode/utf8"
)

// Stream is the text of one answer. It is not safe for concurrent use.
type Stream struct {
	stops []string
	// stop is the stop string that ended the text.
	stop string
	// held is what came and was not given out.
	held []byte
}

// New makes a stream that ends before any of stops. A stop that is empty or not UTF-8 is none.
func New(stops []string) *Stream {
	s := &Stream{}
	for _, stop := range stops {
		if stop != "" && utf8.ValidString(stop) {
			s.stops = append(s.stops, stop)
		}
	}
	return s
}

// Push takes the bytes of the next token and returns what can be shown, and whether a stop string ended the text.
func (s *Stream) Push(bytes []byte) (text string, stopped bool) {
	s.held = append(s.held, bytes...)
	first := -1
	for _, stop := range s.stops {
		if i := strings.Index(string(s.held), stop); i >= 0 && (first < 0 || i < first) {
			first, s.stop = i, stop
		}
	}
	if first >= 0 {
		text = strings.ToValidUTF8(string(s.held[:first]), "\uFFFD")
		s.held = nil
		return text, true
	}
	return s.give(len(s.held) - s.unsafe()), false
}

// Stop is the stop string that ended the text, empty while none did.
func (s *Stream) Stop() string { return s.stop }

// Flush returns what was held back when no more will come. An unfinished rune is dropped.
func (s *Stream) Flush() string {
	return s.give(len(s.held) - unfinishedRune(s.held))
}

func (s *Stream) give(n int) string {
	text := strings.ToValidUTF8(string(s.held[:n]), "\uFFFD")
	s.held = append(s.held[:0], s.held[n:]...)
	return text
}

// unsafe is how many of the last held bytes must wait.
func (s *Stream) unsafe() int {
	wait := unfinishedRune(s.held)
	for _, stop := range s.stops {
		for n := min(len(stop)-1, len(s.held)); n > wait; n-- {
			if strings.HasSuffix(string(s.held), stop[:n]) {
				wait = n
				break
			}
		}
	}
	return wait
}

// unfinishedRune is how many bytes at the end are the beginning of a rune whose rest may come.
func unfinishedRune(bytes []byte) int {
	for n := 1; n <= min(utf8.UTFMax-1, len(bytes)); n++ {
		tail := bytes[len(bytes)-n:]
		if utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return n
			}
			return 0
		}
	}
	return 0
}

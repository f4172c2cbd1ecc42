package worker

import (
	"bufio"
	"io"
	"log/slog"
	"strings"
	"unicode"
)

const (
	longestLine = 400 // bytes of a line that are looked at
	mostLines   = 200 // lines of one child that are logged
)

// logOutput logs what a child prints until it ends: the beginning of each line, quoted text masked, and no more than
// mostLines, because a library may print without end and a panic's value may hold what a person said.
func logOutput(output io.Reader, log *slog.Logger) {
	reader := bufio.NewReaderSize(output, longestLine)
	lines, dropped := 0, 0
	panicking := false // inside the value of a panic, which may have several lines
	for {
		line, cut, err := reader.ReadLine()
		for rest := cut; rest && err == nil; {
			_, rest, err = reader.ReadLine()
		}
		text := maskLine(string(line))
		text, panicking = maskPanic(text, panicking)
		if text != "" {
			if lines++; lines <= mostLines {
				log.Info("worker printed", "line", text)
			} else {
				dropped++
			}
		}
		if err != nil {
			break
		}
	}
	if dropped > 0 {
		log.Info("worker printed more", "lines", dropped)
	}
}

// maskLine makes a line fit for the log: text in quotes becomes "…", and so does whatever is not plain ASCII, which in the
// messages of programs is data and not the message.
func maskLine(line string) string {
	var out strings.Builder
	var quote rune
	masked := false
	for _, r := range strings.TrimSpace(line) {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
				out.WriteRune(r)
			}
		case r == '"' || r == '`':
			quote = r
			out.WriteRune(r)
			out.WriteRune('…')
			masked = false
		case r > unicode.MaxASCII || r < ' ' && r != '\t':
			if !masked {
				out.WriteRune('…')
			}
			masked = true
		default:
			out.WriteRune(r)
			masked = false
		}
	}
	return out.String()
}

// maskPanic masks the value of a Go panic, which may be anything, unless it is the runtime's own.
func maskPanic(line string, inside bool) (masked string, stillInside bool) {
	switch {
	case strings.HasPrefix(line, "panic: runtime error: "):
		return line, false
	case strings.HasPrefix(line, "panic: "):
		return "panic: …", true
	case inside && (strings.HasPrefix(line, "goroutine ") || strings.HasPrefix(line, "[signal ")):
		return line, false
	case inside:
		return "", true
	default:
		return line, false
	}
}

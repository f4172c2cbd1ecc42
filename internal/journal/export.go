package journal

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// exportVersion is the version of both export formats.
const exportVersion = 1

// exportHeader is the first line of a JSONL export.
type exportHeader struct {
	Format  string    `json:"format"`
	Version int       `json:"version"`
	Person  string    `json:"person"`
	Moments int64     `json:"moments"`
	Made    time.Time `json:"made"`
}

// ExportJSONL writes every moment as one line of JSON (the fields of Moment), oldest first, after one line that says what
// the file is: {"format":"twombly export","version":1,...}. Nothing in it is sealed.
func (j *Journal) ExportJSONL(ctx context.Context, to io.Writer) error {
	buffered := bufio.NewWriter(to)
	encoder := json.NewEncoder(buffered)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(exportHeader{Format: "twombly export", Version: exportVersion, Person: j.place.ID(),
		Moments: j.Count(), Made: j.now().UTC().Truncate(time.Second)})
	if err == nil {
		err = j.Each(ctx, Query{}, func(moment Moment) error { return encoder.Encode(moment) })
	}
	if err == nil {
		err = buffered.Flush()
	}
	if err != nil {
		return fmt.Errorf("journal: export: %w", err)
	}
	return nil
}

// Names are what a person calls the two in an export.
type Names struct {
	Person, Companion string
}

// ExportMarkdown writes the conversation for people to read: a heading a day, in the zone the person was in, a paragraph
// a turn, with what was heard of hers. Decisions stand between them. Nothing in it is sealed.
func (j *Journal) ExportMarkdown(ctx context.Context, to io.Writer, names Names) error {
	page := &markdown{to: bufio.NewWriter(to), names: names}
	if page.names.Person == "" {
		page.names.Person = "You"
	}
	if page.names.Companion == "" {
		page.names.Companion = "She"
	}
	page.print("# A conversation\n\n%s and %s, written down by Twombly. Export format %d.\n",
		escape(page.names.Person), escape(page.names.Companion), exportVersion)
	err := j.Each(ctx, Query{}, func(moment Moment) error {
		page.add(moment)
		return page.err
	})
	page.flush()
	if err == nil {
		err = page.err
	}
	if err == nil {
		err = page.to.Flush()
	}
	if err != nil {
		return fmt.Errorf("journal: export: %w", err)
	}
	return nil
}

// markdown writes lines as soon as they are complete: it holds the moments since the last point at which no reply of hers
// was open.
type markdown struct {
	to      *bufio.Writer
	names   Names
	day     string
	waiting []Moment
	err     error
}

// longestTalk bounds how many moments wait for the end of a reply.
const longestTalk = 2000

func (m *markdown) add(moment Moment) {
	m.waiting = append(m.waiting, moment)
	if len(m.waiting) >= longestTalk || len(m.waiting) >= 100 && len(Unfinished(m.waiting)) == 0 {
		m.flush()
	}
}

// flush writes what waits: turns and decisions in the order in which they began.
func (m *markdown) flush() {
	lines := Conversation(m.waiting)
	for _, moment := range m.waiting {
		for len(lines) > 0 && lines[0].Sequence <= moment.Sequence {
			m.turn(lines[0])
			lines = lines[1:]
		}
		if moment.Kind == Decision || moment.Kind == Tombstone {
			m.heading(moment.At, moment.Zone)
			m.print("\n*%s, %s: `%s`*\n", clock(moment.At, moment.Zone), moment.Kind,
				strings.ReplaceAll(strings.TrimSpace(moment.Words+" "+string(moment.Data)), "`", "'"))
		}
	}
	m.waiting = m.waiting[:0]
}

func (m *markdown) turn(line Line) {
	m.heading(line.At, line.Zone)
	who := m.names.Person
	switch line.Speaker {
	case Companion:
		who = m.names.Companion
	case System:
		who = "System"
	}
	note := ""
	if line.Cut {
		note = " *(cut off)*"
	}
	m.print("\n**%s** (%s): %s%s\n", escape(who), clock(line.At, line.Zone), escape(line.Words), note)
}

// heading begins a day when it is another one.
func (m *markdown) heading(at time.Time, zone string) {
	if day := inZone(at, zone).Format("Monday, 2 January 2006"); day != m.day {
		m.day = day
		m.print("\n## %s\n", day)
	}
}

func (m *markdown) print(format string, details ...any) {
	if m.err == nil {
		_, m.err = fmt.Fprintf(m.to, format, details...)
	}
}

func clock(at time.Time, zone string) string { return inZone(at, zone).Format("15:04") }

// inZone shows a time as the person's clock showed it; an unknown zone leaves the offset it was written with.
func inZone(at time.Time, zone string) time.Time {
	if zone == "" {
		return at
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return at
	}
	return at.In(location)
}

// escape keeps words from being read as Markdown: special characters get a backslash, and lines after the first stay in
// the paragraph.
func escape(words string) string {
	var escaped strings.Builder
	for i, line := range strings.Split(strings.ReplaceAll(words, "\r\n", "\n"), "\n") {
		if i > 0 {
			escaped.WriteString("  \n")
			line = strings.TrimLeft(line, " \t")
		}
		for place, char := range line {
			if strings.ContainsRune("\\`*_{}[]<>|~&", char) || place == 0 && strings.ContainsRune("#+-=:", char) {
				escaped.WriteByte('\\')
			}
			if (char == '.' || char == ')') && place > 0 && strings.Trim(line[:place], "0123456789") == "" {
				escaped.WriteByte('\\') // "1." would begin a list
			}
			escaped.WriteRune(char)
		}
	}
	return escaped.String()
}

package native

import (
	"io"
	"sync"
)

// Progress is told how fetching goes. Package progress shows it on a terminal.
type Progress interface {
	// Begin announces one group of files; name is for people. Bars of several groups are used at the same time.
	Begin(name string) Bar
	// Note tells a person something that belongs to no group.
	Note(text string)
}

// Bar is one group's progress. It may be used from several goroutines.
type Bar interface {
	// Update says how many bytes of about how many there are; both can fall when another source is tried.
	Update(done, total int64)
	// Note says what happens now, when it is not downloading: "verifying".
	Note(text string)
	// Done ends the bar; err is nil if all is well.
	Done(err error)
}

// silent is the Progress of nobody.
type silent struct{}

func (silent) Begin(string) Bar    { return silent{} }
func (silent) Update(int64, int64) {}
func (silent) Note(string)         {}
func (silent) Done(error)          {}

// meter adds up the progress of a group's artefacts.
type meter struct {
	bar   Bar
	mu    sync.Mutex
	total int64
	done  map[int]int64
}

// begin starts counting anew, for another source.
func (m *meter) begin(total int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.total, m.done = total, make(map[int]int64)
	m.bar.Update(0, total)
}

// set says how far the artefact of an index is.
func (m *meter) set(index int, done int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.done[index] = done
	var sum int64
	for _, bytes := range m.done {
		sum += bytes
	}
	m.bar.Update(min(sum, m.total), m.total)
}

// meteredWriter counts what passes.
type meteredWriter struct {
	io.Writer
	count func(n int)
}

func (w meteredWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	w.count(n)
	return n, err
}

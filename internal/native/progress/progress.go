// Package progress shows how fetching goes: bars with speed and time left on a terminal, plain lines elsewhere.
package progress

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"twombly/internal/native"
)

// Bars draws one bar for each group of files on a terminal. Call Wait when fetching is over.
type Bars struct {
	container *mpb.Progress
	terminal  io.Writer
}

// NewBars returns bars that are drawn on a terminal.
func NewBars(terminal io.Writer) *Bars {
	return newBars(terminal, 150*time.Millisecond)
}

func newBars(terminal io.Writer, refresh time.Duration) *Bars {
	return &Bars{terminal: terminal, container: mpb.New(mpb.WithOutput(terminal), mpb.WithWidth(64), mpb.WithRefreshRate(refresh), mpb.WithAutoRefresh())}
}

// Wait draws the bars a last time. No bar may be begun after it.
func (b *Bars) Wait() { b.container.Wait() }

// Note prints a line above the bars.
func (b *Bars) Note(text string) {
	if _, err := fmt.Fprintln(b.container, text); err != nil {
		// All bars have ended: there is nothing to print above. A terminal that is gone is the caller's affair.
		_, _ = fmt.Fprintln(b.terminal, text)
	}
}

// Begin begins a bar.
func (b *Bars) Begin(name string) native.Bar {
	bar := new(bar)
	const nameWidth = 38
	bar.bar = b.container.New(0, mpb.BarStyle().Rbound("|").Lbound("|"),
		mpb.PrependDecorators(decor.Name(shorten(name, nameWidth), decor.WC{W: nameWidth, C: decor.DindentRight | decor.DextraSpace})),
		mpb.AppendDecorators(decor.Any(bar.text)))
	return bar
}

type bar struct {
	bar *mpb.Bar

	mu   sync.Mutex
	note string
	pace pace
}

// text is what stands behind the bar: how much, how fast and how long, or what happens.
func (b *bar) text(decor.Statistics) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.note != "":
		return "  " + b.note
	case b.pace.done == 0:
		return "  waiting"
	default:
		return "  " + b.pace.String()
	}
}

func (b *bar) Update(done, total int64) {
	b.mu.Lock()
	b.note = ""
	renewed := total != b.pace.total
	b.pace.update(done, total)
	b.mu.Unlock()
	// Not under the lock: the bar's own goroutine, which these wait for, may be waiting for it in text.
	if renewed {
		b.bar.SetTotal(total, false)
	}
	b.bar.SetCurrent(done)
}

func (b *bar) Note(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.note = text
}

func (b *bar) Done(err error) {
	if err != nil {
		b.Note("failed")
		b.bar.Abort(false)
		return
	}
	b.Note("ready")
	b.bar.SetTotal(-1, true)
}

// Lines prints a line when something begins, every ten seconds while it goes on, and when it ends.
type Lines struct {
	mu  sync.Mutex
	out io.Writer
}

// NewLines returns a Progress that prints lines.
func NewLines(out io.Writer) *Lines { return &Lines{out: out} }

// Note prints a line.
func (l *Lines) Note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// Where to print is the caller's affair, and fetching goes on when it can't be printed.
	_, _ = fmt.Fprintln(l.out, text)
}

// Begin prints that something begins.
func (l *Lines) Begin(name string) native.Bar {
	now := time.Now()
	return &lineBar{lines: l, name: name, begun: now, printed: now}
}

type lineBar struct {
	lines *Lines
	name  string

	mu      sync.Mutex
	begun   time.Time
	printed time.Time
	pace    pace
}

const lineEvery = 10 * time.Second

func (b *lineBar) Update(done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if total != b.pace.total {
		b.lines.Note(fmt.Sprintf("%s: %s", b.name, native.Size(total)))
	}
	b.pace.update(done, total)
	if now := time.Now(); now.Sub(b.printed) >= lineEvery && total > 0 && done > 0 {
		b.printed = now
		b.lines.Note(fmt.Sprintf("%s: %s (%d %%)", b.name, b.pace.String(), 100*done/total))
	}
}

func (b *lineBar) Note(text string) { b.lines.Note(b.name + ": " + text) }

func (b *lineBar) Done(err error) {
	if err != nil {
		b.lines.Note(b.name + ": failed")
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines.Note(fmt.Sprintf("%s: ready after %v", b.name, time.Since(b.begun).Round(100*time.Millisecond)))
}

// pace measures a download's speed since its first bytes came; before them it may have waited for its turn.
type pace struct {
	done, total int64
	first       time.Time
	skipped     int64 // bytes that were there at first
}

func (p *pace) update(done, total int64) {
	if total != p.total || done < p.done {
		p.first = time.Time{} // another source, from the beginning
	}
	if p.first.IsZero() && done > 0 {
		p.first, p.skipped = time.Now(), done
	}
	p.done, p.total = done, total
}

// String is "20.0 MB of 100.0 MB, 1.0 MB/s, 1m20s left".
func (p *pace) String() string {
	text := fmt.Sprintf("%s of %s", native.Size(p.done), native.Size(p.total))
	elapsed := time.Since(p.first)
	if p.first.IsZero() || elapsed < 500*time.Millisecond || p.done <= p.skipped || p.done >= p.total {
		return text
	}
	speed := float64(p.done-p.skipped) / elapsed.Seconds()
	left := time.Duration(float64(p.total-p.done) / speed * float64(time.Second)).Round(time.Second)
	return text + fmt.Sprintf(", %s/s, %v left", native.Size(int64(speed)), left)
}

// shorten cuts a name to a number of characters.
func shorten(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most-1]) + "…"
}

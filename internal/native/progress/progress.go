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
}

// NewBars returns bars that are drawn on a terminal.
func NewBars(terminal io.Writer) *Bars {
	return &Bars{container: mpb.New(mpb.WithOutput(terminal), mpb.WithWidth(64), mpb.WithAutoRefresh())}
}

// Wait draws the bars a last time. No bar may be begun after it.
func (b *Bars) Wait() { b.container.Wait() }

// Note prints a line above the bars.
func (b *Bars) Note(text string) {
	// It fails only after Wait, when there is nothing to print above.
	_, _ = fmt.Fprintln(b.container, text)
}

// Begin begins a bar.
func (b *Bars) Begin(name string) native.Bar {
	bar := &bar{last: time.Now()}
	const nameWidth = 38
	bar.bar = b.container.New(0, mpb.BarStyle().Rbound("|").Lbound("|"),
		mpb.PrependDecorators(decor.Name(shorten(name, nameWidth), decor.WC{W: nameWidth, C: decor.DindentRight | decor.DextraSpace})),
		mpb.AppendDecorators(
			decor.Any(bar.text),
			decor.OnComplete(decor.OnAbort(decor.EwmaSpeed(decor.SizeB1000(0), "  % .1f", 30), ""), ""),
			decor.OnComplete(decor.OnAbort(decor.EwmaETA(decor.ET_STYLE_GO, 30, decor.WC{W: 7}), ""), ""),
		))
	return bar
}

type bar struct {
	bar *mpb.Bar

	mu    sync.Mutex
	last  time.Time
	note  string
	total int64
}

// text is what stands behind the bar: how much, or what happens.
func (b *bar) text(stats decor.Statistics) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.note != "":
		return "  " + b.note
	case stats.Total <= 0:
		return "  waiting"
	default:
		return fmt.Sprintf("  %s of %s", native.Size(stats.Current), native.Size(stats.Total))
	}
}

func (b *bar) Update(done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.note = ""
	now := time.Now()
	if total != b.total {
		b.total = total
		b.bar.SetTotal(total, false)
	}
	b.bar.EwmaSetCurrent(done, now.Sub(b.last))
	b.last = now
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
	moving  time.Time // when the first bytes came
	printed time.Time
	total   int64
}

const lineEvery = 10 * time.Second

func (b *lineBar) Update(done, total int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	if total != b.total {
		b.total = total
		b.lines.Note(fmt.Sprintf("%s: %s", b.name, native.Size(total)))
	}
	if b.moving.IsZero() && done > 0 {
		b.moving = now // it may have waited for its turn before
	}
	if now.Sub(b.printed) < lineEvery || total <= 0 || done == 0 {
		return
	}
	b.printed = now
	line := fmt.Sprintf("%s: %s of %s (%d %%)", b.name, native.Size(done), native.Size(total), 100*done/total)
	if elapsed := now.Sub(b.moving); elapsed > 0 {
		speed := float64(done) / elapsed.Seconds()
		left := time.Duration(float64(total-done) / speed * float64(time.Second)).Round(time.Second)
		line += fmt.Sprintf(", %s/s, %v left", native.Size(int64(speed)), left)
	}
	b.lines.Note(line)
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

// shorten cuts a name to a number of characters.
func shorten(name string, most int) string {
	runes := []rune(name)
	if len(runes) <= most {
		return name
	}
	return string(runes[:most-1]) + "…"
}

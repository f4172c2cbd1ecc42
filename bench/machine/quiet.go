package machine

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// QuietLimit is the share of one core that others may use over a run; above it the run is void.
const QuietLimit = 0.05

// Quiet says whether the machine was left alone during a run.
type Quiet struct {
	// Outside is the processor time of everything but the benchmark and its children, as a share of one core.
	Outside float64 `json:"outside_cores"`
	// Stolen is how much of it a hypervisor kept for other machines on the same hardware (steal in man 5 proc_stat): nobody on
	// this one can do anything about it.
	Stolen  float64 `json:"stolen_cores"`
	Limit   float64 `json:"limit_cores"`
	Seconds float64 `json:"seconds"`
	// Void is true when the run does not count: others were busy, or it could not be known.
	Void bool `json:"void"`
	// Why says so in a sentence.
	Why string `json:"why,omitempty"`
}

// Watch looks at the machine from Begin to End.
type Watch struct {
	began time.Time
	at    usage
	err   error
}

// usage is processor time: of the whole machine, of that what a hypervisor kept, and of this process with its children.
type usage struct{ all, stolen, ours time.Duration }

// Begin starts to watch.
func Begin() *Watch {
	w := &Watch{began: time.Now()}
	w.at, w.err = look()
	return w
}

// End says how it was. It may be asked more than once.
func (w *Watch) End() Quiet {
	now, err := look()
	if w.err != nil {
		err = w.err
	}
	if err != nil {
		return Quiet{Limit: QuietLimit, Void: true, Why: err.Error()}
	}
	return judge(time.Since(w.began), usage{now.all - w.at.all, now.stolen - w.at.stolen, now.ours - w.at.ours})
}

// judge applies the limit to the processor time used over a time.
func judge(over time.Duration, used usage) Quiet {
	q := Quiet{Limit: QuietLimit, Seconds: over.Seconds()}
	if over <= 0 {
		q.Void, q.Why = true, "nothing was measured"
		return q
	}
	q.Outside = max(0, (used.all-used.ours).Seconds()/over.Seconds())
	q.Stolen = min(q.Outside, used.stolen.Seconds()/over.Seconds())
	if q.Outside > QuietLimit {
		q.Void = true
		q.Why = fmt.Sprintf("others used %.0f %% of a core (%.0f %% taken by the hypervisor); a run counts up to %.0f %%",
			100*q.Outside, 100*q.Stolen, 100*QuietLimit)
	}
	return q
}

// look reads how much was used so far, by dead children too.
func look() (used usage, err error) {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return usage{}, ErrUnknown
	}
	if used.all, used.stolen, err = busy(string(text)); err != nil {
		return usage{}, err
	}
	tree, err := Tree(os.Getpid())
	if err != nil {
		return usage{}, err
	}
	for _, process := range tree {
		used.ours += process.CPU + process.Reaped
	}
	return used, nil
}

// busy is the time that all cores together have worked, from /proc/stat: user, nice, system, irq, softirq and steal, but
// not idle and iowait; guest time is inside user (man 5 proc_stat). stolen is the steal in it.
func busy(text string) (all, stolen time.Duration, err error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 9 || fields[0] != "cpu" {
			continue
		}
		var sum int64
		for _, i := range []int{1, 2, 3, 6, 7, 8} {
			value, err := strconv.ParseInt(fields[i], 10, 64)
			if err != nil {
				return 0, 0, fmt.Errorf("read the machine's processor time: %w", err)
			}
			sum += value
			if i == 8 {
				stolen = ticks(value)
			}
		}
		return ticks(sum), stolen, nil
	}
	return 0, 0, ErrUnknown
}

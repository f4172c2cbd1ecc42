package durability

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// Victim is a program that keeps moments and is to be killed while it does. It may be any program that writes to its
// standard output one line for each moment as soon as it is acknowledged: "ack ID". A line "inside" says that it has
// stopped inside a commit and waits to be killed there. Other lines are ignored.
type Victim struct {
	Command *exec.Cmd
}

// Blow says when the victim is killed; whichever comes first.
type Blow struct {
	// AfterAcknowledged many "ack" lines; 0 means never.
	AfterAcknowledged int
	// AfterAcknowledgedWait is how long to wait after those lines.
	AfterAcknowledgedWait time.Duration
	// Inside: as soon as it says "inside".
	Inside bool
	// Patience ends a victim that does neither, which is an error; 0 means a minute.
	Patience time.Duration
}

// Death is what was seen of the victim.
type Death struct {
	// Acknowledged are the IDs it had printed, in order.
	Acknowledged []string
	// Inside is true when it was killed while it waited inside a commit.
	Inside bool
}

// Kill starts the victim, kills it with SIGKILL when the blow says so, and returns when it is dead and its last words are
// read.
func Kill(ctx context.Context, victim Victim, blow Blow) (Death, error) {
	patience := blow.Patience
	if patience == 0 {
		patience = time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	output, err := victim.Command.StdoutPipe()
	if err != nil {
		return Death{}, err
	}
	var complaints strings.Builder
	if victim.Command.Stderr == nil {
		victim.Command.Stderr = &complaints
	}
	if err := victim.Command.Start(); err != nil {
		return Death{}, fmt.Errorf("durability: start the victim: %w", err)
	}
	var death Death
	due := make(chan bool, 1)
	var reading sync.WaitGroup
	reading.Go(func() { death.listen(output, blow, due) })
	var why error
	select {
	case death.Inside = <-due:
		if !death.Inside && blow.AfterAcknowledgedWait > 0 {
			time.Sleep(blow.AfterAcknowledgedWait) // the instant of a kill is meant to be anywhere: nothing waits for it
		}
	case <-ctx.Done():
		why = fmt.Errorf("durability: the victim gave no occasion within %s", patience)
	}
	if err := victim.Command.Process.Kill(); err != nil && why == nil {
		why = fmt.Errorf("durability: the victim died before: %w", err)
	}
	reading.Wait()
	// Wait closes the pipe, so it comes after reading. That the victim was killed is what was wanted.
	_ = victim.Command.Wait()
	if state := victim.Command.ProcessState; why == nil && state.Exited() {
		why = fmt.Errorf("durability: the victim ended by itself: %s", state)
	}
	if why != nil && complaints.Len() > 0 {
		why = fmt.Errorf("%w\n%s", why, complaints.String())
	}
	return death, why
}

// listen reads the victim's lines to their end, which comes with its death, and says once when the blow is due.
func (d *Death) listen(output io.Reader, blow Blow, due chan<- bool) {
	said := false
	say := func(inside bool) {
		if !said {
			said = true
			due <- inside
		}
	}
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		line := lines.Text()
		if id, isAck := strings.CutPrefix(line, "ack "); isAck {
			d.Acknowledged = append(d.Acknowledged, id)
			if blow.AfterAcknowledged > 0 && len(d.Acknowledged) >= blow.AfterAcknowledged {
				say(false)
			}
		}
		if line == "inside" && blow.Inside {
			say(true)
		}
	}
	say(false) // it closed its output: nothing more will come
}

package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"golang.org/x/term"

	"twombly/internal/native"
	"twombly/internal/native/progress"
)

// fetchModels makes sure that the entries are here (none means all that are needed by default): it says what it will
// download and under which licences, asks once, and fetches.
func fetchModels(ctx context.Context, store *native.Store, terminal terminal, accepted bool, ids ...string) error {
	plan, err := store.Plan(ids...)
	if err != nil {
		return err
	}
	if plan.Nothing() {
		return nil
	}
	if plan.Download > 0 {
		printPlan(terminal.err, plan)
		if !accepted {
			if err := askToAccept(terminal); err != nil {
				return err
			}
		}
	}
	bars, wait := showProgress(terminal.err)
	err = store.Fetch(ctx, plan, bars)
	wait()
	if err != nil {
		return fmt.Errorf("fetch models: %w", err)
	}
	return nil
}

// printPlan shows what would be downloaded, entry by entry.
func printPlan(out io.Writer, plan native.Plan) {
	_, _ = fmt.Fprintln(out, plan.Sentence())
	for _, item := range plan.Items {
		if item.Download > 0 {
			_, _ = fmt.Fprintf(out, "  %-34s %9s  %s\n", item.Entry.Title, native.Size(item.Download), item.Entry.Licence)
		}
	}
}

// errNotAccepted means that the licences were not accepted.
var errNotAccepted = errors.New("nothing was downloaded, because the licences were not accepted; " +
	"on a machine where nobody sits, --accept-licences says yes")

// askToAccept asks the person once.
func askToAccept(terminal terminal) error {
	yes, err := ask(terminal, "Download them and accept these licences? [y/N] ")
	if err == nil && !yes {
		return errNotAccepted
	}
	return err
}

// ask puts a question with two answers; where nobody sits the answer is no.
func ask(terminal terminal, question string) (yes bool, err error) {
	if terminal.in == nil || !term.IsTerminal(int(terminal.in.Fd())) {
		return false, nil
	}
	_, _ = fmt.Fprint(terminal.err, question)
	answer, err := bufio.NewReader(terminal.in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("read your answer: %w", err)
	}
	answer = strings.ToLower(strings.TrimSpace(answer))
	return answer == "y" || answer == "yes", nil
}

// showProgress draws bars on a terminal and prints lines elsewhere.
func showProgress(out io.Writer) (native.Progress, func()) {
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		bars := progress.NewBars(out)
		return bars, bars.Wait
	}
	return progress.NewLines(out), func() {}
}

// openStore opens the folder of models.
func openStore(cache string, log *slog.Logger) (*native.Store, error) {
	return native.Open(native.Options{Dir: cache, Log: log})
}

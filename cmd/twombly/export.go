package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// exportCommand writes everything that was said.
type exportCommand struct {
	dataFolder `embed:""`
	Out        string `required:"" type:"path" placeholder:"DIR" help:"Folder to write to; it is made, and must be empty."`
}

// Help implements kong.HelpProvider.
func (exportCommand) Help() string {
	return `journal.md is for people, journal.jsonl for programs: after a line that says what the file is, one moment a line. Works
also while a server runs on the store.

Examples:

  twombly export --out my-journal
  twombly export --out my-journal && jq -r 'select(.kind=="said") | .words' my-journal/journal.jsonl`
}

func (e *exportCommand) Run(ctx context.Context, term terminal) error {
	return withRecords(ctx, e.Data, func(records records) error {
		if err := os.MkdirAll(e.Out, 0o700); err != nil {
			return fmt.Errorf("make the folder: %w", err)
		}
		if there, err := os.ReadDir(e.Out); err != nil || len(there) > 0 {
			return errors.Join(fmt.Errorf("%s is not empty; nothing was written", e.Out), err)
		}
		lines := &lineCounter{}
		err := writeNew(filepath.Join(e.Out, "journal.jsonl"), func(to io.Writer) error {
			return records.jsonl(ctx, io.MultiWriter(to, lines))
		})
		if err != nil {
			return err
		}
		err = writeNew(filepath.Join(e.Out, "journal.md"), func(to io.Writer) error { return records.markdown(ctx, to) })
		if err != nil {
			return err
		}
		// The first line says what the file is.
		_, err = fmt.Fprintf(term.out, "%d moments are in %s: journal.md to read, journal.jsonl for programs.\n"+
			"They are not sealed there: whoever can read the files can read what was said.\n", lines.count-1, e.Out)
		return err
	})
}

// lineCounter counts lines that are written to it.
type lineCounter struct{ count int }

func (l *lineCounter) Write(text []byte) (int, error) {
	l.count += bytes.Count(text, []byte("\n"))
	return len(text), nil
}

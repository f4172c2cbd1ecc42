package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"twombly/internal/companion"
	"twombly/internal/journal"
)

// withJournal opens the owner's journal for a command; no server may run on the store meanwhile.
func withJournal(ctx context.Context, folder string, job func(*journal.Journal) error) error {
	home, err := openHome(ctx, folder, nil)
	if err != nil {
		return err
	}
	place, err := home.owner(ctx)
	if err != nil {
		return errors.Join(err, home.house.Close())
	}
	book, err := journal.Open(ctx, journal.Options{Place: place})
	if err != nil {
		return errors.Join(err, home.house.Close())
	}
	return errors.Join(job(book), book.Close(), home.house.Close())
}

// journalCommand looks after the journal.
type journalCommand struct {
	Verify journalVerifyCommand `cmd:"" help:"Check every moment, the chain that binds them, and the store's structure."`
}

type journalVerifyCommand struct {
	dataFolder `embed:""`
	JSON       bool `name:"json" help:"Print the whole report as JSON."`
}

// errUnsound means that a journal is not as it was written.
var errUnsound = errors.New("the journal is not as it was written; a copy from before may be")

func (j *journalVerifyCommand) Run(ctx context.Context, term terminal) error {
	return withJournal(ctx, j.Data, func(book *journal.Journal) error {
		report, err := book.Verify(ctx)
		if err != nil {
			return err
		}
		if j.JSON {
			encoder := json.NewEncoder(term.out)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(report); err != nil {
				return fmt.Errorf("print the report: %w", err)
			}
		} else if err := printReport(term.out, report); err != nil {
			return err
		}
		if !report.Sound() {
			return errUnsound
		}
		return nil
	})
}

func printReport(out io.Writer, report journal.Report) error {
	for _, problem := range report.Problems {
		if _, err := fmt.Fprintf(out, "moment %d: %s\n", problem.Sequence, problem.Sentence); err != nil {
			return err
		}
	}
	if !report.Sound() {
		return nil
	}
	_, err := fmt.Fprintf(out, "All %d moments are there, unchanged and in order.\nHead of the chain: %s\n", report.Moments, report.Head)
	return err
}

// exportCommand writes everything that was said.
type exportCommand struct {
	dataFolder `embed:""`
	Out        string `required:"" type:"path" placeholder:"DIR" help:"Folder to write to; it is made, and must be empty."`
}

func (e *exportCommand) Run(ctx context.Context, term terminal) error {
	if err := os.MkdirAll(e.Out, 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if there, err := os.ReadDir(e.Out); err != nil || len(there) > 0 {
		return errors.Join(fmt.Errorf("%s is not empty; nothing was written", e.Out), err)
	}
	return withJournal(ctx, e.Data, func(book *journal.Journal) error {
		names, err := namesIn(ctx, book)
		if err != nil {
			return err
		}
		err = writeNew(filepath.Join(e.Out, "journal.jsonl"), func(to io.Writer) error { return book.ExportJSONL(ctx, to) })
		if err != nil {
			return err
		}
		err = writeNew(filepath.Join(e.Out, "journal.md"), func(to io.Writer) error { return book.ExportMarkdown(ctx, to, names) })
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(term.out, "%d moments are in %s: journal.md to read, journal.jsonl for programs.\n"+
			"They are not sealed there: whoever can read the files can read what was said.\n", book.Count(), e.Out)
		return err
	})
}

// namesIn is what the two call each other.
func namesIn(ctx context.Context, book *journal.Journal) (journal.Names, error) {
	her, err := companion.Open(ctx, companion.Options{Journal: book})
	if err != nil {
		return journal.Names{}, err
	}
	person, name := her.Names()
	return journal.Names{Person: person, Companion: name}, nil
}

// writeNew writes a file that does not exist yet, for its owner's eyes only.
func writeNew(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	if err := errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

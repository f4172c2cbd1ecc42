package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"twombly/internal/companion"
	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/people/control"
)

// records is what commands read of the owner's journal: from the store itself, or through the server that has it.
type records interface {
	// report verifies the whole journal.
	report(ctx context.Context) (journal.Report, error)
	// jsonl and markdown write everything that was said.
	jsonl(ctx context.Context, to io.Writer) error
	markdown(ctx context.Context, to io.Writer) error
	// trace writes a sealed trace, opened.
	trace(ctx context.Context, name string, to io.Writer) error
}

// withRecords runs a job on the records of a data folder, which must be there: reading makes no store.
func withRecords(ctx context.Context, folder string, job func(records) error) error {
	client, err := control.Dial(ctx, folder)
	if err == nil {
		defer client.Close()
		return job(servedRecords{client})
	}
	if !errors.Is(err, control.ErrNoServer) {
		return err
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is nothing at %s yet; name the folder with --data, or start her: twombly serve", folder)
	}
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
	return errors.Join(job(ownRecords{book, place}), book.Close(), home.house.Close())
}

// ownRecords are those of a store that is open in this process.
type ownRecords struct {
	book  *journal.Journal
	place *fabric.Place
}

func (r ownRecords) report(ctx context.Context) (journal.Report, error) { return r.book.Verify(ctx) }

func (r ownRecords) jsonl(ctx context.Context, to io.Writer) error {
	return r.book.ExportJSONL(ctx, to)
}

func (r ownRecords) markdown(ctx context.Context, to io.Writer) error {
	names, err := namesIn(ctx, r.book)
	if err != nil {
		return err
	}
	return r.book.ExportMarkdown(ctx, to, names)
}

func (r ownRecords) trace(_ context.Context, name string, to io.Writer) error {
	text, err := traceFile(r.place, name).Read(r.place.Key())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no trace %q, neither as a file nor sealed in the store", name)
	}
	if err != nil {
		return err
	}
	_, err = to.Write(text)
	return err
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

// What a running server is asked for.
const (
	askReport   = "journal-report"
	askJSONL    = "journal-jsonl"
	askMarkdown = "journal-markdown"
	askTrace    = "trace"
)

// servedRecords are those that a running server has.
type servedRecords struct{ client *control.Client }

func (r servedRecords) report(ctx context.Context) (journal.Report, error) {
	var text bytes.Buffer
	if err := r.copy(ctx, askReport, "", &text); err != nil {
		return journal.Report{}, err
	}
	var report journal.Report
	if err := json.Unmarshal(text.Bytes(), &report); err != nil {
		return journal.Report{}, fmt.Errorf("read the running server's report: %w", err)
	}
	return report, nil
}

func (r servedRecords) jsonl(ctx context.Context, to io.Writer) error {
	return r.copy(ctx, askJSONL, "", to)
}

func (r servedRecords) markdown(ctx context.Context, to io.Writer) error {
	return r.copy(ctx, askMarkdown, "", to)
}

func (r servedRecords) trace(ctx context.Context, name string, to io.Writer) error {
	return r.copy(ctx, askTrace, name, to)
}

func (r servedRecords) copy(ctx context.Context, name, argument string, to io.Writer) error {
	body, err := r.client.Read(ctx, name, argument)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, body)
	if err := errors.Join(err, body.Close()); err != nil {
		return fmt.Errorf("read from the running server: %w", err)
	}
	return nil
}

// recordRoutes answer servedRecords in the server.
func recordRoutes(own ownRecords) []control.Route {
	return []control.Route{
		{Name: askReport, Write: func(ctx context.Context, _ string, to io.Writer) error {
			report, err := own.report(ctx)
			if err != nil {
				return err
			}
			return json.NewEncoder(to).Encode(report)
		}},
		{Name: askJSONL, Write: func(ctx context.Context, _ string, to io.Writer) error { return own.jsonl(ctx, to) }},
		{Name: askMarkdown, Write: func(ctx context.Context, _ string, to io.Writer) error { return own.markdown(ctx, to) }},
		{Name: askTrace, Write: own.trace},
	}
}

// writeNew writes a file that does not exist yet, for its owner's eyes only.
func writeNew(path string, write func(io.Writer) error) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("make %s: %w", filepath.Base(path), err)
	}
	if err := errors.Join(write(file), file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"

	"twombly/internal/native"
)

// cacheFolder is the one setting that commands on models need.
type cacheFolder struct {
	Cache string `env:"TWOMBLY_CACHE" default:"${twombly_cache}" type:"place" placeholder:"DIR" help:"Folder of models and libraries, which can be fetched again at any time." key:"cache"`
}

// open opens the folder of models, quietly: what goes wrong is an error of the command.
func (c cacheFolder) open(term terminal) (*native.Store, error) {
	return openStore(c.Cache, slog.New(slog.NewTextHandler(term.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
}

// modelsCommand looks after models and libraries.
type modelsCommand struct {
	List   modelsListCommand   `cmd:"" help:"List them: what for, how large, under which licence, from where, and whether they are here."`
	Fetch  modelsFetchCommand  `cmd:"" help:"Download and verify those that are missing."`
	Verify modelsVerifyCommand `cmd:"" help:"Read every file again and compare it with what it should be."`
	Remove modelsRemoveCommand `cmd:"" help:"Delete one from this machine."`
	Use    modelsUseCommand    `cmd:"" help:"Think with a model file or a server of your own."`
}

// Help implements kong.HelpProvider.
func (modelsCommand) Help() string {
	return `Examples:

  twombly models list
  twombly models fetch
  twombly models fetch smollm2-135m-instruct-q4_1
  twombly models use ~/models/my-model.gguf
  twombly models use http://127.0.0.1:11434/v1 --model qwen3
  twombly models use default`
}

type modelsListCommand struct {
	cacheFolder `embed:""`
	JSON        bool `name:"json" help:"Print the list as JSON."`
}

// modelRow is one entry as "models list --json" prints it.
type modelRow struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Purpose     string   `json:"purpose"`
	Bytes       int64    `json:"bytes"`
	Licence     string   `json:"licence"`
	LicenceNote string   `json:"licence_note,omitempty"`
	Sources     []string `json:"sources"`
	// Needed entries are fetched at the first start; the others only when asked for.
	Needed bool `json:"needed"`
	// State is absent, partial, damaged, unverified or ready.
	State string `json:"state"`
	// Path is where it lies: a folder, or the system's own library.
	Path string `json:"path"`
}

func (m *modelsListCommand) Run(term terminal) error {
	store, err := m.open(term)
	if err != nil {
		return err
	}
	rows := modelRows(store)
	if m.JSON {
		return printJSON(term.out, rows)
	}
	return printModels(term.out, rows, store.Dir())
}

func modelRows(store *native.Store) []modelRow {
	var rows []modelRow
	for _, entry := range store.Entries() {
		state := store.State(entry.ID)
		row := modelRow{
			ID: entry.ID, Title: entry.Title, Purpose: entry.Purpose, Bytes: entry.Bytes(), Licence: entry.Licence,
			LicenceNote: entry.LicenceNote, Sources: entry.SourceNames(), Needed: !entry.Optional && !entry.LicenceUnclear,
			State: state.Condition.String(), Path: store.Folder(entry.ID),
		}
		if state.System != "" {
			row.Path = state.System
		}
		rows = append(rows, row)
	}
	return rows
}

func printModels(out io.Writer, rows []modelRow, folder string) error {
	table := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ID\tSIZE\tHERE\tLICENCE\tFROM\tWHAT FOR")
	for _, row := range rows {
		purpose := row.Purpose
		if !row.Needed {
			purpose += " (not needed to talk)"
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n",
			row.ID, native.Size(row.Bytes), row.State, row.Licence, strings.Join(row.Sources, ", "), purpose)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("print the list: %w", err)
	}
	_, err := fmt.Fprintf(out, "\nThey lie in %s.\n", folder)
	return err
}

func printJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(value); err != nil {
		return fmt.Errorf("print the answer: %w", err)
	}
	return nil
}

type modelsFetchCommand struct {
	cacheFolder    `embed:""`
	AcceptLicences bool     `name:"accept-licences" env:"TWOMBLY_ACCEPT_LICENCES" help:"Accept the licences without being asked, for machines on which nobody sits." key:"accept_licences"`
	IDs            []string `arg:"" name:"id" optional:"" complete:"models" help:"Which ones; all that a conversation needs by default."`
}

func (m *modelsFetchCommand) Run(ctx context.Context, term terminal) error {
	if supported, sentence := native.Supported(); !supported && len(m.IDs) == 0 {
		_, err := fmt.Fprintln(term.out, sentence)
		return err
	}
	store, err := m.open(term)
	if err != nil {
		return err
	}
	if err := warnOfLicences(term.err, store, m.IDs); err != nil {
		return err
	}
	if err := fetchModels(ctx, store, term, m.AcceptLicences, m.IDs...); err != nil {
		return err
	}
	_, err = fmt.Fprintln(term.out, "Everything is here and verified.")
	return err
}

// warnOfLicences says which of the entries have a licence that nobody has established; the question comes after it.
func warnOfLicences(out io.Writer, store *native.Store, ids []string) error {
	for _, id := range ids {
		entry, err := store.Entry(id)
		if err != nil {
			return err
		}
		if entry.LicenceUnclear {
			_, _ = fmt.Fprintf(out, "Careful: it is not established under which licence %s may be used (%s).\n",
				entry.Title, entry.LicenceNote)
		}
	}
	return nil
}

type modelsVerifyCommand struct {
	cacheFolder `embed:""`
	IDs         []string `arg:"" name:"id" optional:"" complete:"models" help:"Which ones; all that are here by default."`
}

// errNotRight means that files of models are not what they should be.
var errNotRight = errors.New("some files are not what they should be; \"twombly models fetch\" fetches those again")

func (m *modelsVerifyCommand) Run(ctx context.Context, term terminal) error {
	store, err := m.open(term)
	if err != nil {
		return err
	}
	ids := m.IDs
	if len(ids) == 0 {
		for _, entry := range store.Entries() {
			if store.State(entry.ID).Condition != native.Absent {
				ids = append(ids, entry.ID)
			}
		}
	}
	wrong := false
	for _, id := range ids {
		entry, err := store.Entry(id)
		if err != nil {
			return err
		}
		switch err := store.Verify(ctx, id); {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			wrong = true
			_, _ = fmt.Fprintf(term.out, "%s: %v\n", id, err)
		default:
			_, _ = fmt.Fprintf(term.out, "%s: right (%s)\n", id, native.Size(entry.Bytes()))
		}
	}
	if wrong {
		return errNotRight
	}
	return nil
}

type modelsRemoveCommand struct {
	cacheFolder `embed:""`
	Yes         bool   `help:"Don't ask."`
	ID          string `arg:"" name:"id" complete:"models" help:"Which one."`
}

func (m *modelsRemoveCommand) Run(ctx context.Context, term terminal) error {
	store, err := m.open(term)
	if err != nil {
		return err
	}
	entry, err := store.Entry(m.ID)
	if err != nil {
		return err
	}
	if state := store.State(m.ID); state.Condition == native.Absent || state.System != "" {
		_, err := fmt.Fprintf(term.out, "%s is not among the files here; nothing to remove.\n", m.ID)
		return err
	}
	if !m.Yes {
		question := fmt.Sprintf("Remove %s (%s, %s)? [y/N] ", entry.Title, entry.Purpose, native.Size(entry.Bytes()))
		if yes, err := ask(term, question); err != nil || !yes {
			return errors.Join(err, errors.New("nothing was removed; --yes does it without asking"))
		}
	}
	if err := store.Remove(ctx, m.ID); err != nil {
		return err
	}
	_, err = fmt.Fprintf(term.out, "Removed. \"twombly models fetch %s\" brings it back.\n", m.ID)
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"twombly/internal/journal"
)

// journalCommand looks after the journal.
type journalCommand struct {
	Verify journalVerifyCommand `cmd:"" help:"Check every moment, the chain that binds them, and the store's structure."`
}

type journalVerifyCommand struct {
	dataFolder `embed:""`
	JSON       bool `name:"json" help:"Print the whole report as JSON."`
}

// Help implements kong.HelpProvider.
func (journalVerifyCommand) Help() string {
	return `It reads everything and changes nothing, also while a server runs on the store. Write the number of moments and the
head of the chain down somewhere else: with them you can tell later that nothing before was exchanged.

Examples:

  twombly journal verify
  twombly journal verify --json | jq .head`
}

// errUnsound means that a journal is not as it was written.
var errUnsound = errors.New("the journal is not as it was written; a copy from before may be")

func (j *journalVerifyCommand) Run(ctx context.Context, term terminal) error {
	return withRecords(ctx, j.Data, func(records records) error {
		report, err := records.report(ctx)
		if err != nil {
			return err
		}
		if j.JSON {
			err = printJSON(term.out, report)
		} else {
			err = printReport(term.out, report)
		}
		if err == nil && !report.Sound() {
			err = errUnsound
		}
		return err
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

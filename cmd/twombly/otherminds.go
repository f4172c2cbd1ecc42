package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"twombly/internal/mind/discover"
)

// printOtherMinds says at the first start which language models this machine offers beside hers. Nothing is sent to them
// but the question what they are.
func printOtherMinds(ctx context.Context, term terminal) {
	found, err := discover.Find(ctx, discover.Usual())
	if err != nil {
		_, _ = fmt.Fprintf(term.err, "twombly: looking for other minds on this machine: %v\n", err)
		return
	}
	sayOtherMinds(term.out, found)
}

// namedModels is how many models of a server are named.
const namedModels = 3

func sayOtherMinds(out io.Writer, found []discover.Server) {
	for _, server := range found {
		models := server.Models[:min(namedModels, len(server.Models))]
		what := "no model yet"
		if len(models) > 0 {
			what = strings.Join(models, ", ")
		}
		if more := len(server.Models) - len(models); more > 0 {
			what += fmt.Sprintf(" and %d more", more)
		}
		_, _ = fmt.Fprintf(out, "%s runs on this machine, with %s.\n", server.Name, what)
	}
	if len(found) > 0 {
		_, _ = fmt.Fprintln(out, "She thinks with her own small model; \"Where she runs\" on the page lets you choose another.")
	}
}

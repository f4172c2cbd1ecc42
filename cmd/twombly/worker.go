package main

import (
	"context"
	"log/slog"
	"os"

	"github.com/alecthomas/kong"

	"twombly/internal/mind/llama"
	"twombly/internal/speech"
)

// workerCommand is this program as a child that runs native code. Nobody types it.
type workerCommand struct {
	Ears struct{} `cmd:"" help:"Speech."`
	Mind struct{} `cmd:"" help:"The language model."`
}

// The arguments that lead to the two workers.
var (
	earsArguments = []string{"worker", "ears"}
	mindArguments = []string{"worker", "mind"}
)

func (w *workerCommand) Run(ctx context.Context, command *kong.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	// The parent decides when a child ends, also when the terminal interrupts both.
	ctx = context.WithoutCancel(ctx)
	if command.Command() == "worker ears" {
		return speech.ServeWorker(ctx, log)
	}
	return llama.ServeWorker(ctx, log)
}

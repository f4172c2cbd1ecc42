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
	Ears  struct{} `cmd:"" help:"Speech."`
	Mind  struct{} `cmd:"" help:"The language model."`
	Turns struct{} `cmd:"" help:"Ends of turns, by their words."`
}

// The arguments that lead to the workers.
var (
	earsArguments  = []string{"worker", "ears"}
	mindArguments  = []string{"worker", "mind"}
	turnsArguments = []string{"worker", "turns"}
)

func (w *workerCommand) Run(ctx context.Context, command *kong.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	// The parent decides when a child ends, also when the terminal interrupts both.
	ctx = context.WithoutCancel(ctx)
	switch command.Command() {
	case "worker ears":
		return speech.ServeWorker(ctx, log)
	case "worker turns":
		return llama.ServeEndOfTurn(ctx)
	default:
		return llama.ServeWorker(ctx, log)
	}
}

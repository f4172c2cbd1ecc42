package llama

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"testing"

	"twombly/internal/mind/mindtest"
	"twombly/internal/native/nativetest"
	"twombly/internal/native/worker"
)

// endOfTurnChildOf makes a child of the test binary the worker for ends of turns.
const endOfTurnChildOf = "TWOMBLY_TEST_END_OF_TURN"

// TestMain lets the test binary be its own worker.
func TestMain(m *testing.M) {
	if worker.IsChild() {
		if os.Getenv(endOfTurnChildOf) != "" {
			if err := ServeEndOfTurn(context.Background()); err != nil {
				slog.Error("the worker failed", "error", err)
				os.Exit(1)
			}
			os.Exit(0)
		}
		if err := ServeWorker(context.Background(), slog.New(slog.NewTextHandler(os.Stderr, nil))); err != nil {
			slog.Error("the worker failed", "error", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var tooLong4096 = strings.Repeat("one two three four five six seven eight. ", 800)

func TestConformanceInProcess(t *testing.T) {
	mindtest.Run(t, mindtest.Suite{Mind: open(t, tiny, nil), Keeps: true, Forgets: true, TooLong: tooLong4096})
}

func startClient(t testing.TB, model string, change func(*ClientOptions)) *Client {
	t.Helper()
	options := ClientOptions{Options: Options{
		Libraries: nativetest.Path(t, "llama.cpp", ""), Model: nativetest.Path(t, model, "model.gguf"), ContextTokens: 4096, Threads: 1,
		StateFolder: t.TempDir(),
	}}
	if change != nil {
		change(&options)
	}
	client, err := Start(t.Context(), options, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestConformanceInWorker(t *testing.T) {
	mindtest.Run(t, mindtest.Suite{Mind: startClient(t, tiny, nil), Keeps: true, Forgets: true, TooLong: tooLong4096})
}

package openaiserver_test

import (
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"

	"twombly/internal/mind/llama"
	"twombly/internal/mind/mindtest"
	"twombly/internal/mind/openai"
	"twombly/internal/mind/openaiserver"
	"twombly/internal/native/nativetest"
)

// TestConformance runs the suite over the client, the real protocol, this server, and the embedded mind behind it.
func TestConformance(t *testing.T) {
	embedded, err := llama.Open(llama.Options{
		Libraries: nativetest.Path(t, "llama.cpp", ""), Model: nativetest.Path(t, "smollm2-135m-instruct-q4_1", "model.gguf"), ContextTokens: 4096, Threads: 1,
	}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(embedded.Close)
	server := httptest.NewServer(openaiserver.New(slog.New(slog.NewTextHandler(t.Output(), nil)), openaiserver.Model{ID: "tiny", Mind: embedded}).Handler())
	t.Cleanup(server.Close)
	client, err := openai.New(openai.Options{Address: server.URL + "/v1", Model: "tiny", NamesConversations: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	models, err := client.Models(t.Context())
	if err != nil || len(models) != 1 || models[0] != "tiny" {
		t.Errorf("the server's models: %q, %v", models, err)
	}
	mindtest.Run(t, mindtest.Suite{Mind: client, Keeps: true, TooLong: strings.Repeat("one two three four five six seven eight. ", 800)})
}

package discover

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

// standIn answers paths with documents, as the real program does (taken from their documentation and sources).
func standIn(t *testing.T, documents map[string]string) Candidate {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		document, ok := documents[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, document)
	}))
	t.Cleanup(server.Close)
	return Candidate{Address: strings.TrimPrefix(server.URL, "http://")}
}

func TestFind(t *testing.T) {
	for _, test := range []struct {
		name      string
		documents map[string]string
		want      string
		models    []string
	}{
		{"Ollama", map[string]string{
			"/v1/models":   `{"object":"list","data":[{"id":"llama3.2:3b","object":"model","owned_by":"library"},{"id":"nomic-embed-text:latest","owned_by":"library"}]}`,
			"/api/version": `{"version":"0.12.3"}`,
		}, "Ollama", []string{"llama3.2:3b"}},
		{"Ollama without models", map[string]string{
			"/v1/models": `{"object":"list","data":[]}`, "/api/version": `{"version":"0.12.3"}`,
		}, "Ollama", []string{}},
		{"LM Studio", map[string]string{
			"/v1/models":     `{"object":"list","data":[{"id":"qwen2.5-7b-instruct","object":"model","owned_by":"organization_owner"}]}`,
			"/api/v0/models": `{"object":"list","data":[{"id":"qwen2.5-7b-instruct","type":"llm","state":"not-loaded"}]}`,
		}, "LM Studio", []string{"qwen2.5-7b-instruct"}},
		{"llama-server", map[string]string{
			"/v1/models": `{"object":"list","data":[{"id":"model.gguf","object":"model","owned_by":"llamacpp"}]}`,
		}, "llama-server", []string{"model.gguf"}},
		{"vLLM", map[string]string{
			"/v1/models": `{"object":"list","data":[{"id":"Qwen/Qwen3-8B","object":"model","owned_by":"vllm","max_model_len":32768}]}`,
			"/version":   `{"version":"0.11.0"}`,
		}, "vLLM", []string{"Qwen/Qwen3-8B"}},
		{"something else", map[string]string{"/v1/models": `{"data":[{"id":"m"}]}`}, "an OpenAI-compatible server", []string{"m"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			candidate := standIn(t, test.documents)
			servers, err := Find(t.Context(), []Candidate{candidate})
			if err != nil || len(servers) != 1 {
				t.Fatalf("found %v, %v", servers, err)
			}
			got := servers[0]
			if got.Name != test.want || got.Address != "http://"+candidate.Address+"/v1" || !slices.Equal(got.Models, test.models) {
				t.Errorf("found %+v", got)
			}
		})
	}
}

func TestFindNothing(t *testing.T) {
	web := standIn(t, map[string]string{"/": "<html>", "/v1/models": "<html>"})
	list := standIn(t, map[string]string{"/v1/models": `{"items":[]}`})
	redirecting := httptest.NewServer(http.RedirectHandler("https://models.example.com/", http.StatusFound))
	t.Cleanup(redirecting.Close)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	servers, err := Find(t.Context(), []Candidate{web, list, {closed.Addr().String()}, {strings.TrimPrefix(redirecting.URL, "http://")}})
	if err != nil || len(servers) != 0 {
		t.Errorf("found %v, %v", servers, err)
	}
}

// TestPatience: a server that doesn't answer holds nobody up.
func TestPatience(t *testing.T) {
	silent := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(silent.Close)
	good := standIn(t, map[string]string{"/v1/models": `{"data":[]}`})
	started := time.Now()
	servers, err := Find(t.Context(), []Candidate{{strings.TrimPrefix(silent.URL, "http://")}, good})
	if took := time.Since(started); err != nil || len(servers) != 1 || took > 2*time.Second {
		t.Errorf("found %v after %v, %v", servers, took, err)
	}
}

func TestOnlyHere(t *testing.T) {
	for _, address := range []string{"192.168.1.7:11434", "example.com:80", "localhost:80", "127.0.0.1", "8.8.8.8:80", ""} {
		if _, err := Find(context.Background(), []Candidate{{address}}); err == nil {
			t.Errorf("%q was asked", address)
		}
	}
	for _, candidate := range Usual() {
		if !strings.HasPrefix(candidate.Address, "127.0.0.1:") {
			t.Errorf("%q is not on the loopback interface", candidate.Address)
		}
	}
}

// Package discover looks for minds that already run on this machine: Ollama, LM Studio, llama-server and vLLM at their
// usual addresses. It asks a few addresses on the loopback interface, each within 300 ms, and never anything else: what
// runs elsewhere in the network, the person has to name.
package discover

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// Server is what was found at an address.
type Server struct {
	// Name is the program, as people call it: "Ollama".
	Name string `json:"name"`
	// Address is where its OpenAI-compatible protocol begins, as openai.Options.Address wants it.
	Address string `json:"address"`
	// Models are the models that it offers, which may be none.
	Models []string `json:"models"`
}

// Candidate is an address to ask.
type Candidate struct {
	// Address is a host and port on the loopback interface.
	Address string
}

// Usual are the addresses where such servers usually are: Ollama, LM Studio, llama-server, vLLM.
func Usual() []Candidate {
	return []Candidate{{"127.0.0.1:11434"}, {"127.0.0.1:1234"}, {"127.0.0.1:8080"}, {"127.0.0.1:8000"}}
}

// patience is how long each question may take.
const patience = 300 * time.Millisecond

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 1 << 20

// Find asks the candidates, all at once, and returns the servers found, in the candidates' order. What is at an address
// is told from what it answers, not from the port: a server that nobody knows but that speaks the protocol is
// "an OpenAI-compatible server". A candidate that is not on the loopback interface is an error.
func Find(ctx context.Context, candidates []Candidate) ([]Server, error) {
	for _, candidate := range candidates {
		address, err := netip.ParseAddrPort(candidate.Address)
		if err != nil || !address.Addr().IsLoopback() {
			return nil, fmt.Errorf("discover: %q is not an address of this machine", candidate.Address)
		}
	}
	transport := &http.Transport{
		Proxy:             nil, // this machine is asked and nobody else
		DialContext:       (&net.Dialer{Timeout: patience}).DialContext,
		DisableKeepAlives: true,
	}
	defer transport.CloseIdleConnections()
	client := &http.Client{
		Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	found := make([]*Server, len(candidates))
	var asking sync.WaitGroup
	for i, candidate := range candidates {
		asking.Go(func() { found[i] = (&asker{client, "http://" + candidate.Address}).identify(ctx) })
	}
	asking.Wait()
	servers := []Server{}
	for _, server := range found {
		if server != nil {
			servers = append(servers, *server)
		}
	}
	return servers, nil
}

// asker asks one address.
type asker struct {
	client *http.Client
	base   string
}

// identify says what is at the address, or nil.
func (a *asker) identify(ctx context.Context) *Server {
	// Every one of them lists its models here. Ollama and LM Studio do so beside their own protocols.
	var list struct {
		Data *[]struct {
			ID      string `json:"id"`
			OwnedBy string `json:"owned_by"`
		} `json:"data"`
	}
	header, ok := a.get(ctx, "/v1/models", &list)
	if !ok || list.Data == nil {
		return nil
	}
	server := &Server{Name: "an OpenAI-compatible server", Address: a.base + "/v1", Models: []string{}}
	owners := map[string]bool{}
	for _, model := range *list.Data {
		owners[model.OwnedBy] = true
		if usable(model.ID) {
			server.Models = append(server.Models, model.ID)
		}
	}
	server.Name = a.name(ctx, header, owners, server.Name)
	return server
}

// name tells the programs apart by what only they answer.
func (a *asker) name(ctx context.Context, header http.Header, owners map[string]bool, otherwise string) string {
	var version struct {
		Version string `json:"version"`
	}
	switch {
	case owners["llamacpp"] || strings.Contains(header.Get("Server"), "llama.cpp"):
		return "llama-server"
	case owners["vllm"]:
		return "vLLM"
	}
	if _, ok := a.get(ctx, "/api/version", &version); ok && version.Version != "" {
		return "Ollama"
	}
	var own struct {
		Data *[]struct {
			State string `json:"state"`
		} `json:"data"`
	}
	if _, ok := a.get(ctx, "/api/v0/models", &own); ok && own.Data != nil {
		return "LM Studio"
	}
	var build struct {
		Template *string `json:"chat_template"`
	}
	if _, ok := a.get(ctx, "/props", &build); ok && build.Template != nil {
		return "llama-server" // with no model loaded, or one that doesn't say whose it is
	}
	if _, ok := a.get(ctx, "/version", &version); ok && version.Version != "" {
		return "vLLM"
	}
	return otherwise
}

// usable leaves out what can't be talked with: these programs list their embedding models too.
func usable(model string) bool {
	return model != "" && !strings.Contains(strings.ToLower(model), "embed")
}

// get asks for a document of JSON.
func (a *asker) get(ctx context.Context, path string, into any) (http.Header, bool) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.base+path, nil)
	if err != nil {
		return nil, false
	}
	response, err := a.client.Do(request)
	if err != nil {
		return nil, false
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, false
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil || json.Unmarshal(body, into) != nil {
		return nil, false
	}
	return response.Header, true
}

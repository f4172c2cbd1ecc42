package endtoend

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// standIn is a server of language models of the kind that runs on many desks: the OpenAI chat protocol over HTTP, with
// streaming. It says what the test wants, and can be as ill-behaved as the test wants.
type standIn struct {
	address string // base, ends in /v1
	model   string

	lock     sync.Mutex
	manner   manner
	say      func(last string) string
	listener net.Listener
	server   *http.Server
}

// manner is how it behaves.
type manner string

const (
	wellBehaved manner = "well-behaved"
	slow        manner = "slow"       // takes longer than anybody would wait
	rubbish     manner = "rubbish"    // streams what is not of the protocol
	breaksOff   manner = "breaks off" // stops in mid-word
	refuses     manner = "refuses"    // answers 500
	hangs       manner = "hangs"      // begins, and goes on never
)

// newStandIn starts one; say answers the last message of the person.
func newStandIn(t testing.TB, model string, say func(last string) string) *standIn {
	t.Helper()
	s := &standIn{model: model, say: say, manner: wellBehaved}
	s.up(t, "127.0.0.1:0")
	s.address = "http://" + s.listener.Addr().String() + "/v1"
	t.Cleanup(s.down)
	return s
}

// up opens its port.
func (s *standIn) up(t testing.TB, address string) {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /v1/models", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"object":"list","data":[{"id":%q,"object":"model","created":1,"owned_by":"test"}]}`, s.model)
	})
	routes.HandleFunc("POST /v1/chat/completions", s.complete)
	s.lock.Lock()
	defer s.lock.Unlock()
	s.listener, s.server = listener, &http.Server{Handler: routes}
	go func(server *http.Server) { _ = server.Serve(listener) }(s.server) // it ends when the server is closed
}

// down closes its port and every connection.
func (s *standIn) down() {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.server != nil {
		_ = s.server.Close() // there is nothing left to lose
		s.server = nil
	}
}

// again opens the port that it had.
func (s *standIn) again(t testing.TB) {
	t.Helper()
	s.up(t, strings.TrimSuffix(strings.TrimPrefix(s.address, "http://"), "/v1"))
}

// behave changes its manner.
func (s *standIn) behave(m manner) {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.manner = m
}

func (s *standIn) complete(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Messages []struct {
			Role    string `json:"role"`
			Content string `json:"content"`
		} `json:"messages"`
		Stream bool `json:"stream"`
	}
	if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
		http.Error(w, `{"error":{"message":"not JSON","type":"invalid_request_error"}}`, http.StatusBadRequest)
		return
	}
	s.lock.Lock()
	manner, say := s.manner, s.say
	s.lock.Unlock()
	last := ""
	for _, message := range request.Messages {
		if message.Role == "user" {
			last = message.Content
		}
	}
	words := strings.SplitAfter(say(last), " ")
	flush := http.NewResponseController(w).Flush
	event := func(format string, details ...any) {
		fmt.Fprintf(w, "data: "+format+"\n\n", details...)
		_ = flush() // a client that went away is no news here
	}
	piece := func(text string) {
		event(`{"id":"c","object":"chat.completion.chunk","created":1,"model":%q,"choices":[{"index":0,"delta":{"content":%s},"finish_reason":null}]}`,
			s.model, encoded(text))
	}
	wait := func(d time.Duration) bool {
		select {
		case <-time.After(d):
			return true
		case <-r.Context().Done():
			return false
		}
	}
	switch manner {
	case slow:
		wait(5 * time.Minute)
		return
	case refuses:
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprint(w, `{"error":{"message":"out of memory","type":"server_error"}}`)
		return
	}
	if !request.Stream {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"id":"c","object":"chat.completion","created":1,"model":%q,"choices":[{"index":0,"message":{"role":"assistant","content":%s},"finish_reason":"stop"}]}`,
			s.model, encoded(strings.Join(words, "")))
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	switch manner {
	case rubbish:
		event("%s", strings.Repeat("\x00\xff<html>", 50))
		event("{]")
		return
	case breaksOff:
		for _, word := range words[:min(len(words), 4)] {
			piece(word)
		}
		piece("extraordi")
		panic(http.ErrAbortHandler)
	case hangs:
		for _, word := range words[:min(len(words), 4)] {
			piece(word)
		}
		wait(5 * time.Minute)
		return
	}
	for _, word := range words {
		piece(word)
		if !wait(10 * time.Millisecond) {
			return
		}
	}
	event(`{"id":"c","object":"chat.completion.chunk","created":1,"model":%q,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`, s.model)
	event("[DONE]")
}

func encoded(text string) []byte {
	encoded, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string is always encoded
	}
	return encoded
}

// flags choose it as the mind.
func (s *standIn) flags() []string {
	return []string{"--mind-kind", "openai", "--mind-address", s.address, "--mind-model", s.model}
}

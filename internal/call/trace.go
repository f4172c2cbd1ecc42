package call

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// TraceVersion is the version of the trace format.
const TraceVersion = 2

// Trace writes what a call's machine was told and what it wanted: a header line, then one JSON object a step. Words
// are replaced by keyed hashes, whose key is never written, so that equal words in one trace are equal hashes and
// nothing else can be learnt from them. A nil *Trace writes nothing. It is safe for concurrent use.
type Trace struct {
	lock  sync.Mutex
	out   io.Writer
	key   [32]byte
	plain bool
	err   error
}

// NewTrace writes to out. With plain, words stay words: only for a writer that seals them.
func NewTrace(out io.Writer, plain bool) *Trace {
	t := &Trace{out: out, plain: plain}
	// Reading from crypto/rand never fails (its documentation since Go 1.24).
	_, _ = rand.Read(t.key[:])
	return t
}

// Err is the first error of writing.
func (t *Trace) Err() error {
	t.lock.Lock()
	defer t.lock.Unlock()
	return t.err
}

// traceHeader is the first line.
type traceHeader struct {
	Version int   `json:"version"`
	Rules   Rules `json:"rules"`
}

// traceStep is every other line.
type traceStep struct {
	// At is real time since the call began, in microseconds.
	At      int64           `json:"at"`
	Type    string          `json:"type"`
	Input   json.RawMessage `json:"input"`
	Intents []Intent        `json:"intents,omitempty"`
}

func (t *Trace) begin(rules Rules) {
	if t != nil {
		t.write(traceHeader{Version: TraceVersion, Rules: rules})
	}
}

func (t *Trace) step(at time.Duration, input Input, intents []Intent) {
	if t == nil {
		return
	}
	switch in := input.(type) {
	case Words:
		in.Words, in.Meaning = t.hide(in.Words), t.hide(in.Meaning)
		input = in
	case Overheard:
		in.Words = t.hide(in.Words)
		input = in
	case Typed:
		in.Words = t.hide(in.Words)
		input = in
	}
	hidden := make([]Intent, len(intents))
	for i, intent := range intents {
		intent.Words = t.hide(intent.Words)
		hidden[i] = intent
	}
	data, err := json.Marshal(input)
	if err != nil {
		t.fail(fmt.Errorf("trace an input: %w", err))
		return
	}
	t.write(traceStep{At: at.Microseconds(), Type: inputName(input), Input: data, Intents: hidden})
}

// hide replaces words by their keyed hash; no words stay no words, which the machine asks about.
func (t *Trace) hide(words string) string {
	if words == "" || t.plain {
		return words
	}
	mac := hmac.New(sha256.New, t.key[:])
	mac.Write([]byte(words))
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

func (t *Trace) write(line any) {
	data, err := json.Marshal(line)
	t.lock.Lock()
	defer t.lock.Unlock()
	if t.err != nil {
		return
	}
	if err == nil {
		_, err = t.out.Write(append(data, '\n'))
	}
	if err != nil {
		t.err = fmt.Errorf("write a trace: %w", err)
	}
}

func (t *Trace) fail(err error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if t.err == nil {
		t.err = err
	}
}

// inputName is the name of an input's type, as traces write it.
func inputName(input Input) string {
	return strings.TrimPrefix(fmt.Sprintf("%T", input), "call.")
}

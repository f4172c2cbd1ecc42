package bench

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"twombly/bench/endpoint"
	"twombly/internal/speech"
)

// rememberingNets are nets whose answers are kept in a file: the same question about the same samples is asked once, also by the next run. So other
// rules can be tried on the same events in seconds.
type rememberingNets struct {
	endpoint.Nets
	known map[string]answer
	file  *os.File
}

// answer is what a net said.
type answer struct {
	Key         string  `json:"key"`
	Text        string  `json:"text,omitempty"`
	Probability float32 `json:"probability,omitempty"`
}

// rememberNets keeps the answers of nets in a file of the checkpoint folder, for these models; without a folder nothing is kept.
func rememberNets(r *runner, nets endpoint.Nets) (*rememberingNets, error) {
	n := &rememberingNets{Nets: nets, known: map[string]answer{}}
	if r.Checkpoints == "" {
		return n, nil
	}
	hash := sha256.New()
	for _, model := range r.result.Models {
		hash.Write([]byte(model.SHA256))
	}
	path := filepath.Join(r.Checkpoints, "answers-"+hex.EncodeToString(hash.Sum(nil)[:6])+".jsonl")
	if err := n.read(path); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.Checkpoints, 0o700); err != nil {
		return nil, fmt.Errorf("make a folder for answers: %w", err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("keep answers: %w", err)
	}
	n.file = file
	return n, nil
}

func (n *rememberingNets) read(path string) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read kept answers: %w", err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		var one answer
		if json.Unmarshal(lines.Bytes(), &one) == nil { // a run may have been stopped within its last line
			n.known[one.Key] = one
		}
	}
	return lines.Err()
}

func (n *rememberingNets) close() error {
	if n.file == nil {
		return nil
	}
	return n.file.Close()
}

// ask asks what was not asked before.
func (n *rememberingNets) ask(question string, samples []float32, words string, net func() (answer, error)) (answer, error) {
	hash := sha256.New()
	hash.Write([]byte(question + "\x00" + words + "\x00"))
	data := make([]byte, 4*len(samples))
	for i, s := range samples {
		bits := math.Float32bits(s)
		data[4*i], data[4*i+1], data[4*i+2], data[4*i+3] = byte(bits), byte(bits>>8), byte(bits>>16), byte(bits>>24)
	}
	hash.Write(data)
	key := hex.EncodeToString(hash.Sum(nil)[:16])
	if one, known := n.known[key]; known {
		return one, nil
	}
	one, err := net()
	if err != nil {
		return one, err
	}
	one.Key = key
	n.known[key] = one
	if n.file == nil {
		return one, nil
	}
	line, err := json.Marshal(one)
	if err == nil {
		_, err = n.file.Write(append(line, '\n'))
	}
	if err != nil {
		return one, fmt.Errorf("keep an answer: %w", err)
	}
	return one, nil
}

// TurnEnd implements endpoint.Nets.
func (n *rememberingNets) TurnEnd(ctx context.Context, samples []float32) (float32, error) {
	one, err := n.ask("turn end", samples, "", func() (one answer, err error) {
		one.Probability, err = n.Nets.TurnEnd(ctx, samples)
		return one, err
	})
	return one.Probability, err
}

// Transcribe implements endpoint.Nets.
func (n *rememberingNets) Transcribe(ctx context.Context, samples []float32) (speech.Transcript, error) {
	one, err := n.ask("words and confidence", samples, "", func() (answer, error) {
		transcript, err := n.Nets.Transcribe(ctx, samples)
		return answer{Text: transcript.Text, Probability: transcript.Confidence}, err
	})
	return speech.Transcript{Text: one.Text, Confidence: one.Probability}, err
}

// EndOfTurn implements endpoint.Nets.
func (n *rememberingNets) EndOfTurn(ctx context.Context, words string) (float32, error) {
	one, err := n.ask("end of turn", nil, words, func() (one answer, err error) {
		one.Probability, err = n.Nets.EndOfTurn(ctx, words)
		return one, err
	})
	return one.Probability, err
}

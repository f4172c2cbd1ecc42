package bench

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"twombly/bench/machine"
	"twombly/bench/measure"
)

// Result is what a benchmark prints: one JSON object.
type Result struct {
	Bench   string              `json:"bench"`
	Commit  string              `json:"commit"`
	Machine machine.Description `json:"machine"`
	Models  []Model             `json:"models"`
	// Metrics are numbers by their fixed names; rates are 0 to 1.
	Metrics map[string]float64 `json:"metrics"`
	// Intervals holds, for metrics that are estimates, where the truth lies with 95 % confidence and from how many
	// observations that is known.
	Intervals map[string]measure.Interval `json:"intervals"`
	// Conditions are what was asked for, and rules that a reader must know.
	Conditions map[string]any `json:"conditions"`
	Quiet      machine.Quiet  `json:"quiet"`
	// Detail is one entry a turn, sentence or sample.
	Detail []any `json:"detail"`
}

// Model is a model or library that took part.
type Model struct {
	ID     string `json:"id"`
	File   string `json:"file"`
	SHA256 string `json:"sha256"`
}

func newResult(name, commit string) *Result {
	return &Result{
		Bench: name, Commit: commit, Machine: machine.Describe(), Models: []Model{}, Metrics: map[string]float64{},
		Intervals: map[string]measure.Interval{}, Conditions: map[string]any{}, Detail: []any{},
	}
}

// set keeps a metric; one that could not be measured is left out, because JSON has no number for it.
func (r *Result) set(name string, value float64) {
	if !math.IsNaN(value) && !math.IsInf(value, 0) {
		r.Metrics[name] = value
	}
}

// percentile keeps a percentile of observations with its interval.
func (r *Result) percentile(name string, values []float64, p float64) {
	if len(values) > 0 {
		r.set(name, measure.Percentile(values, p))
		r.Intervals[name] = measure.PercentileInterval(values, p)
	}
}

// rate keeps a rate over units with its interval.
func (r *Result) rate(name string, shares []measure.Share) {
	if len(shares) > 0 {
		r.set(name, measure.Rate(shares))
		r.Intervals[name] = measure.RateInterval(shares)
	}
}

// mean keeps the mean of observations with its interval.
func (r *Result) mean(name string, values []float64) {
	r.rate(name, sharesOf(values))
}

// sharesOf makes of values those whose rate is their mean.
func sharesOf(values []float64) []measure.Share {
	shares := make([]measure.Share, len(values))
	for i, value := range values {
		shares[i] = measure.Share{Of: value, All: 1}
	}
	return shares
}

// proportion keeps how often something happened.
func (r *Result) proportion(name string, happened, n int) {
	if n > 0 {
		r.set(name, float64(happened)/float64(n))
		r.Intervals[name] = measure.Proportion(happened, n)
	}
}

// models notes which entries of the manifest took part.
func (r *runner) models(ids ...string) error {
	for _, id := range ids {
		entry, err := r.Models.Entry(id)
		if err != nil {
			return err
		}
		for _, file := range entry.Files() {
			r.result.Models = append(r.result.Models, Model{ID: id, File: file.Name, SHA256: file.SHA256})
		}
	}
	return nil
}

// mindModel notes which model thinks, and is its path.
func (r *runner) mindModel() (string, error) {
	if r.Mind == "" {
		if err := r.models(mindEntries...); err != nil {
			return "", err
		}
		return r.Models.Path(mindEntries[1], "model.gguf")
	}
	if err := r.models(mindEntries[0]); err != nil {
		return "", err
	}
	file, err := os.Open(r.Mind)
	if err != nil {
		return "", fmt.Errorf("read the mind's model: %w", err)
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", fmt.Errorf("read the mind's model: %w", err)
	}
	r.result.Models = append(r.result.Models, Model{ID: "own", File: filepath.Base(r.Mind), SHA256: hex.EncodeToString(hash.Sum(nil))})
	return r.Mind, nil
}

// The manifest's entries that benchmarks name.
var (
	speechEntries = []string{"onnxruntime", "silero-vad", "smart-turn", "moonshine-tiny-en", "kokoro"}
	mindEntries   = []string{"llama.cpp", "qwen2.5-coder-1.5b-instruct-q4_k_m"}
	// endOfTurnEntries tell by words whether a turn is over.
	endOfTurnEntries = []string{"llama.cpp", "smollm2-135m-instruct-q4_1"}
)

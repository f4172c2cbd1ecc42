package speech

import (
	"context"
	"fmt"
	"math"
	"os"
	"time"

	"twombly/internal/native/onnx"
)

// Sizes of Moonshine tiny. https://github.com/moonshine-ai/moonshine
const (
	moonshineLayers  = 6
	moonshineHeads   = 8
	moonshineHeadDim = 36
	moonshineBegin   = 1
	moonshineEnd     = 2
	// moonshineShortest is the shortest audio the encoder's convolutions make something of; shorter is padded.
	moonshineShortest = HearingRate / 2
)

// maxTranscribe is the longest audio that is recognised at once.
const maxTranscribe = 30 * time.Second

// moonshine is the recogniser: an encoder over the samples themselves, and a decoder that writes one token at a time
// and is asked for the likeliest.
type moonshine struct {
	lib              *onnx.Library
	encoder, decoder *onnx.Session
	tokens           *tokenizer
	past, present    []string // names of the decoder's key-value caches, as inputs and as outputs
	own              []bool   // whether a cache is of the decoder's own tokens (else of the encoder's frames)
}

func openMoonshine(lib *onnx.Library, encoder, decoder, tokens string) (_ *moonshine, err error) {
	m := &moonshine{lib: lib}
	defer func() {
		if err != nil {
			m.close()
		}
	}()
	bytes, err := os.ReadFile(tokens)
	if err != nil {
		return nil, fmt.Errorf("load recognition: %w", err)
	}
	if m.tokens, err = parseTokenizer(bytes); err != nil {
		return nil, fmt.Errorf("load recognition from %s: %w", tokens, err)
	}
	options := onnx.SessionOptions{NoMemoryPattern: true} // each input has another length
	if m.encoder, err = lib.NewSessionFromFile(encoder, options); err != nil {
		return nil, fmt.Errorf("load recognition from %s: %w", encoder, err)
	}
	if m.decoder, err = lib.NewSessionFromFile(decoder, options); err != nil {
		return nil, fmt.Errorf("load recognition from %s: %w", decoder, err)
	}
	for layer := range moonshineLayers {
		for _, side := range []string{"decoder", "encoder"} {
			for _, part := range []string{"key", "value"} {
				name := fmt.Sprintf("%d.%s.%s", layer, side, part)
				m.past = append(m.past, "past_key_values."+name)
				m.present = append(m.present, "present."+name)
				m.own = append(m.own, side == "decoder")
			}
		}
	}
	return m, nil
}

func (m *moonshine) close() {
	if m.encoder != nil {
		m.encoder.Close()
	}
	if m.decoder != nil {
		m.decoder.Close()
	}
}

// transcribe recognises audio that is not silent, and says how sure it is of it (Transcript.Confidence).
func (m *moonshine) transcribe(ctx context.Context, samples []float32) (text string, confidence float32, err error) {
	if len(samples) < moonshineShortest {
		samples = append(append(make([]float32, 0, moonshineShortest), samples...), make([]float32, moonshineShortest-len(samples))...)
	}
	mask := make([]int64, len(samples))
	for i := range mask {
		mask[i] = 1
	}
	shape := []int64{1, int64(len(samples))}
	set := newTensorSet(m.lib)
	add(set, "input_values", shape, samples)
	add(set, "attention_mask", shape, mask)
	hidden, err := set.run(ctx, m.encoder, "last_hidden_state")
	if err != nil {
		return "", 0, err
	}
	defer onnx.CloseAll(hidden...)
	// The decoder wants the mask in samples, not in the encoder's frames.
	maskTensor, err := onnx.NewTensor(m.lib, shape, mask)
	if err != nil {
		return "", 0, err
	}
	defer maskTensor.Close()
	tokens, confidence, err := m.decode(ctx, hidden[0], maskTensor, mostTokens(len(samples)))
	if err != nil {
		return "", 0, err
	}
	return m.tokens.text(tokens), confidence, nil
}

// mostTokens is how many tokens can be in so much audio: people do not speak more than about 6.5 a second.
func mostTokens(samples int) int {
	return 6 + int(math.Ceil(6.5*float64(samples)/HearingRate))
}

// decode writes the likeliest token after the other until the net ends, the limit is reached, or it loops. The confidence is the geometric mean of
// their probabilities.
func (m *moonshine) decode(ctx context.Context, hidden, mask *onnx.Tensor, limit int) (tokens []int, confidence float32, err error) {
	caches, err := m.emptyCaches()
	defer func() { onnx.CloseAll(caches...) }()
	if err != nil {
		return nil, 0, err
	}
	sum, steps := 0.0, 0
	mean := func() float32 { return float32(math.Exp(sum / float64(max(1, steps)))) }
	last := int64(moonshineBegin)
	for len(tokens) < limit {
		next, probability, fresh, err := m.step(ctx, hidden, mask, caches, last, len(tokens) > 0)
		if err != nil {
			return nil, 0, err
		}
		sum, steps = sum+math.Log(probability), steps+1
		for i, tensor := range fresh {
			// The encoder's keys and values are computed in the first step and stay; later steps return empty ones.
			if m.own[i] || len(tokens) == 0 {
				caches[i].Close()
				caches[i] = tensor
			} else {
				tensor.Close()
			}
		}
		if next == moonshineEnd {
			break
		}
		tokens = append(tokens, next)
		if looped := loopLength(tokens); looped > 0 {
			return tokens[:len(tokens)-looped], mean(), nil
		}
		last = int64(next)
	}
	return tokens, mean(), nil
}

// step gives the decoder one token and returns the likeliest next one, its probability, and the caches after it.
func (m *moonshine) step(
	ctx context.Context, hidden, mask *onnx.Tensor, caches []*onnx.Tensor, token int64, cached bool,
) (next int, probability float64, fresh []*onnx.Tensor, err error) {
	set := newTensorSet(m.lib)
	defer set.close()
	add(set, "input_ids", []int64{1, 1}, []int64{token})
	add(set, "use_cache_branch", []int64{1}, []bool{cached})
	if set.err != nil {
		return 0, 0, nil, set.err
	}
	inputs := map[string]*onnx.Tensor{"encoder_hidden_states": hidden, "encoder_attention_mask": mask}
	for name, tensor := range set.inputs {
		inputs[name] = tensor
	}
	for i, name := range m.past {
		inputs[name] = caches[i]
	}
	outputs, err := m.decoder.Run(ctx, inputs, append([]string{"logits"}, m.present...)...)
	if err != nil {
		return 0, 0, nil, err
	}
	defer outputs[0].Close()
	logits, err := onnx.Data[float32](outputs[0])
	if err == nil && len(logits) != len(m.tokens.pieces) {
		err = fmt.Errorf("the decoder knows %d tokens and the tokenizer %d", len(logits), len(m.tokens.pieces))
	}
	if err != nil {
		onnx.CloseAll(outputs[1:]...)
		return 0, 0, nil, err
	}
	next, probability = likeliest(logits)
	return next, probability, outputs[1:], nil
}

// likeliest is the index of the greatest of a net's numbers, and its probability among them (softmax).
func likeliest(logits []float32) (best int, probability float64) {
	for i, x := range logits {
		if x > logits[best] {
			best = i
		}
	}
	sum := 0.0
	for _, x := range logits {
		if below := x - logits[best]; below > -20 { // the others add nothing that counts
			sum += math.Exp(float64(below))
		}
	}
	return best, 1 / sum
}

// emptyCaches are the caches before the first token. What was made is returned with an error too.
func (m *moonshine) emptyCaches() ([]*onnx.Tensor, error) {
	caches := make([]*onnx.Tensor, len(m.past))
	for i := range caches {
		var err error
		if caches[i], err = onnx.NewTensor(m.lib, []int64{0, moonshineHeads, 1, moonshineHeadDim}, []float32{}); err != nil {
			return caches, err
		}
	}
	return caches, nil
}

const (
	loopTimes  = 4  // so often in a row is a loop of the net and no manner of speaking
	longestRun = 12 // tokens of the longest repeated phrase that is looked for
)

// loopLength says how many tokens at the end repeat a phrase that stands before them: the net has fallen into a loop,
// as in "Lee, Lee, Lee, Lee". 0 means no loop. A phrase must come loopTimes in a row.
func loopLength(tokens []int) int {
	for length := 1; length <= longestRun && length*loopTimes <= len(tokens); length++ {
		tail := tokens[len(tokens)-length*loopTimes:]
		looped := true
		for i := length; i < len(tail) && looped; i++ {
			looped = tail[i] == tail[i-length]
		}
		if looped {
			return length * (loopTimes - 1)
		}
	}
	return 0
}

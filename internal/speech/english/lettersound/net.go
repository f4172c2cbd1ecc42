// Package lettersound guesses how an English word sounds from its letters.
//
// It runs a small sequence-to-sequence net of the BART kind (PeterReid/graphemes_to_phonemes_en_us, Apache-2.0,
// 750,000 weights, trained on the dictionaries of package lexicon): one encoder layer reads the letters, one decoder
// layer writes phonemes, one at a time, always the likeliest. A layer is attention and a feed-forward part, each
// followed by adding its input and normalising ("post-norm"), as in "BART" (Lewis et al., 2019). Keys and values of
// earlier steps are kept, so that a step costs the same however long the word is: about 5 ms of CPU a word. Words are
// remembered.
package lettersound

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// File is the net's file in a lexicon folder.
const File = "oov_bart_en_us.npz"

// Ids of the tokens that stand for nothing.
const (
	unknownToken  = 3
	specialTokens = 4
)

// cacheSize bounds the remembered words; when it is full the memory starts anew.
const cacheSize = 4096

// Net is the loaded net. It is safe for concurrent use.
type Net struct {
	letters  map[rune]int
	phonemes []rune

	width      int // of a hidden vector
	positions  int // the longest sequence
	offset     int // BART's position table begins with two rows for nothing
	begin, end int // token ids
	start      int // the decoder's first token
	epsilon    float32

	embedding                          matrix
	bias                               []float32
	encoderPositions, decoderPositions matrix
	encoderNorm, decoderNorm           norm
	encoder, decoder                   layer

	mu    sync.Mutex
	cache map[string]string
}

// matrix is rows × columns weights, row by row; a row makes one output.
type matrix struct {
	rows, columns int
	weights       []float32
}

func (m matrix) row(i int) []float32 { return m.weights[i*m.columns : (i+1)*m.columns] }

type linear struct {
	matrix
	bias []float32
}

type norm struct{ weight, bias []float32 }

type attention struct{ query, key, value, out linear }

type layer struct {
	self       attention
	selfNorm   norm
	cross      attention // of the decoder
	crossNorm  norm
	wide, back linear // the feed-forward part
	finalNorm  norm
}

// Open reads the net from a lexicon folder.
func Open(dir string) (*Net, error) {
	path := filepath.Join(dir, File)
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open letter-to-sound net: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("open letter-to-sound net: %w", err)
	}
	arrays, err := readArchive(file, info.Size())
	if err != nil {
		return nil, fmt.Errorf("letter-to-sound net %s is damaged: %w", path, err)
	}
	net, err := build(arrays)
	if err != nil {
		return nil, fmt.Errorf("letter-to-sound net %s is damaged: %w", path, err)
	}
	return net, nil
}

// build checks every array's shape and puts the net together.
func build(arrays map[string]array) (*Net, error) {
	var meta struct {
		Graphemes string  `json:"grapheme_chars"`
		Phonemes  string  `json:"phoneme_chars"`
		Width     int     `json:"d_model"`
		Wide      int     `json:"ffn_dim"`
		Heads     int     `json:"num_heads"`
		Positions int     `json:"max_position_embeddings"`
		Begin     int     `json:"bos_token_id"`
		End       int     `json:"eos_token_id"`
		Start     int     `json:"decoder_start_token_id"`
		Epsilon   float32 `json:"layer_norm_eps"`
		Offset    int     `json:"position_offset"`
	}
	if err := json.Unmarshal([]byte(arrays["meta_json"].text), &meta); err != nil {
		return nil, fmt.Errorf("description: %w", err)
	}
	if meta.Heads != 1 || meta.Width < 1 || meta.Positions < 3 || meta.Positions > 1024 {
		return nil, fmt.Errorf("a net of %d heads, width %d and %d positions is not supported", meta.Heads, meta.Width, meta.Positions)
	}
	b := builder{arrays: arrays}
	graphemes := []rune(meta.Graphemes)
	net := &Net{
		letters: make(map[rune]int), phonemes: []rune(meta.Phonemes), width: meta.Width, positions: meta.Positions,
		offset: meta.Offset, begin: meta.Begin, end: meta.End, start: meta.Start, epsilon: meta.Epsilon,
		cache: make(map[string]string),
	}
	for i := specialTokens; i < len(graphemes); i++ {
		net.letters[graphemes[i]] = i
	}
	vocabulary := len(arrays["final_logits_bias"].floats)
	if len(graphemes) > vocabulary || vocabulary <= max(meta.Begin, meta.End, meta.Start, unknownToken) ||
		min(meta.Begin, meta.End, meta.Start, meta.Offset) < 0 {
		return nil, fmt.Errorf("a vocabulary of %d does not fit the description", vocabulary)
	}
	rows := meta.Positions + meta.Offset
	net.embedding = b.matrix("model.shared.weight", vocabulary, meta.Width)
	net.bias = b.vector("final_logits_bias", vocabulary)
	net.encoderPositions = b.matrix("model.encoder.embed_positions.weight", rows, meta.Width)
	net.decoderPositions = b.matrix("model.decoder.embed_positions.weight", rows, meta.Width)
	net.encoderNorm = b.norm("model.encoder.layernorm_embedding", meta.Width)
	net.decoderNorm = b.norm("model.decoder.layernorm_embedding", meta.Width)
	net.encoder = b.layer("model.encoder.layers.0", meta.Width, meta.Wide, false)
	net.decoder = b.layer("model.decoder.layers.0", meta.Width, meta.Wide, true)
	return net, b.err
}

// builder takes arrays by name and remembers the first that is missing or of another shape.
type builder struct {
	arrays map[string]array
	err    error
}

func (b *builder) vector(name string, size int) []float32 {
	a := b.arrays[name]
	if len(a.floats) != size && b.err == nil {
		b.err = fmt.Errorf("array %q has %d values, not %d", name, len(a.floats), size)
	}
	return a.floats
}

func (b *builder) matrix(name string, rows, columns int) matrix {
	a := b.arrays[name]
	if (len(a.shape) != 2 || a.shape[0] != rows || a.shape[1] != columns) && b.err == nil {
		b.err = fmt.Errorf("array %q has shape %v, not %d × %d", name, a.shape, rows, columns)
	}
	return matrix{rows, columns, a.floats}
}

func (b *builder) linear(name string, rows, columns int) linear {
	return linear{b.matrix(name+".weight", rows, columns), b.vector(name+".bias", rows)}
}

func (b *builder) norm(name string, size int) norm {
	return norm{b.vector(name+".weight", size), b.vector(name+".bias", size)}
}

func (b *builder) attention(name string, width int) attention {
	return attention{
		query: b.linear(name+".q_proj", width, width), key: b.linear(name+".k_proj", width, width),
		value: b.linear(name+".v_proj", width, width), out: b.linear(name+".out_proj", width, width),
	}
}

func (b *builder) layer(name string, width, wide int, decoder bool) layer {
	l := layer{
		self: b.attention(name+".self_attn", width), selfNorm: b.norm(name+".self_attn_layer_norm", width),
		wide: b.linear(name+".fc1", wide, width), back: b.linear(name+".fc2", width, wide),
		finalNorm: b.norm(name+".final_layer_norm", width),
	}
	if decoder {
		l.cross = b.attention(name+".encoder_attn", width)
		l.crossNorm = b.norm(name+".encoder_attn_layer_norm", width)
	}
	return l
}

// Pronounce returns the phonemes of a word, in the alphabet of package lexicon. The result is empty when the net has
// nothing to say; letters it does not know are skipped over, and words longer than it can hold are cut.
func (n *Net) Pronounce(word string) string {
	n.mu.Lock()
	known, ok := n.cache[word]
	n.mu.Unlock()
	if ok {
		return known
	}
	phonemes := n.decode(n.encode(n.tokens(word)))
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.cache) >= cacheSize {
		clear(n.cache)
	}
	n.cache[strings.Clone(word)] = phonemes
	return phonemes
}

func (n *Net) tokens(word string) []int {
	ids := []int{n.begin}
	for _, r := range word {
		if len(ids) == n.positions-1 {
			break
		}
		id, ok := n.letters[r]
		if !ok {
			id = unknownToken
		}
		ids = append(ids, id)
	}
	return append(ids, n.end)
}

// embed makes the input vector of a token at a position.
func (n *Net) embed(id, position int, positions matrix, norm norm) []float32 {
	hidden := make([]float32, n.width)
	token, place := n.embedding.row(id), positions.row(position+n.offset)
	for i := range hidden {
		hidden[i] = token[i] + place[i]
	}
	norm.apply(hidden, n.epsilon)
	return hidden
}

// encode returns one vector a token.
func (n *Net) encode(ids []int) [][]float32 {
	hidden := make([][]float32, len(ids))
	var memory memory
	for i, id := range ids {
		hidden[i] = n.embed(id, i, n.encoderPositions, n.encoderNorm)
		memory.add(n.encoder.self, hidden[i])
	}
	for _, h := range hidden {
		n.encoder.self.attend(h, &memory)
		n.encoder.selfNorm.apply(h, n.epsilon)
		n.encoder.feedForward(h, n.epsilon)
	}
	return hidden
}

// decode writes phonemes greedily until the end token.
func (n *Net) decode(encoded [][]float32) string {
	var own, letters memory
	for _, h := range encoded {
		letters.add(n.decoder.cross, h)
	}
	var phonemes []rune
	token := n.start
	for position := range n.positions - 1 {
		h := n.embed(token, position, n.decoderPositions, n.decoderNorm)
		own.add(n.decoder.self, h)
		n.decoder.self.attend(h, &own)
		n.decoder.selfNorm.apply(h, n.epsilon)
		n.decoder.cross.attend(h, &letters)
		n.decoder.crossNorm.apply(h, n.epsilon)
		n.decoder.feedForward(h, n.epsilon)
		token = n.likeliest(h)
		if token == n.end {
			break
		}
		if token >= specialTokens && token < len(n.phonemes) {
			phonemes = append(phonemes, n.phonemes[token])
		}
	}
	return string(phonemes)
}

func (n *Net) likeliest(hidden []float32) int {
	best, score := 0, float32(math.Inf(-1))
	for id := range n.embedding.rows {
		if value := dot(n.embedding.row(id), hidden) + n.bias[id]; value > score {
			best, score = id, value
		}
	}
	return best
}

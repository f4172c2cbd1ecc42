package llama

import (
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"sync/atomic"
	"unsafe"

	yzma "github.com/hybridgroup/yzma/pkg/llama"
)

// microBatch is the most tokens computed in one step: 32 tokens of the 1.5B model are about 0.3 s on one core.
const microBatch = 32

// Results of a step that are not failures of the engine.
var (
	errAborted = errors.New("the step was aborted")
	errNoRoom  = errors.New("no free cells in the key-value cache")
)

// entry is one token of a step.
type entry struct {
	sequence int
	position int
	token    yzma.Token
	// wantsNext: the probabilities of the token after this one will be sampled.
	wantsNext bool
}

// engine is llama.cpp with one model and one context. Except for abort, only the decode loop calls it.
type engine struct {
	model   yzma.Model
	vocab   yzma.Vocab
	context yzma.Context
	memory  yzma.Memory
	pool    yzma.Threadpool
	batch   yzma.Batch
	dry     yzma.Sampler

	// abort, when true, ends the step under way at its next tensor operation.
	abort atomic.Bool
	// whole, when true, lets a step go on that must not be aborted.
	whole atomic.Bool

	vocabulary int
	sequences  int
	padding    padding
	threads    int
	template   string
	candidates []yzma.TokenData
}

// openEngine loads the model and makes its context; it takes seconds for a large model.
func openEngine(options Options) (*engine, error) {
	if err := loadLibrary(options.Libraries); err != nil {
		return nil, err
	}
	if _, err := os.Stat(options.Model); err != nil {
		return nil, fmt.Errorf("llama: model file: %w", err)
	}
	modelParams := yzma.ModelDefaultParams()
	modelParams.SetCPUOnly()
	model, err := yzma.ModelLoadFromFile(options.Model, modelParams)
	if err != nil {
		return nil, fmt.Errorf("llama: %s is not a model that llama.cpp can read: %w", options.Model, err)
	}
	e := &engine{model: model, vocab: yzma.ModelGetVocab(model), sequences: options.Sequences, threads: options.Threads}
	if err := e.openContext(options); err != nil {
		e.close()
		return nil, err
	}
	e.vocabulary = int(yzma.VocabNTokens(e.vocab))
	e.template = yzma.ModelChatTemplate(model, "")
	e.dry = newDry(e.vocab)
	if err := e.calibrate(); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *engine) openContext(options Options) error {
	params := yzma.ContextDefaultParams()
	params.NCtx = uint32(options.ContextTokens + group)
	params.NBatch = microBatch
	params.NUbatch = microBatch
	params.NSeqMax = uint32(options.Sequences + 1) // one for padding
	params.NThreads = int32(options.Threads)
	params.NThreadsBatch = int32(options.Threads)
	params.KVUnified = 1 // one pool of cells, so that sequences can share a prefix
	// On a processor it is the slower way to read: behind 1,700 tokens, 32 take 1,502 ms with it and 875 without, on two cores of a Xeon.
	params.FlashAttentionType = yzma.FlashAttentionTypeDisabled
	params.NoPerf = 1
	context, err := yzma.InitFromModel(e.model, params)
	if err != nil {
		return fmt.Errorf("llama: making a context of %d tokens: %w", options.ContextTokens, err)
	}
	e.context = context
	if e.memory, err = yzma.GetMemory(context); err != nil {
		return fmt.Errorf("llama: key-value cache: %w", err)
	}
	pool := yzma.ThreadpoolParamsDefault(int32(options.Threads))
	pool.Poll = 0 // sleep between steps; the default spins for a while
	if e.pool, err = yzma.ThreadpoolNew(&pool); err != nil {
		return fmt.Errorf("llama: pool of %d threads: %w", options.Threads, err)
	}
	yzma.AttachThreadpool(context, uintptr(e.pool), uintptr(e.pool))
	yzma.SetAbortCallback(context, func() bool { return e.abort.Load() && !e.whole.Load() })
	e.batch = yzma.BatchInit(microBatch, 0, 1)
	return nil
}

// close gives everything native back.
func (e *engine) close() {
	yzma.SamplerFree(e.dry)
	if e.batch.Token != nil {
		yzma.BatchFree(e.batch)
	}
	if e.context != 0 {
		yzma.DetachThreadpool(e.context)
		yzma.Free(e.context)
	}
	if e.pool != 0 {
		yzma.ThreadpoolFree(e.pool)
	}
	if e.model != 0 {
		yzma.ModelFree(e.model)
	}
}

// setThreads sets how many threads the next steps use.
func (e *engine) setThreads(n int) {
	if n != e.threads {
		yzma.SetNThreads(e.context, int32(n), int32(n))
		e.threads = n
	}
}

// decode computes one step. After errAborted and errNoRoom the caller removes the entries' positions.
func (e *engine) decode(entries []entry) error {
	e.batch.Clear()
	for _, entry := range entries {
		if err := e.add(entry); err != nil {
			return err
		}
	}
	if err := e.pad(entries); err != nil {
		return err
	}
	if int(e.batch.NTokens) > len(entries) {
		defer e.emptyPadding()
	}
	result, err := yzma.Decode(e.context, e.batch)
	switch {
	case err != nil:
		return fmt.Errorf("llama: computing a batch: %w", err)
	case result == 0:
		return nil
	case result == 1:
		return errNoRoom
	case result == 2:
		return errAborted
	}
	return fmt.Errorf("llama: llama.cpp could not compute a batch of %d tokens (code %d)", len(entries), result)
}

// cut removes the positions from start on of a sequence.
func (e *engine) cut(sequence, start int) error {
	removed, err := yzma.MemorySeqRm(e.memory, yzma.SeqId(sequence), yzma.Pos(start), -1)
	if err != nil {
		return fmt.Errorf("llama: cutting a sequence: %w", err)
	}
	if !removed {
		return fmt.Errorf("llama: sequence %d can't be cut at %d", sequence, start)
	}
	return nil
}

// share makes the first n positions of one sequence those of another, empty one too.
func (e *engine) share(from, to, n int) error {
	return yzma.MemorySeqCp(e.memory, yzma.SeqId(from), yzma.SeqId(to), 0, yzma.Pos(n))
}

// canShift says whether this model's positions can be moved: those of most can.
func (e *engine) canShift() bool {
	can, err := yzma.MemoryCanShift(e.memory)
	return err == nil && can
}

// shift removes the positions from start to end of a sequence and moves what follows to their place. llama.cpp turns the
// keys at the next step, all at once; aborted in the middle they would be of no use, so a step is made for it, of one token that
// nobody reads, that goes on to its end.
func (e *engine) shift(sequence, start, end int) error {
	removed, err := yzma.MemorySeqRm(e.memory, yzma.SeqId(sequence), yzma.Pos(start), yzma.Pos(end))
	if err == nil && !removed {
		err = fmt.Errorf("positions %d to %d can't be removed", start, end)
	}
	if err == nil {
		err = yzma.MemorySeqAdd(e.memory, yzma.SeqId(sequence), yzma.Pos(end), -1, yzma.Pos(start-end))
	}
	if err != nil {
		return fmt.Errorf("llama: shifting a sequence: %w", err)
	}
	e.whole.Store(true)
	defer e.whole.Store(false)
	defer e.emptyPadding()
	return e.decode([]entry{{sequence: e.sequences}})
}

// clear forgets every sequence.
func (e *engine) clear() error { return yzma.MemoryClear(e.memory, false) }

// saveState returns what was computed for a sequence: about 28 KB a token for the 1.5B model.
func (e *engine) saveState(sequence int) ([]byte, error) {
	state := make([]byte, yzma.StateSeqGetSize(e.context, yzma.SeqId(sequence)))
	if n := yzma.StateSeqGetData(e.context, state, yzma.SeqId(sequence)); n != uint64(len(state)) {
		return nil, fmt.Errorf("llama: saved %d of %d bytes of a state", n, len(state))
	}
	return state, nil
}

// restoreState fills an empty sequence with a saved state.
func (e *engine) restoreState(sequence int, state []byte) error {
	if len(state) == 0 || yzma.StateSeqSetData(e.context, state, yzma.SeqId(sequence)) == 0 {
		return errors.New("llama: llama.cpp did not take the saved state")
	}
	return nil
}

// tokenize splits text into tokens. Only with special does "<|im_end|>" mean what it means in a template.
func (e *engine) tokenize(text string, beginning, special bool) []yzma.Token {
	if strings.ContainsRune(text, 0) {
		text = strings.ReplaceAll(text, "\x00", "") // C strings end there
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	if text == "" && !beginning {
		return nil
	}
	return yzma.Tokenize(e.vocab, text, beginning, special)
}

// piece is the bytes of a token; they may end in the middle of a rune. Control tokens have none.
func (e *engine) piece(token yzma.Token) []byte {
	buffer := make([]byte, 64)
	n := yzma.TokenToPiece(e.vocab, token, buffer, 0, false)
	if n < 0 {
		buffer = make([]byte, -n)
		n = yzma.TokenToPiece(e.vocab, token, buffer, 0, false)
	}
	return buffer[:max(n, 0)]
}

// ends reports whether a token ends an answer: the model's own end of turn, or a control token that would begin
// another speaker's turn.
func (e *engine) ends(token yzma.Token) bool {
	return yzma.VocabIsEOG(e.vocab, token) || yzma.VocabIsControl(e.vocab, token)
}

// fill makes the candidates of the whole vocabulary from the logits of a batch entry.
func (e *engine) fill(index int) (yzma.TokenDataArray, error) {
	logits, err := yzma.GetLogitsIth(e.context, int32(index), e.vocabulary)
	if err != nil || logits == nil {
		return yzma.TokenDataArray{}, fmt.Errorf("llama: no probabilities for entry %d: %w", index, err)
	}
	if e.candidates == nil {
		e.candidates = make([]yzma.TokenData, e.vocabulary)
	}
	for i, logit := range logits {
		e.candidates[i] = yzma.TokenData{Id: yzma.Token(i), Logit: logit}
	}
	return yzma.TokenDataArray{Data: &e.candidates[0], Size: uint64(e.vocabulary), Selected: -1}, nil
}

// forbidden is the logit of a token that a grammar ruled out.
var forbidden = float32(math.Inf(-1))

// selected is the candidate that a sampler chose.
func selected(array *yzma.TokenDataArray) (yzma.TokenData, bool) {
	if array.Selected < 0 || array.Selected >= int64(array.Size) {
		return yzma.TokenData{}, false
	}
	return unsafe.Slice(array.Data, array.Size)[array.Selected], true
}

// cells is how many positions a sequence holds.
func (e *engine) cells(sequence int) (int, error) {
	last, err := yzma.MemorySeqPosMax(e.memory, yzma.SeqId(sequence))
	return int(last) + 1, err
}

package llama

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"

	yzma "github.com/hybridgroup/yzma/pkg/llama"

	"twombly/internal/mind"
)

// defaultMaxTokens bounds an answer whose request doesn't.
const defaultMaxTokens = 256

// Local is the embedded mind in this very process. The program runs it in a worker process (ServeWorker, Client),
// because a fault in native code ends the process it happens in.
type Local struct {
	engine *engine
	loop   *loop
	// context bounds one conversation, in tokens.
	context     int
	description mind.Description
	closing     sync.Once
}

var _ mind.Mind = (*Local)(nil)

// Open loads a model, which takes seconds for a large one. Close frees it.
func Open(options Options, log *slog.Logger) (*Local, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	states, err := newStateFiles(options, log)
	if err != nil {
		return nil, err
	}
	engine, err := openEngine(options)
	if err != nil {
		return nil, err
	}
	local := &Local{engine: engine, loop: newLoop(engine, options, states), context: options.ContextTokens}
	if trained := int(yzma.ModelNCtxTrain(engine.model)); trained > 0 {
		local.context = min(local.context, trained)
	}
	local.description = mind.Description{
		Model: modelName(engine, options), Place: "this machine", Local: true, ContextTokens: local.context,
		Tools: knowsTools(engine.template),
	}
	go local.loop.run()
	return local, nil
}

// modelName is what the person reads: the given name, or the file's own name and its quantisation.
func modelName(engine *engine, options Options) string {
	if options.Name != "" {
		return options.Name
	}
	name, ok := yzma.ModelMetaValStr(engine.model, "general.name")
	if !ok || name == "" {
		return strings.TrimSuffix(filepath.Base(options.Model), ".gguf")
	}
	return name + " (" + yzma.ModelDesc(engine.model) + ")"
}

// Close ends every request and frees the model. Closing again does nothing.
func (l *Local) Close() {
	l.loop.close()
	l.closing.Do(l.engine.close)
}

// SetThreads says how many threads may compute from now on, at most Options.Threads; 0 pauses until it is raised.
func (l *Local) SetThreads(n int) { l.loop.setThreads(n) }

// Describe says which model runs here.
func (l *Local) Describe(context.Context) (mind.Description, error) { return l.description, nil }

// Generate answers; see mind.Mind. When its context ends it returns the context's error.
func (l *Local) Generate(ctx context.Context, request mind.Request, emit func(mind.Delta) error) (mind.Usage, error) {
	prompt, err := l.engine.buildPrompt(request, l.context, true)
	if err != nil {
		return mind.Usage{}, err
	}
	if len(prompt.tokens) >= l.context {
		return mind.Usage{}, tooLong(fmt.Sprintf("the conversation has %d tokens", len(prompt.tokens)), l.context)
	}
	if request.MaxTokens <= 0 {
		request.MaxTokens = defaultMaxTokens
	}
	request.MaxTokens = min(request.MaxTokens, l.context-len(prompt.tokens))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	job := newJob(ctx, request, prompt, true)
	if job.sampler, err = l.engine.newSampler(request); err != nil {
		return mind.Usage{}, err
	}
	if job.calling {
		if err := job.holdCalls(); err != nil {
			job.sampler.close()
			return mind.Usage{}, err
		}
	}
	return l.do(ctx, job, func(delta mind.Delta) {
		if err := emit(delta); err != nil {
			cancel(err)
		}
	})
}

// Prefill reads the messages of the request ahead; an answer of any conversation goes before it. The end of the last
// message is left open, so that it may be the beginning of what a person is saying.
func (l *Local) Prefill(ctx context.Context, request mind.Request) error {
	prompt, err := l.engine.buildPrompt(request, l.context, false)
	if err != nil {
		return err
	}
	if len(prompt.tokens) >= l.context {
		return tooLong(fmt.Sprintf("the conversation has %d tokens", len(prompt.tokens)), l.context)
	}
	if len(prompt.tokens) == 0 {
		return nil
	}
	request.MaxTokens = 0
	_, err = l.do(ctx, newJob(ctx, request, prompt, false), func(mind.Delta) {})
	return err
}

// do hands a job to the loop and waits for its end, giving out what comes.
func (l *Local) do(ctx context.Context, job *job, give func(mind.Delta)) (mind.Usage, error) {
	if err := l.loop.submit(job); err != nil {
		job.finish("", err)
		return mind.Usage{}, err
	}
	defer context.AfterFunc(ctx, func() { l.loop.cancelled(job) })()
	for {
		select {
		case delta := <-job.deltas:
			if ctx.Err() == nil {
				give(delta)
			}
			continue
		case <-job.done:
		}
		break
	}
	for len(job.deltas) > 0 && ctx.Err() == nil {
		give(<-job.deltas)
	}
	if ctx.Err() != nil {
		return job.usage, context.Cause(ctx)
	}
	return job.usage, job.err
}

// Forget drops what is kept for a conversation; what is under way for it is dropped when it ends.
func (l *Local) Forget(ctx context.Context, conversation string) error {
	return l.loop.forget(ctx, conversation)
}

package speech

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"

	"twombly/internal/native/cores"
	"twombly/internal/native/worker"
)

// ClientOptions say how the speech worker is started.
type ClientOptions struct {
	Options
	// Args are this program's arguments that lead to ServeWorker, as in {"worker", "ears"}.
	Args []string
	// Env are further variables for the worker, each "NAME=value".
	Env []string
	// Budget, if set, hands out the cores that each call works on.
	Budget *cores.Budget
}

// Client is the Engine whose nets run in a worker process, so that a crash of native code is an error that wraps
// ErrUnavailable here. The worker is started again, and calls that come meanwhile wait for it.
//
// Each call but VoiceActivity (a tenth of a millisecond) takes its cores from the budget first: one, or for the first
// clause of a reply all, with the mind paused. The cores are given back when the worker has really ended the call, also
// if the caller gave up.
type Client struct {
	process *worker.Process
	options Options
	budget  *cores.Budget
	opened  bool        // a child was prepared before; belongs to prepare
	early   atomic.Bool // the child still speaks everything with all cores
}

var _ Engine = (*Client)(nil)

// Start starts the worker and loads the nets; it returns when all of them have run once.
func Start(ctx context.Context, options ClientOptions, log *slog.Logger) (*Client, error) {
	client := &Client{options: options.Options, budget: options.Budget}
	if client.budget == nil {
		client.budget = cores.New(threadsOf(options.Options))
	}
	confinement, err := confine(&client.options)
	if err != nil {
		return nil, err
	}
	client.process, err = worker.Start(ctx, worker.Spec{
		Name: "ears", Args: options.Args, Env: options.Env, Confinement: confinement, Prepare: client.prepare,
	}, log)
	if err != nil {
		return nil, fmt.Errorf("start the speech worker: %w", received(err))
	}
	return client, nil
}

// confine says what the worker may read and write, and makes the paths absolute and free of links, which is what the kernel's
// rules go by.
func confine(options *Options) (worker.Confinement, error) {
	var confinement worker.Confinement
	paths := []*string{
		&options.Library, &options.VoiceActivity, &options.TurnEnd, &options.Encoder, &options.Decoder, &options.Tokenizer,
		&options.Synthesis, &options.Vocabulary, &options.Voices, &options.English,
	}
	if options.Speakers != "" {
		paths = append(paths, &options.Speakers)
	}
	for _, path := range paths {
		real, err := filepath.EvalSymlinks(*path)
		if err != nil {
			return confinement, fmt.Errorf("a file of speech is missing: %w", err)
		}
		if *path, err = filepath.Abs(real); err != nil {
			return confinement, fmt.Errorf("a file of speech: %w", err)
		}
		confinement.Read = append(confinement.Read, *path)
	}
	if options.Prepared == "" {
		return confinement, nil
	}
	if err := os.MkdirAll(options.Prepared, 0o700); err != nil {
		return confinement, fmt.Errorf("make the folder of prepared nets: %w", err)
	}
	folder, err := filepath.Abs(options.Prepared)
	if err != nil {
		return confinement, fmt.Errorf("the folder of prepared nets: %w", err)
	}
	options.Prepared = folder
	confinement.Write = append(confinement.Write, folder)
	return confinement, nil
}

// prepare loads the nets in a new child. Meanwhile the mind pauses: what it writes can't be said yet, and it would halve the
// pace of the loading.
func (c *Client) prepare(ctx context.Context, call worker.CallFunc) error {
	options := c.options
	options.Early = c.opened // somebody may be in the middle of a sentence
	request, err := message(options, nil)
	if err != nil {
		return err
	}
	resume := c.budget.PauseMind()
	defer resume()
	if _, err = call(ctx, methodOpen, request, nil); err == nil {
		c.early.Store(options.Early)
		c.opened = true
	}
	return err
}

// ask sends one request to the worker and decodes the answer.
func ask[T any](ctx context.Context, c *Client, method string, meta any, samples []float32) (T, worker.Message, error) {
	var out T
	request, err := message(meta, samples)
	if err != nil {
		return out, worker.Message{}, err
	}
	answer, err := c.process.CallToEnd(ctx, method, request, nil)
	if err != nil {
		if ctx.Err() != nil {
			return out, worker.Message{}, ctx.Err()
		}
		return out, worker.Message{}, received(err)
	}
	out, err = decoded[T](answer)
	return out, answer, err
}

// VoiceActivity implements Engine.
func (c *Client) VoiceActivity(ctx context.Context, state *VoiceActivityState, frame []float32) (float32, error) {
	out, answer, err := ask[probabilityAnswer](ctx, c, methodActivity, struct{}{}, joinState(state, frame))
	if err != nil {
		return 0, err
	}
	if *state, _, err = splitState(worker.Floats(answer.Blob)); err != nil {
		return 0, fmt.Errorf("voice activity: %w", err)
	}
	return out.Probability, nil
}

// TurnEnd implements Engine.
func (c *Client) TurnEnd(ctx context.Context, samples []float32) (float32, error) {
	release, err := c.budget.Acquire(ctx, 1, false)
	if err != nil {
		return 0, err
	}
	defer release()
	out, _, err := ask[probabilityAnswer](ctx, c, methodTurnEnd, struct{}{}, samples[max(0, len(samples)-turnSamples):])
	return out.Probability, err
}

// Transcribe implements Engine.
func (c *Client) Transcribe(ctx context.Context, samples []float32) (Transcript, error) {
	if err := checkLength(samples); err != nil {
		return Transcript{}, err
	}
	release, err := c.budget.Acquire(ctx, 1, false)
	if err != nil {
		return Transcript{}, err
	}
	defer release()
	out, _, err := ask[transcriptAnswer](ctx, c, methodTranscribe, struct{}{}, samples)
	if err != nil {
		return Transcript{}, err
	}
	return Transcript{Text: out.Text, Confidence: out.Sure, AudioDuration: out.Audio, Compute: out.Compute}, nil
}

// Synthesize implements Engine.
func (c *Client) Synthesize(ctx context.Context, request SynthesisRequest) (Utterance, error) {
	if err := checkText(request.Text); err != nil {
		return Utterance{}, err
	}
	if state := c.process.State(); request.NoWait && state.Phase != worker.Running {
		return Utterance{}, fmt.Errorf("%w: %s", ErrUnavailable, state.Reason)
	}
	wanted, alone := 1, request.First || c.early.Load()
	if alone {
		wanted = c.budget.Total()
	}
	release, err := c.budget.Acquire(ctx, wanted, alone)
	if err != nil {
		return Utterance{}, err
	}
	defer release()
	out, answer, err := ask[utteranceAnswer](ctx, c, methodSynthesize,
		synthesizeRequest{Text: request.Text, Voice: request.Voice, First: request.First}, nil)
	if err != nil {
		return Utterance{}, err
	}
	c.early.Store(out.Early)
	return Utterance{Samples: worker.Floats(answer.Blob), Words: out.Words, Compute: out.Compute}, nil
}

// VoicePrint tells whose voice the samples are in, as [Local.VoicePrint] does.
func (c *Client) VoicePrint(ctx context.Context, samples []float32) (VoicePrint, error) {
	samples, err := lastOfVoice(samples)
	if err != nil {
		return VoicePrint{}, err
	}
	release, err := c.budget.Acquire(ctx, 1, false)
	if err != nil {
		return VoicePrint{}, err
	}
	defer release()
	_, answer, err := ask[struct{}](ctx, c, methodVoicePrint, struct{}{}, samples)
	if err != nil {
		return VoicePrint{}, err
	}
	var print VoicePrint
	if values := worker.Floats(answer.Blob); copy(print[:], values) != len(print) {
		return VoicePrint{}, fmt.Errorf("whose voice it is: %d numbers came, not %d", len(values), len(print))
	}
	return print, nil
}

// Voices implements Engine.
func (c *Client) Voices(ctx context.Context) ([]VoiceInfo, error) {
	infos, _, err := ask[[]VoiceInfo](ctx, c, methodVoices, struct{}{}, nil)
	return infos, err
}

// Watch registers who is told how the worker is, as worker.Process.Watch does.
func (c *Client) Watch(watcher func(worker.State)) (stop func()) { return c.process.Watch(watcher) }

// State is how the worker is now.
func (c *Client) State() worker.State { return c.process.State() }

// Restart starts a worker again that was given up after too many crashes.
func (c *Client) Restart(ctx context.Context) error { return received(c.process.Restart(ctx)) }

// Close ends the worker and waits for it.
func (c *Client) Close() { c.process.Close() }

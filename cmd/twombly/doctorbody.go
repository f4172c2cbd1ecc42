package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"twombly/internal/audio/opus"
	"twombly/internal/mind"
	"twombly/internal/mind/discover"
	"twombly/internal/native"
	"twombly/internal/native/cores"
	"twombly/internal/native/worker"
	"twombly/internal/speech"
	"twombly/internal/web"
)

// models looks at the files of what the settings need.
func (e *examination) models(ctx context.Context) {
	if supported, _ := native.Supported(); !supported {
		return
	}
	ready := 0
	for _, id := range neededFor(e.settings, e.store) {
		state := e.store.State(id)
		err := error(nil)
		switch {
		case state.System != "":
		case e.full || state.Condition == native.Unverified:
			err = e.store.Verify(ctx, id)
		case state.Condition != native.Ready:
			err = fmt.Errorf("it is %s", state.Condition)
		}
		if err != nil {
			e.found(finding{Part: "model", State: broken, Sentence: id + ": " + err.Error(), Mend: "twombly models fetch " + id})
			continue
		}
		ready++
	}
	e.found(finding{Part: "models", State: fine, Sentence: fmt.Sprintf("%d that she needs are here and right", ready)})
	if own := e.settings.Mind.Model; own != "" && e.settings.Mind.Kind == "embedded" {
		f := finding{Part: "model", State: fine, Sentence: own}
		if _, err := native.CheckGGUF(own); err != nil {
			f.State, f.Sentence, f.Mend = broken, err.Error(), "twombly models use PATH names another, twombly models use default goes back"
		}
		e.found(f)
	}
}

// voices says whether her person's voice can be told from others. She can do without it, and answers everybody then.
func (e *examination) voices(context.Context) {
	if supported, _ := native.Supported(); !supported {
		return
	}
	f := finding{Part: "only my voice", State: fine, Sentence: "your voice can be told from others, once she knows it"}
	if _, err := e.store.Path(voicesEntry, "wespeaker-resnet34.onnx"); err != nil {
		f.Sentence = "off; it needs a model that is fetched only if you ask for it: twombly models fetch " + voicesEntry
		if e.settings.Voice.OnlyMyVoice {
			f.State, f.Mend = note, "twombly models fetch "+voicesEntry+", then start her again"
			f.Sentence = "it is wished for, and the model that tells voices apart is not there: she answers everybody"
		}
	}
	e.found(f)
}

func (e *examination) opus(context.Context) {
	library, err := loadOpus(e.store)
	if err != nil {
		f := finding{Part: "opus", State: note, Sentence: "calls go over WebSocket only: " + err.Error(), Mend: "twombly models fetch " + opusEntry}
		if entry, err := e.store.Entry(opusEntry); err == nil && entry.SystemHint != "" {
			f.Mend += ", or: " + entry.SystemHint
		}
		e.found(f)
		return
	}
	e.found(finding{Part: "opus", State: fine, Sentence: library.Version()})
}

// loadOpus loads the system's libopus, or the one that was fetched.
func loadOpus(store *native.Store) (*opus.Library, error) {
	library, err := opus.Load(store.State(opusEntry).System)
	if err != nil {
		library, err = opus.Load(store.Folder(opusEntry) + "/libopus.so.0")
	}
	return library, err
}

// body tries her ears, her voice and her mind: those of the running server, or workers that are started for it.
func (e *examination) body(ctx context.Context) {
	if e.server != nil {
		e.servedBody(ctx)
		return
	}
	if supported, _ := native.Supported(); supported {
		b := &body{log: e.log, store: e.store, budget: cores.New(runtime.NumCPU()), model: e.settings.Mind.Model}
		defer b.close()
		e.ears(ctx, b)
		e.endsOfTurns(ctx, b)
		if e.settings.Mind.Kind == "embedded" {
			e.embeddedMind(ctx, b)
		}
	}
	if e.settings.Mind.Kind == "openai" {
		e.remoteMind(ctx)
	}
}

// restartMend is what helps a worker that does not start although its files are right.
const restartMend = "twombly models verify, and if the files are right, twombly serve --log-level debug says more"

func (e *examination) ears(ctx context.Context, b *body) {
	began := time.Now()
	client, err := b.startEars(ctx)
	if err != nil {
		e.found(finding{Part: "ears and voice", State: broken, Sentence: err.Error(), Mend: restartMend})
		return
	}
	b.ears = client
	e.found(finding{Part: "ears and voice", State: fine, Sentence: "the worker starts and loads its nets"}.timed(began))
	e.confinement(client.State().Confinement)
	for _, part := range []struct {
		name, works string
		try         func() error
	}{
		{"hearing", "silence is told from speech", func() error {
			probability, err := client.VoiceActivity(ctx, &speech.VoiceActivityState{}, make([]float32, speech.FrameSamples))
			return orElse(err, probability < 0.5, "silence was taken for speech")
		}},
		{"words", "silence has no words", func() error {
			heard, err := client.Transcribe(ctx, make([]float32, speech.HearingRate))
			return orElse(err, heard.Text == "", "words were heard in silence")
		}},
		{"voice", "she can say hello", func() error {
			spoken, err := client.Synthesize(ctx, speech.SynthesisRequest{Text: "Hello.", First: true})
			return orElse(err, spoken.Duration() > 100*time.Millisecond, "hello came out without sound")
		}},
	} {
		began := time.Now()
		f := finding{Part: part.name, State: fine, Sentence: part.works}
		if err := part.try(); err != nil {
			f.State, f.Sentence, f.Mend = broken, err.Error(), restartMend
		}
		e.found(f.timed(began))
	}
}

// endsOfTurns tries what tells by words whether somebody has finished. She can do without it.
func (e *examination) endsOfTurns(ctx context.Context, b *body) {
	began := time.Now()
	f := finding{Part: "ends of turns", State: fine, Sentence: "a whole sentence is told from a broken one"}
	var err error
	if b.turns, err = b.startTurns(ctx); err == nil {
		var whole, broken float32
		if whole, err = b.turns.EndOfTurn(ctx, "We could go to the lake on Sunday."); err == nil {
			broken, err = b.turns.EndOfTurn(ctx, "We could go to the")
		}
		err = orElse(err, whole > broken, "a broken sentence was taken for a whole one")
	}
	if err != nil {
		f.State, f.Sentence, f.Mend = note, err.Error()+"; their sound alone decides", restartMend
	}
	e.found(f.timed(began))
}

func orElse(err error, right bool, otherwise string) error {
	if err == nil && !right {
		return errors.New(otherwise)
	}
	return err
}

// confinement says what the kernel keeps the native code from.
func (e *examination) confinement(report worker.Report) {
	f := finding{Part: "confinement", State: fine, Sentence: fmt.Sprintf(
		"native code sees no network (seccomp) and only its own files (Landlock %d)", report.Landlock)}
	if report.Missing != "" {
		f.State, f.Sentence = note, report.Missing
	}
	e.found(f)
}

func (e *examination) embeddedMind(ctx context.Context, b *body) {
	began := time.Now()
	her, err := b.embedded(ctx)
	if err != nil {
		e.found(finding{Part: "mind", State: broken, Sentence: err.Error(), Mend: restartMend})
		return
	}
	f := finding{Part: "mind", State: fine, Sentence: "the worker starts and loads its model"}
	if description, err := her.Describe(ctx); err == nil {
		f.Sentence += ", " + description.Model
	}
	e.found(f.timed(began))
	began = time.Now()
	f = finding{Part: "thinking", State: fine, Sentence: "a word comes"}
	request := mind.Request{Messages: []mind.Message{{Role: mind.User, Content: "Say hello."}}, MaxTokens: 1}
	if _, err := her.Generate(ctx, request, func(mind.Delta) error { return nil }); err != nil {
		f.State, f.Sentence, f.Mend = broken, err.Error(), restartMend
	}
	e.found(f.timed(began))
}

// remoteMind asks the chosen server whether it has the chosen model.
func (e *examination) remoteMind(ctx context.Context) {
	began := time.Now()
	f := finding{Part: "mind", State: fine, Sentence: fmt.Sprintf("%s answers, with %s; what you say is sent there", e.settings.Mind.Address, e.settings.Mind.Model)}
	key, err := e.settings.Mind.Key()
	var models []string
	if err == nil {
		models, err = modelsAt(ctx, e.settings.Mind.Address, key)
	}
	switch {
	case err != nil:
		f.State, f.Sentence, f.Mend = broken, err.Error(), "start it, or choose another: twombly models use ADDRESS, or twombly models use default"
	case len(models) > 0 && !slices.Contains(models, e.settings.Mind.Model):
		f.State, f.Sentence = broken, fmt.Sprintf("%s has no model %q", e.settings.Mind.Address, e.settings.Mind.Model)
		f.Mend = "it has " + strings.Join(models, ", ")
	}
	e.found(f.timed(began))
}

// servedBody asks the running server how its parts are, and has it say something.
func (e *examination) servedBody(ctx context.Context) {
	status, err := e.server.Status(ctx)
	if err == nil {
		err = withToken(ctx, e.server, status.Address, e.settings.Data, func(ctx context.Context, at server) error {
			var report web.StatusReport
			if err := at.get(ctx, "/api/status", &report); err != nil {
				return err
			}
			for _, part := range report.Parts {
				f := finding{Part: part.ID, State: fine, Sentence: fmt.Sprintf("%s: %s, on %s", part.State, part.Model, part.Place)}
				if part.State != "ready" {
					f.State, f.Sentence, f.Mend = broken, part.State+": "+part.Detail, "stop the server and run twombly doctor again: it tries each part then"
				}
				e.found(f)
			}
			return e.servedVoice(ctx, at)
		})
	}
	if err != nil {
		e.found(finding{Part: "server", State: broken, Sentence: err.Error(), Mend: "stop it and start it again: twombly serve"})
	}
}

func (e *examination) servedVoice(ctx context.Context, at server) error {
	var voices struct{ Current string }
	if err := at.get(ctx, "/api/voices", &voices); err != nil {
		return err
	}
	began := time.Now()
	f := finding{Part: "speaking", State: fine, Sentence: "the server can say a sentence"}
	if _, err := at.ask(ctx, "GET", "/api/voices/"+voices.Current+"/sample", nil); err != nil {
		f.State, f.Sentence, f.Mend = broken, err.Error(), "stop the server and run twombly doctor again: it tries each part then"
	}
	e.found(f.timed(began))
	return nil
}

// otherMinds tells what else on this machine could think for her.
func (e *examination) otherMinds(ctx context.Context) {
	servers, err := discover.Find(ctx, discover.Usual())
	if err != nil {
		e.found(finding{Part: "other minds", State: note, Sentence: err.Error()})
		return
	}
	for _, other := range servers {
		e.found(finding{Part: "other minds", State: fine, Sentence: fmt.Sprintf("%s at %s has %s (twombly models use %s)",
			other.Name, other.Address, strings.Join(other.Models, ", "), other.Address)})
	}
	if len(servers) == 0 {
		e.found(finding{Part: "other minds", State: fine, Sentence: "no Ollama, LM Studio, llama-server or vLLM runs here"})
	}
}

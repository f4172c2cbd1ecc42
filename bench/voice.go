package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"twombly/internal/audio/opus"
	"twombly/internal/realtime/client"
	"twombly/internal/realtime/impair"
)

// Defaults of voice.
const (
	voiceTurns = 60
	replyLimit = 6 * time.Second
	// playoutBuffer is what a loudspeaker holds back where the network is bad; over a clean one nothing.
	playoutBuffer = 60 * time.Millisecond
	// settleFirst lets a call's beginning (the conversation is read ahead) pass, as a person does who looks at a page.
	settleFirst = 5 * time.Second
)

// network is how bad the network of a run is.
type network struct {
	name   string
	loss   float64
	jitter time.Duration
}

func (n network) clean() bool { return n.loss == 0 && n.jitter == 0 }

// runVoice measures calls from outside: a clip is spoken in real time over WebRTC, and what comes back is listened to.
func runVoice(ctx context.Context, r *runner) (err error) {
	clips, err := readClips(r.Clips)
	if err != nil {
		return err
	}
	if err := r.models(speechEntries...); err != nil {
		return err
	}
	library, err := loadOpus(r)
	if err != nil {
		return err
	}
	networks := []network{{name: "clean"}}
	if r.Loss > 0 || r.Jitter > 0 {
		bad := network{name: "impaired", loss: r.Loss, jitter: r.Jitter}
		if !r.Compare {
			networks = nil
		}
		networks = append(networks, bad)
	}
	r.noteVoiceConditions(networks)
	server, err := startServer(ctx, r)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	secret, err := server.token(ctx)
	if err != nil {
		return err
	}
	for i, n := range networks {
		bench := &voiceBench{
			runner: r, server: server, clips: clips, network: n,
			options: client.Options{URL: server.address, Token: secret, Opus: library, ReportPlayback: true},
		}
		prefix := ""
		if i > 0 {
			prefix = n.name + "_"
		}
		if err := bench.run(ctx, prefix); err != nil {
			return fmt.Errorf("%s network: %w", n.name, err)
		}
	}
	return nil
}

// loadOpus finds libopus where the program does.
func loadOpus(r *runner) (*opus.Library, error) {
	if library, err := opus.Load(r.Models.State("libopus").System); err == nil {
		return library, nil
	}
	return opus.Load(r.Models.Folder("libopus") + "/libopus.so.0")
}

func (r *runner) noteVoiceConditions(networks []network) {
	names := make([]map[string]any, len(networks))
	for i, n := range networks {
		names[i] = map[string]any{"name": n.name, "loss": n.loss, "jitter_ms": n.jitter.Milliseconds()}
	}
	r.result.Conditions["transport"], r.result.Conditions["instant_mind"] = "WebRTC", r.Instant
	r.result.Conditions["networks"] = names
	r.result.Conditions["reply_limit_s"] = r.replyLimit().Seconds()
	if r.Length > 0 {
		r.result.Conditions["minutes"] = r.Length.Minutes()
	}
}

func (r *runner) replyLimit() time.Duration {
	if r.ReplyLimit > 0 {
		return r.ReplyLimit
	}
	return replyLimit
}

// voiceBench is the turns over one network.
type voiceBench struct {
	*runner
	server  *server
	clips   []clip
	network network
	options client.Options
}

// run speaks the turns, on one call, and keeps their metrics under a prefix.
func (v *voiceBench) run(ctx context.Context, prefix string) (err error) {
	turns := v.Turns
	if turns == 0 {
		turns = voiceTurns
	}
	soak := v.Length > 0
	notes := &checkpoint[voiceTurn]{}
	if !soak { // a soak measures one unbroken call
		notes, err = openCheckpoint[voiceTurn](v.runner, "voice-"+v.network.name, clipNames(v.clips), turns, v.network.loss,
			v.network.jitter, v.replyLimit(), v.Mind, v.Instant)
		if err != nil {
			return err
		}
	}
	done := notes.done
	traced, err := v.server.traces()
	if err != nil {
		return err
	}
	var memory []memorySample
	if soak || len(done) < turns {
		watcher := watchMemory(ctx, v.server)
		done, err = v.talk(ctx, done, turns, notes)
		var watchErr error
		memory, watchErr = watcher.stop()
		if err := errors.Join(err, watchErr); err != nil {
			return errors.Join(err, notes.close(false))
		}
	}
	summariseVoice(v.result, prefix, v.network, done)
	summariseMemory(v.result, prefix, memory, soak)
	if err := summariseTraces(ctx, v.result, prefix, v.server, traced); err != nil {
		return err
	}
	return notes.close(true)
}

// talk holds one call of all the turns.
func (v *voiceBench) talk(ctx context.Context, done []voiceTurn, turns int, notes *checkpoint[voiceTurn]) (_ []voiceTurn, err error) {
	call, err := v.dial(ctx)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, call.client.Close()) }()
	if err := wait(ctx, settleFirst); err != nil {
		return done, err
	}
	began := time.Now()
	more := func() bool {
		if v.Length > 0 {
			return time.Since(began) < v.Length
		}
		return len(done) < turns
	}
	for more() {
		turn, err := call.turn(ctx, v.clips[len(done)%len(v.clips)], len(done))
		if err != nil {
			return done, err
		}
		v.say("%s", turn.line(turns, v.Length > 0))
		done = append(done, turn)
		if err := notes.note(turn); err != nil {
			return done, err
		}
	}
	return done, nil
}

// dial begins a call.
func (v *voiceBench) dial(ctx context.Context) (*voiceCall, error) {
	call := &voiceCall{limit: v.replyLimit()}
	options := v.options
	options.OnSound = call.ear.hear
	if !v.network.clean() {
		call.buffer = playoutBuffer
		options.Up = impair.Options{Loss: v.network.loss, Jitter: v.network.jitter, Seed: 11}
		options.Down = impair.Options{Loss: v.network.loss, Jitter: v.network.jitter, Seed: 12}
	}
	dialled, err := client.DialWebRTC(ctx, options)
	if err != nil {
		return nil, err
	}
	// The microphone's first sample is heard now; the server counts its audio from it.
	call.client, call.began = dialled, time.Now()
	// Our own events are sent to clients that speak of themselves.
	err = dialled.Send(ctx, map[string]any{"type": "twombly.client", "device": "bench", "zone": "UTC", "transport": "webrtc"})
	if err != nil {
		return nil, errors.Join(err, dialled.Close())
	}
	return call, nil
}

// wait lets time pass.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

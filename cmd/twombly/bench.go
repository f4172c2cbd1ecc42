package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"twombly/bench"
)

// benchCommand measures her.
type benchCommand struct {
	Name string `arg:"" enum:"stt,tts,mind,voice,turns,resume,stops,endpointing,offline,speakers,short,echo,idle" help:"What to measure: stt (recognition), tts (synthesis), mind (the language model), voice (a call, from your last sound to her first word), turns (turn-taking: interruptions, backchannels, coughs, pauses, talk to others), resume (how she goes on after a false alarm: words lost or repeated, the gap; and whether what was heard before an interruption is on record), stops (how soon she is silent when told to be, and whether sentences with \"stop\" in them silence her), endpointing (ends of turns: pauses cut off against waiting, faster than real time), offline (the events of turns, played to what decides faster than real time: what her front end gives, whatever the machine), speakers (how well your voice is told from others, by the length of what is said and in noise), short (what is short: answers of a word, coughs and sighs while she is silent, and wishes for silence over her voice, faster than real time), echo (her own voice from a loudspeaker: whether she takes it for yours, faster than real time), idle (what she costs while nobody talks)."`
	JSON bool   `name:"json" help:"Print one JSON object with everything instead of the metrics alone."`

	Data    string        `type:"path" placeholder:"DIR" help:"Folder of WAV files with a transcripts.tsv (a header line, then file, tab, transcript); turns, resume, stops: a folder with speech, nonverbal, digits and noise in it."`
	Turns   int           `placeholder:"N" help:"How many turns, clips, sentences or events; by default the benchmark's own number."`
	Minutes float64       `placeholder:"M" help:"voice: go on for this long and watch memory (a soak)."`
	Loss    float64       `placeholder:"PERCENT" help:"voice: share of packets that the network loses in each direction."`
	Jitter  time.Duration `placeholder:"TIME" help:"voice: the most that a packet is late, as in 30ms."`
	Compare bool          `help:"voice: the same turns over a clean network first."`
	Reply   time.Duration `placeholder:"TIME" help:"voice: how much of a reply is listened to (6s)."`
	Settle  time.Duration `placeholder:"TIME" help:"idle: how long to wait after the last work (10m)."`
	Watch   time.Duration `placeholder:"TIME" help:"idle: how long to measure (2m)."`
	Mind    string        `type:"path" placeholder:"FILE" help:"mind, voice, idle: a GGUF file to think with instead of the default model."`
	Instant bool          `help:"turns, resume, stops, voice: think with a stub that answers at once, so that all but the mind is measured."`
	Seed    uint64        `placeholder:"N" help:"turns, resume, stops, endpointing, offline, short, echo: another scenario (1)."`
	Voices  string        `enum:",soft,only" default:"" placeholder:"KIND" help:"offline: tell voices apart, the person's being known from five turns: soft, or only (theirs alone is answered)."`
	Others  bool          `help:"offline: calls in which other people and a television are heard too, for longer."`
	Rules   string        `placeholder:"JSON" help:"offline, short: other numbers of turn-taking, as {\"hesitate\": 0} (durations in ns), to see what each is good for."`
	Plot    string        `type:"path" placeholder:"FILE" help:"turns: draw the calls, as two lanes of speech with the decisions, into this HTML file; endpointing: the curves."`
	Without string        `placeholder:"LAYERS" help:"Leave layers out, parted by commas, to see what each gives; turns: duck, drafting, prefill, tempo, numbers, noise; endpointing: tempo, numbers, noise, words; echo: envelope, words, duck, and echo is a headset."`
	Subset  bool          `help:"turns: the fixed sixty events on which layers are left out: every kind at every level of noise."`
	Worst   bool          `help:"turns, offline, resume, stops, voice: print the worst five cases of each metric that misses its aim, as a list in Markdown, instead of the metrics."`
	Fresh   bool          `help:"Begin anew instead of going on where an unfinished run stopped."`

	Cache          string `env:"TWOMBLY_CACHE" default:"${twombly_cache}" type:"place" placeholder:"DIR" help:"Folder of models and libraries." key:"cache"`
	AcceptLicences bool   `key:"accept_licences" name:"accept-licences" env:"TWOMBLY_ACCEPT_LICENCES" help:"Accept the licences of the models without being asked."`
}

func (b *benchCommand) Run(ctx context.Context, term terminal) error {
	store, err := openStore(b.Cache, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	if err := fetchModels(ctx, store, term, b.AcceptLicences); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	clips := b.Data
	if clips == "" {
		clips = bench.DefaultClips()
	}
	result, err := bench.Run(ctx, b.Name, bench.Options{
		Program: program, Commit: programVersion(), Models: store, Mind: b.Mind, Clips: clips, Turns: b.Turns,
		Length: time.Duration(b.Minutes * float64(time.Minute)), Loss: b.Loss / 100, Jitter: b.Jitter, Compare: b.Compare,
		ReplyLimit: b.Reply, Instant: b.Instant, Seed: b.Seed, Plot: b.Plot, Settle: b.Settle, Watch: b.Watch,
		Checkpoints: filepath.Join(b.Cache, "bench"), Fresh: b.Fresh, Without: b.Without, Subset: b.Subset, Rules: b.Rules, Voices: b.Voices, Others: b.Others, Progress: term.err,
	})
	if err != nil {
		return err
	}
	if b.JSON {
		encoder := json.NewEncoder(term.out)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(result); err != nil {
			return fmt.Errorf("print the result: %w", err)
		}
		return nil
	}
	if b.Worst {
		return printWorst(term.out, result)
	}
	return printMetrics(term.out, result)
}

// printWorst prints the worst cases as a list in Markdown.
func printWorst(out io.Writer, result bench.Result) error {
	lines := result.Worst()
	if len(lines) == 0 {
		lines = []string{"Nothing misses its aim."}
	}
	for _, line := range lines {
		if _, err := fmt.Fprintf(out, "- %s\n", line); err != nil {
			return err
		}
	}
	return nil
}

// printMetrics prints the metrics for people, one a line.
func printMetrics(out io.Writer, result bench.Result) error {
	names := make([]string, 0, len(result.Metrics))
	for name := range result.Metrics {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "%-28s %10.4g", name, result.Metrics[name])
		if interval, ok := result.Intervals[name]; ok {
			fmt.Fprintf(&text, "   %.4g to %.4g (n = %d)", interval.Low, interval.High, interval.N)
		}
		text.WriteByte('\n')
	}
	if result.Quiet.Void {
		fmt.Fprintf(&text, "void: %s\n", result.Quiet.Why)
	}
	_, err := io.WriteString(out, text.String())
	return err
}

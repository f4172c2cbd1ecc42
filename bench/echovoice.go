package bench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"twombly/bench/duplex"
	"twombly/bench/echoes"
	"twombly/internal/audio"
	"twombly/internal/audio/opus"
	"twombly/internal/companion"
	"twombly/internal/speech"
	"twombly/internal/speech/clause"
)

// spokenReply is something that she says.
type spokenReply struct {
	text    string
	clauses echoes.Reply
}

// sentencesOfShort is how many sentences her shorter replies have.
const sentencesOfShort = 3

// herReplies are what she says, long and short, in her voice. What was said once is kept beside the models.
func herReplies(ctx context.Context, r *runner) (long, short []spokenReply, err error) {
	r.say("preparing what she says")
	engine, err := speech.OpenLocal(ctx, speech.OptionsIn(r.Models.Dir()))
	if err != nil {
		return nil, nil, err
	}
	defer engine.Close()
	voice := companion.VoiceChoices()[0]
	say := func(text string) (spokenReply, error) {
		clauses, err := cachedReply(ctx, engine, filepath.Join(r.Models.Dir(), "bench", "voices"), text, speech.Voice{Blend: voice.Blend, Speed: voice.Speed})
		return spokenReply{text, clauses}, err
	}
	for text := range strings.SplitSeq(strings.TrimSpace(longAnswers), "\n") {
		reply, err := say(text)
		if err != nil {
			return nil, nil, err
		}
		long = append(long, reply)
	}
	said := strings.Split(strings.TrimSpace(sentences), "\n")
	for len(said) >= sentencesOfShort {
		reply, err := say(strings.Join(said[:sentencesOfShort], " "))
		if err != nil {
			return nil, nil, err
		}
		short, said = append(short, reply), said[sentencesOfShort:]
	}
	return long, short, nil
}

// keptClause is a clause as it is kept: its sound lies in another file, Samples of it.
type keptClause struct {
	Text    string
	Words   []speech.WordTime
	Samples int
}

// cachedReply has a reply said, once.
func cachedReply(ctx context.Context, engine *speech.Local, folder, text string, voice speech.Voice) (echoes.Reply, error) {
	key, err := json.Marshal([]any{text, voice})
	if err != nil {
		return nil, fmt.Errorf("name a reply: %w", err)
	}
	hash := sha256.Sum256(key)
	path := filepath.Join(folder, "her-"+hex.EncodeToString(hash[:8]))
	reply, err := readReply(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return reply, err
	}
	var splitter clause.Splitter
	for _, text := range append(splitter.Push(text), splitter.Flush()...) {
		utterance, err := engine.Synthesize(ctx, speech.SynthesisRequest{Text: text, Voice: voice, First: true})
		if err != nil {
			return nil, err
		}
		rest := int(clause.Rest(text) * speech.VoiceRate / time.Second)
		utterance.Samples = append(utterance.Samples, make([]float32, rest)...)
		reply = append(reply, echoes.Clause{Text: text, Utterance: utterance})
	}
	return reply, writeReply(path, reply)
}

func readReply(path string) (echoes.Reply, error) {
	data, err := os.ReadFile(path + ".json")
	if err != nil {
		return nil, fmt.Errorf("read a reply: %w", err)
	}
	var kept []keptClause
	if err := json.Unmarshal(data, &kept); err != nil {
		return nil, fmt.Errorf("read a reply: %w", err)
	}
	clip, err := audio.ReadWAVFile(path + ".wav")
	if err != nil {
		return nil, err
	}
	var reply echoes.Reply
	at := 0
	for _, k := range kept {
		if at+k.Samples > len(clip.Samples) {
			return nil, fmt.Errorf("read a reply: %s is too short", path)
		}
		reply = append(reply, echoes.Clause{Text: k.Text, Utterance: speech.Utterance{Words: k.Words, Samples: clip.Samples[at : at+k.Samples]}})
		at += k.Samples
	}
	return reply, nil
}

func writeReply(path string, reply echoes.Reply) error {
	var kept []keptClause
	for _, c := range reply {
		kept = append(kept, keptClause{c.Text, c.Utterance.Words, len(c.Utterance.Samples)})
	}
	data, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("keep a reply: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("keep a reply: %w", err)
	}
	var samples []float32
	for _, c := range reply {
		samples = append(samples, c.Utterance.Samples...)
	}
	if err := audio.WriteWAVFile(path+".wav", audio.Clip{Rate: speech.VoiceRate, Samples: samples}); err != nil {
		return err
	}
	if err := os.WriteFile(path+".json", data, 0o600); err != nil {
		return fmt.Errorf("keep a reply: %w", err)
	}
	return nil
}

// soundOf is all of a reply at duplex.Rate.
func soundOf(reply echoes.Reply) ([]float32, error) {
	var samples []float32
	for _, c := range reply {
		samples = append(samples, c.Utterance.Samples...)
	}
	return audio.Resample(samples, speech.VoiceRate, duplex.Rate)
}

// opusWay takes sound through the codec of a call.
type opusWay struct {
	encoder *opus.Encoder
	decoder *opus.Decoder
	in, out []float32
	packet  []byte
}

func newOpusWay(library *opus.Library, rate int) (*opusWay, error) {
	encoder, err := library.NewEncoder(opus.EncoderOptions{Rate: rate})
	if err != nil {
		return nil, err
	}
	decoder, err := library.NewDecoder(rate)
	if err != nil {
		return nil, err
	}
	// As much as may wait for a whole packet.
	return &opusWay{encoder: encoder, decoder: decoder, out: make([]float32, encoder.FrameSamples())}, nil
}

// Through implements echoes.Codec.
func (o *opusWay) Through(samples []float32) ([]float32, error) {
	o.in = append(o.in, samples...)
	size := o.encoder.FrameSamples()
	for len(o.in) >= size {
		packet, err := o.encoder.Encode(o.packet[:0], o.in[:size])
		if err != nil {
			return nil, err
		}
		o.packet = packet
		if o.out, err = o.decoder.Decode(o.out, packet); err != nil {
			return nil, err
		}
		o.in = o.in[:copy(o.in, o.in[size:])]
	}
	through := append([]float32(nil), o.out[:len(samples)]...)
	o.out = o.out[:copy(o.out, o.out[len(samples):])]
	return through, nil
}

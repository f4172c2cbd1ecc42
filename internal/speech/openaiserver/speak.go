package openaiserver

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"twombly/internal/speech"
	"twombly/internal/speech/clause"
)

// Bounds of what is to be spoken: OpenAI's limit of the text, and of the speed what the voice can do.
const (
	maxInput     = 4096
	maxSpeakBody = 64 << 10
)

// speechRequest is what a client asks for.
type speechRequest struct {
	Model        string          `json:"model"`
	Input        string          `json:"input"`
	Voice        json.RawMessage `json:"voice"`
	Format       string          `json:"response_format"`
	Speed        *float32        `json:"speed"`
	StreamFormat string          `json:"stream_format"`
}

// speak turns words into her voice. The sound is sent clause by clause, as it is made.
func (s *Server) speak(w http.ResponseWriter, r *http.Request) {
	var request speechRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxSpeakBody)).Decode(&request); err != nil {
		s.fail(w, wrong("", "The request is not JSON of this protocol."))
		return
	}
	voice, fault := s.check(r.Context(), request)
	if fault != nil {
		s.fail(w, fault)
		return
	}
	encoder, fault := s.encoder(request.Format)
	if fault != nil {
		s.fail(w, fault)
		return
	}
	send := s.sender(w, request.StreamFormat == "sse", encoder.mediaType())
	begun := false
	err := s.clauses(r.Context(), request.Input, voice, func(samples []float32) error {
		sound, err := encoder.add(samples)
		if err != nil {
			return err
		}
		begun = true
		return send.sound(sound)
	})
	if err == nil {
		var rest []byte
		if rest, err = encoder.end(); err == nil {
			err = send.end(rest, len(request.Input))
		}
	}
	switch {
	case err == nil, r.Context().Err() != nil:
	case !begun:
		s.options.Log.Error("words could not be spoken", "error", err)
		s.fail(w, &problem{http.StatusServiceUnavailable, "", "The words could not be spoken: her voice is not there now."})
	default:
		s.options.Log.Error("words were spoken in part", "error", err)
		panic(http.ErrAbortHandler) // so that the client sees that it isn't whole
	}
}

// check reads the voice and refuses what can't be spoken.
func (s *Server) check(ctx context.Context, request speechRequest) (speech.Voice, *problem) {
	var voice speech.Voice
	if s.options.Voice != nil {
		voice = s.options.Voice()
	}
	switch {
	case clause.Wordless(request.Input):
		return voice, wrong("input", "There is nothing to be spoken.")
	case len([]rune(request.Input)) > maxInput:
		return voice, wrong("input", fmt.Sprintf("At most %d characters are spoken at once.", maxInput))
	case request.StreamFormat != "" && request.StreamFormat != "audio" && request.StreamFormat != "sse":
		return voice, wrong("stream_format", "The stream format is audio or sse.")
	}
	name, ok := voiceName(request.Voice)
	if !ok {
		return voice, wrong("voice", "A voice is a name or an object with an id.")
	}
	known, err := s.options.Engine.Voices(ctx)
	if err != nil {
		return voice, &problem{http.StatusServiceUnavailable, "", "Her voice is not there now."}
	}
	for _, info := range known {
		if info.Name == name { // any other name, as "alloy", leaves her own
			voice.Blend = map[string]float32{name: 1}
		}
	}
	if request.Speed != nil {
		if !(*request.Speed >= 0.25 && *request.Speed <= 4) {
			return voice, wrong("speed", "The speed lies between 0.25 and 4.")
		}
		voice.Speed = min(max(*request.Speed, 0.5), 2) // beyond that no words are left
	}
	return voice, nil
}

// voiceName reads a voice: a name, or an object with an id.
func voiceName(raw json.RawMessage) (string, bool) {
	var name string
	if len(raw) == 0 || json.Unmarshal(raw, &name) == nil {
		return name, true
	}
	var byID struct {
		ID string `json:"id"`
	}
	err := json.Unmarshal(raw, &byID)
	return byID.ID, err == nil && byID.ID != ""
}

// clauses speaks text clause by clause.
func (s *Server) clauses(ctx context.Context, text string, voice speech.Voice, take func([]float32) error) error {
	var splitter clause.Splitter
	first := true
	for _, part := range append(splitter.Push(text), splitter.Flush()...) {
		if clause.Wordless(part) {
			continue
		}
		utterance, err := s.options.Engine.Synthesize(ctx, speech.SynthesisRequest{Text: part, Voice: voice, First: first})
		if err != nil {
			return err
		}
		first = false
		rest := clause.Rest(part)
		if err := take(append(utterance.Samples, make([]float32, int(rest.Seconds()*speech.VoiceRate))...)); err != nil {
			return err
		}
	}
	return nil
}

// sender writes sound as it is, or as events.
type sender struct {
	server *Server
	writer http.ResponseWriter
	events bool
}

func (s *Server) sender(w http.ResponseWriter, events bool, mediaType string) *sender {
	if events {
		mediaType = "text/event-stream; charset=utf-8"
		w.Header().Set("Cache-Control", "no-store")
	}
	w.Header().Set("Content-Type", mediaType)
	return &sender{server: s, writer: w, events: events}
}

func (s *sender) sound(bytes []byte) error {
	if len(bytes) == 0 {
		return nil
	}
	if s.events {
		return s.server.event(s.writer, map[string]any{"type": "speech.audio.delta", "audio": base64.StdEncoding.EncodeToString(bytes)})
	}
	if _, err := s.writer.Write(bytes); err != nil {
		return err
	}
	return http.NewResponseController(s.writer).Flush()
}

func (s *sender) end(rest []byte, input int) error {
	if err := s.sound(rest); err != nil || !s.events {
		return err
	}
	tokens := (input + 3) / 4
	return s.server.event(s.writer, map[string]any{"type": "speech.audio.done", "usage": map[string]any{
		"input_tokens": tokens, "output_tokens": 0, "total_tokens": tokens,
	}})
}

// event sends one event.
func (s *Server) event(w http.ResponseWriter, event any) error {
	text, err := json.Marshal(event)
	if err != nil {
		return err
	}
	if _, err := w.Write([]byte("data: " + string(text) + "\n\n")); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}

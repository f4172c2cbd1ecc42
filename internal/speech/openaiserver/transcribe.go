package openaiserver

import (
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"twombly/internal/speech"
)

// Bounds of a recording, as OpenAI has them, and of how long it may be here.
const (
	maxRecording = 25 << 20
	longest      = time.Hour
)

// formats are the forms of a transcript.
var formats = []string{"json", "text", "verbose_json", "srt", "vtt"}

// transcriptionRequest is what a client asks for.
type transcriptionRequest struct {
	recording []byte
	format    string
	stream    bool
}

// transcribe turns a recording into words.
func (s *Server) transcribe(w http.ResponseWriter, r *http.Request) {
	request, err := readTranscriptionRequest(r)
	var fault *problem
	if errors.As(err, &fault) {
		s.fail(w, fault)
		return
	}
	samples, err := s.decode(request.recording)
	if err != nil {
		s.fail(w, wrong("file", fmt.Sprintf("The recording could not be read: %v.", err)))
		return
	}
	segments, err := speech.TranscribeClip(r.Context(), s.options.Engine, samples)
	if err != nil {
		if r.Context().Err() == nil {
			s.options.Log.Error("a recording could not be recognised", "error", err)
			s.fail(w, &problem{http.StatusServiceUnavailable, "", "The recording could not be recognised: her ears are not there now."})
		}
		return
	}
	s.answer(w, request, segments, time.Duration(len(samples))*time.Second/speech.HearingRate)
}

// answer writes the transcript in the form that was asked for.
func (s *Server) answer(w http.ResponseWriter, request transcriptionRequest, segments []speech.Segment, length time.Duration) {
	text := speech.Text(segments)
	usage := map[string]any{"type": "duration", "seconds": int(length.Round(time.Second).Seconds())}
	if request.stream {
		s.stream(w, segments, usage)
		return
	}
	switch request.format {
	case "text":
		s.plain(w, "text/plain", text+"\n")
	case "srt":
		s.plain(w, "application/x-subrip", subtitles(segments, ",", false))
	case "vtt":
		s.plain(w, "text/vtt", "WEBVTT\n\n"+subtitles(segments, ".", true))
	case "verbose_json":
		listed := make([]map[string]any, len(segments))
		for i, segment := range segments {
			listed[i] = map[string]any{
				"id": i, "seek": 0, "start": segment.Start.Seconds(), "end": segment.End.Seconds(), "text": segment.Text,
				"tokens": []int{}, "temperature": 0, "avg_logprob": 0, "compression_ratio": 1, "no_speech_prob": 0,
			}
		}
		s.write(w, http.StatusOK, map[string]any{
			"task": "transcribe", "language": "english", "duration": length.Seconds(), "text": text, "segments": listed, "usage": usage,
		})
	default:
		s.write(w, http.StatusOK, map[string]any{"text": text, "usage": usage})
	}
}

// stream sends the transcript as events.
func (s *Server) stream(w http.ResponseWriter, segments []speech.Segment, usage any) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	for i, segment := range segments {
		delta := segment.Text
		if i > 0 {
			delta = " " + delta
		}
		if err := s.event(w, map[string]any{"type": "transcript.text.delta", "delta": delta}); err != nil {
			return // nobody listens any more
		}
	}
	if err := s.event(w, map[string]any{"type": "transcript.text.done", "text": speech.Text(segments), "usage": usage}); err != nil {
		s.options.Log.Info("a client went away", "error", err)
	}
}

func (s *Server) plain(w http.ResponseWriter, kind, text string) {
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	if _, err := io.WriteString(w, text); err != nil {
		s.options.Log.Info("a client went away", "error", err)
	}
}

// subtitles are segments as SubRip and WebVTT write them.
func subtitles(segments []speech.Segment, point string, bare bool) string {
	var text strings.Builder
	for i, segment := range segments {
		if !bare {
			fmt.Fprintf(&text, "%d\n", i+1)
		}
		fmt.Fprintf(&text, "%s --> %s\n%s\n\n", clock(segment.Start, point), clock(segment.End, point), segment.Text)
	}
	return text.String()
}

func clock(at time.Duration, point string) string {
	at = at.Round(time.Millisecond)
	return fmt.Sprintf("%02d:%02d:%02d%s%03d", int(at.Hours()), int(at.Minutes())%60, int(at.Seconds())%60, point, at.Milliseconds()%1000)
}

// readTranscriptionRequest reads the form.
func readTranscriptionRequest(r *http.Request) (transcriptionRequest, error) {
	request := transcriptionRequest{format: "json"}
	reader, err := r.MultipartReader()
	if err != nil {
		return request, wrong("", "A recording is sent as multipart/form-data with the parts file and model.")
	}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return request, wrong("", "The form is damaged.")
		}
		if err := request.take(part); err != nil {
			return request, err
		}
	}
	if request.recording == nil {
		return request, wrong("file", "There is no recording: the part \"file\" is missing.")
	}
	return request, nil
}

// take reads one part of the form. Parts that have no meaning here are passed over, as OpenAI's own server does.
func (t *transcriptionRequest) take(part *multipart.Part) error {
	const shortField = 64 << 10
	limit := int64(shortField)
	if part.FormName() == "file" {
		limit = maxRecording
	}
	value, err := io.ReadAll(io.LimitReader(part, limit+1))
	switch {
	case err != nil:
		return wrong(part.FormName(), "The form is damaged.")
	case int64(len(value)) > limit:
		return &problem{http.StatusRequestEntityTooLarge, part.FormName(), fmt.Sprintf("This is more than %d bytes.", limit)}
	}
	switch text := string(value); part.FormName() {
	case "file":
		t.recording = value
	case "response_format":
		if !slices.Contains(formats, text) {
			return wrong("response_format", "The format of a transcript is "+strings.Join(formats, ", ")+".")
		}
		t.format = text
	case "language":
		if text != "" && !strings.HasPrefix(strings.ToLower(text), "en") {
			return wrong("language", "She understands English only, as yet.")
		}
	case "stream":
		t.stream = text == "true" || text == "True" || text == "1"
	case "timestamp_granularities[]", "timestamp_granularities":
		if text == "word" {
			return wrong("timestamp_granularities", "Times are known of segments, not of words.")
		}
	}
	return nil
}

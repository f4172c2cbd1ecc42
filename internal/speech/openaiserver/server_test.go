package openaiserver_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/mewkiz/flac"
	"github.com/mewkiz/flac/frame"
	"github.com/mewkiz/flac/meta"

	"twombly/internal/audio"
	"twombly/internal/speech"
	"twombly/internal/speech/openaiserver"
)

// engine hears loud sound as words, numbered, and speaks 10 ms a character. The same routes run on the real nets in
// test/endtoend, asked by the official client.
type engine struct {
	broken error
	heard  [][]float32
	spoken []speech.SynthesisRequest
}

func (e *engine) VoiceActivity(_ context.Context, _ *speech.VoiceActivityState, frame []float32) (float32, error) {
	if audio.Peak(frame) > 0.1 {
		return 0.95, e.broken
	}
	return 0.02, e.broken
}

func (e *engine) TurnEnd(context.Context, []float32) (float32, error) { return 1, nil }

func (e *engine) Transcribe(_ context.Context, samples []float32) (speech.Transcript, error) {
	e.heard = append(e.heard, samples)
	return speech.Transcript{Text: []string{"One.", "Two.", "Three."}[len(e.heard)-1]}, e.broken
}

func (e *engine) Synthesize(_ context.Context, request speech.SynthesisRequest) (speech.Utterance, error) {
	if e.broken != nil {
		return speech.Utterance{}, e.broken
	}
	e.spoken = append(e.spoken, request)
	return speech.Utterance{Samples: tone(time.Duration(len(request.Text))*10*time.Millisecond, speech.VoiceRate)}, nil
}

func (e *engine) Voices(context.Context) ([]speech.VoiceInfo, error) {
	return []speech.VoiceInfo{{Name: "af_heart"}, {Name: "bf_emma"}}, nil
}

// tone is a loud sound.
func tone(length time.Duration, rate int) []float32 {
	samples := make([]float32, int(length.Seconds()*float64(rate)))
	for i := range samples {
		samples[i] = 0.5 * float32(math.Sin(2*math.Pi*440*float64(i)/float64(rate)))
	}
	return samples
}

// twoStretches is a recording of two stretches of sound, at 1 and at 32 s: too far from each other for one window.
func twoStretches() audio.Clip {
	clip := audio.Clip{Rate: 16000, Samples: make([]float32, 34*16000)}
	copy(clip.Samples[1*16000:], tone(time.Second, 16000))
	copy(clip.Samples[32*16000:], tone(time.Second, 16000))
	return clip
}

func wavOf(t *testing.T, clip audio.Clip) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := audio.WriteWAV(&file, clip); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// flacOf writes two channels, of which the second is silent.
func flacOf(t *testing.T, clip audio.Clip) []byte {
	t.Helper()
	const block = 4000
	var file bytes.Buffer
	encoder, err := flac.NewEncoder(&file, &meta.StreamInfo{
		BlockSizeMin: block, BlockSizeMax: block, SampleRate: uint32(clip.Rate), NChannels: 2, BitsPerSample: 16,
		NSamples: uint64(len(clip.Samples)),
	})
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at+block <= len(clip.Samples); at += block {
		subframe := func(gain float32) *frame.Subframe {
			samples := make([]int32, block)
			for i := range samples {
				samples[i] = int32(audio.ToInt16(gain * clip.Samples[at+i]))
			}
			return &frame.Subframe{SubHeader: frame.SubHeader{Pred: frame.PredVerbatim}, Samples: samples, NSamples: block}
		}
		err := encoder.WriteFrame(&frame.Frame{
			Header: frame.Header{
				HasFixedBlockSize: true, BlockSize: block, SampleRate: uint32(clip.Rate), Channels: frame.ChannelsLR, BitsPerSample: 16,
			},
			Subframes: []*frame.Subframe{subframe(1), subframe(0)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := encoder.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// serve answers one request.
func serve(e *engine, request *http.Request) *httptest.ResponseRecorder {
	answer := httptest.NewRecorder()
	voice := func() speech.Voice { return speech.Voice{Blend: map[string]float32{"af_heart": 1}, Speed: 0.9} }
	openaiserver.New(openaiserver.Options{Engine: e, Voice: voice, Log: slog.New(slog.NewTextHandler(io.Discard, nil))}).Handler().
		ServeHTTP(answer, request)
	return answer
}

// form is a request with a recording, unless that is nil, and other parts.
func form(t *testing.T, recording []byte, parts ...string) *http.Request {
	t.Helper()
	var body bytes.Buffer
	writer := multipart.NewWriter(&body)
	for i := 0; i+1 < len(parts); i += 2 {
		if err := writer.WriteField(parts[i], parts[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if recording != nil {
		part, err := writer.CreateFormFile("file", "recording")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(recording); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequest(http.MethodPost, "/v1/audio/transcriptions", &body)
	request.Header.Set("Content-Type", writer.FormDataContentType())
	return request
}

func TestTranscriptForms(t *testing.T) {
	recording := wavOf(t, twoStretches())
	tests := map[string]struct {
		parts []string
		want  []string
	}{
		"json":    {nil, []string{`"text":"One. Two."`, `"seconds":34`, `"type":"duration"`}},
		"text":    {[]string{"response_format", "text"}, []string{"One. Two.\n"}},
		"srt":     {[]string{"response_format", "srt"}, []string{"1\n00:00:00,", " --> 00:00:02,", "\nOne.\n\n2\n00:00:31,", "\nTwo.\n"}},
		"vtt":     {[]string{"response_format", "vtt"}, []string{"WEBVTT\n\n00:00:00.", "\nOne.\n\n00:00:31."}},
		"verbose": {[]string{"response_format", "verbose_json"}, []string{`"duration":34`, `"text":"Two."`, `"segments":[`, `"id":1`}},
		"stream": {[]string{"stream", "true"}, []string{
			`data: {"delta":"One.","type":"transcript.text.delta"}`, `data: {"delta":" Two."`, `"text":"One. Two.","type":"transcript.text.done"`,
		}},
		"what has no meaning here is passed over": {[]string{"temperature", "0.2", "prompt", "names", "language", "en-GB"}, []string{"One. Two."}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			answer := serve(&engine{}, form(t, recording, test.parts...))
			if answer.Code != http.StatusOK {
				t.Fatalf("%d: %s", answer.Code, answer.Body)
			}
			for _, want := range test.want {
				if !strings.Contains(answer.Body.String(), want) {
					t.Errorf("%q is missing in %s", want, answer.Body)
				}
			}
		})
	}
}

func TestRecordings(t *testing.T) {
	clip := twoStretches()
	loud := func(samples []float32) float32 { return audio.Peak(samples) }
	tests := map[string]struct {
		recording []byte
		peak      float32
	}{
		"WAV":                             {wavOf(t, clip), 0.5},
		"WAV at 48 kHz":                   {wavOf(t, audio.Clip{Rate: 48000, Samples: append(make([]float32, 48000), tone(time.Second, 48000)...)}), 0.5},
		"FLAC of two channels, one mute":  {flacOf(t, clip), 0.25},
		"FLAC with more bytes than it is": {append(flacOf(t, clip), make([]byte, 10)...), 0.25},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e := &engine{}
			answer := serve(e, form(t, test.recording))
			if answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "One.") {
				t.Fatalf("%d: %s", answer.Code, answer.Body)
			}
			if got := loud(e.heard[0]); math.Abs(float64(got-test.peak)) > 0.02 {
				t.Errorf("what was heard has a peak of %.2f, want %.2f", got, test.peak)
			}
			if seconds := float64(len(e.heard[0])) / speech.HearingRate; seconds < 1 || seconds > 1.8 {
				t.Errorf("what was heard lasts %.2f s, want the second of sound and a little around it", seconds)
			}
		})
	}
}

// TestRefusedRecordings: each fault has its status, names the part at fault, and says what is wrong.
func TestRefusedRecordings(t *testing.T) {
	recording := wavOf(t, twoStretches())
	long := wavOf(t, audio.Clip{Rate: 1000, Samples: make([]float32, 3601*1000)})
	bare := httptest.NewRequest(http.MethodPost, "/v1/audio/transcriptions", strings.NewReader(`{"file": "x"}`))
	bare.Header.Set("Content-Type", "application/json")
	tests := map[string]struct {
		request *http.Request
		engine  engine
		status  int
		param   string
		says    string
	}{
		"no form":                    {bare, engine{}, 400, "", "multipart"},
		"no recording":               {form(t, nil, "model", "x"), engine{}, 400, "file", "missing"},
		"an empty recording":         {form(t, []byte{}), engine{}, 400, "file", "neither WAV"},
		"rubbish":                    {form(t, []byte("these are no sounds")), engine{}, 400, "file", "neither WAV"},
		"a torn WAV":                 {form(t, recording[:30]), engine{}, 400, "file", "could not be read"},
		"a torn FLAC":                {form(t, flacOf(t, twoStretches())[:900]), engine{}, 400, "file", "FLAC"},
		"an MP3 that is none":        {form(t, []byte("ID3 and then nothing")), engine{}, 400, "file", "MP3"},
		"more than an hour":          {form(t, long), engine{}, 400, "file", "longer"},
		"a sample rate that is none": {form(t, flacOf(t, audio.Clip{Rate: 47999, Samples: make([]float32, 8000)})), engine{}, 400, "file", "sample rate"},
		"too many bytes":             {form(t, make([]byte, 25<<20+1)), engine{}, 413, "file", "bytes"},
		"an unknown form":            {form(t, recording, "response_format", "docx"), engine{}, 400, "response_format", "json"},
		"another language":           {form(t, recording, "language", "de"), engine{}, 400, "language", "English"},
		"times of words":             {form(t, recording, "timestamp_granularities[]", "word"), engine{}, 400, "timestamp_granularities", "segments"},
		"ears that are gone":         {form(t, recording), engine{broken: errors.New("gone")}, 503, "", "her ears"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			checkProblem(t, serve(&test.engine, test.request), test.status, test.param, test.says)
		})
	}
}

// checkProblem holds an answer against a failure as OpenAI writes it.
func checkProblem(t *testing.T, answer *httptest.ResponseRecorder, status int, param, says string) {
	t.Helper()
	var body struct {
		Error struct {
			Message, Type string
			Param         *string
		}
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil || answer.Code != status {
		t.Fatalf("%d, %v: %s", answer.Code, err, answer.Body)
	}
	got := ""
	if body.Error.Param != nil {
		got = *body.Error.Param
	}
	if got != param || !strings.Contains(body.Error.Message, says) || body.Error.Type == "" {
		t.Errorf("the failure is %+v about %q, want it about %q and to say %q", body.Error, got, param, says)
	}
}

func say(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/v1/audio/speech", strings.NewReader(body))
}

func TestSpeechForms(t *testing.T) {
	const words = "Hello there. How are you?"
	for format, read := range map[string]func([]byte) ([]float32, error){
		"wav": func(file []byte) ([]float32, error) {
			clip, err := audio.ReadWAV(bytes.NewReader(file))
			return clip.Samples, err
		},
		"pcm": func(file []byte) ([]float32, error) { return audio.DecodePCM16(nil, file) },
	} {
		for _, stream := range []string{"audio", "sse"} {
			t.Run(format+" "+stream, func(t *testing.T) {
				e := &engine{}
				answer := serve(e, say(`{"model":"tts-1","voice":"alloy","input":"`+words+`","response_format":"`+format+`","stream_format":"`+stream+`"}`))
				file := answer.Body.Bytes()
				if stream == "sse" {
					file = soundOf(t, answer.Body.String())
				}
				samples, err := read(file)
				if answer.Code != http.StatusOK || err != nil {
					t.Fatalf("%d, %v", answer.Code, err)
				}
				// 10 ms a letter, and a rest after each sentence.
				if seconds := float64(len(samples)) / speech.VoiceRate; seconds < 0.24 || seconds > 1.5 {
					t.Errorf("%.2f s of sound for %d letters", seconds, len(words))
				}
				if len(e.spoken) != 2 || !e.spoken[0].First || e.spoken[1].First || e.spoken[0].Voice.Blend["af_heart"] != 1 {
					t.Errorf("spoken: %+v", e.spoken)
				}
			})
		}
	}
}

// soundOf joins the sound of events and checks how they end.
func soundOf(t *testing.T, stream string) []byte {
	t.Helper()
	var sound []byte
	last := ""
	for line := range strings.SplitSeq(strings.TrimSpace(stream), "\n\n") {
		var event struct{ Type, Audio string }
		if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "data: ")), &event); err != nil {
			t.Fatalf("%v: %q", err, line)
		}
		piece, err := base64.StdEncoding.DecodeString(event.Audio)
		if err != nil {
			t.Fatal(err)
		}
		sound, last = append(sound, piece...), event.Type
	}
	if last != "speech.audio.done" {
		t.Errorf("the last event is %q", last)
	}
	return sound
}

func TestVoiceAndSpeed(t *testing.T) {
	for name, test := range map[string]struct {
		fields string
		voice  string
		speed  float32
	}{
		"hers":                       {``, "af_heart", 0.9},
		"another of hers":            {`,"voice":"bf_emma"`, "bf_emma", 0.9},
		"one of OpenAI's":            {`,"voice":"alloy"`, "af_heart", 0.9},
		"an object":                  {`,"voice":{"id":"bf_emma"}`, "bf_emma", 0.9},
		"faster":                     {`,"speed":1.5`, "af_heart", 1.5},
		"as slow as leaves it words": {`,"speed":0.25`, "af_heart", 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			e := &engine{}
			if answer := serve(e, say(`{"input":"Hello."`+test.fields+`}`)); answer.Code != http.StatusOK {
				t.Fatalf("%d: %s", answer.Code, answer.Body)
			}
			if got := e.spoken[0].Voice; len(got.Blend) != 1 || got.Blend[test.voice] != 1 || got.Speed != test.speed {
				t.Errorf("spoken with %+v", got)
			}
		})
	}
}

func TestRefusedSpeech(t *testing.T) {
	for name, test := range map[string]struct {
		body   string
		engine engine
		status int
		param  string
		says   string
	}{
		"no JSON":               {`{`, engine{}, 400, "", "JSON"},
		"no words":              {`{"input":" "}`, engine{}, 400, "input", "nothing"},
		"too many words":        {`{"input":"` + strings.Repeat("é", 4097) + `"}`, engine{}, 400, "input", "4096"},
		"a body without end":    {`{"input":"` + strings.Repeat("a", 70<<10) + `"}`, engine{}, 400, "", "JSON"},
		"too fast":              {`{"input":"a","speed":9}`, engine{}, 400, "speed", "between"},
		"a voice that is none":  {`{"input":"a","voice":7}`, engine{}, 400, "voice", "name"},
		"MP3":                   {`{"input":"a","response_format":"mp3"}`, engine{}, 400, "response_format", "wav"},
		"an unknown format":     {`{"input":"a","response_format":"x"}`, engine{}, 400, "response_format", "wav"},
		"Opus without libopus":  {`{"input":"a","response_format":"opus"}`, engine{}, 400, "response_format", "libopus"},
		"an unknown stream":     {`{"input":"a","stream_format":"x"}`, engine{}, 400, "stream_format", "sse"},
		"a voice that is gone":  {`{"input":"a"}`, engine{broken: errors.New("gone")}, 503, "", "her voice"},
		"nothing but ornaments": {`{"input":"***"}`, engine{}, 400, "input", "nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			checkProblem(t, serve(&test.engine, say(test.body)), test.status, test.param, test.says)
		})
	}
}

// FuzzRecording: no bytes that call themselves a recording bring the decoders down, or take them long.
func FuzzRecording(f *testing.F) {
	clip := audio.Clip{Rate: 16000, Samples: tone(50*time.Millisecond, 16000)}
	var file bytes.Buffer
	if err := audio.WriteWAV(&file, clip); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Add([]byte("fLaC\x00\x00\x00\x22\x10\x00\x10\x00\x00\x00\x0e\x00\x00\x10\x0a\xc4\x42\xf0"))
	f.Add([]byte("ID3\x04\x00\x00\x00\x00\x00\x0a"))
	f.Add(append([]byte{0xFF, 0xFB, 0x90, 0x00}, make([]byte, 600)...))
	f.Fuzz(func(t *testing.T, recording []byte) {
		if len(recording) > 1<<16 {
			t.Skip()
		}
		begun := time.Now()
		var body bytes.Buffer
		writer := multipart.NewWriter(&body)
		part, _ := writer.CreateFormFile("file", "recording")
		_, _ = part.Write(recording)
		_ = writer.Close()
		request := httptest.NewRequest(http.MethodPost, "/v1/audio/transcriptions", &body)
		request.Header.Set("Content-Type", writer.FormDataContentType())
		if answer := serve(&engine{broken: errors.New("not asked")}, request); answer.Code != 200 && answer.Code != 400 && answer.Code != 503 {
			t.Errorf("%d: %s", answer.Code, answer.Body)
		}
		if took := time.Since(begun); took > 20*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

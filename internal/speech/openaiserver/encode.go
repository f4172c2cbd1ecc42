package openaiserver

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/pion/rtp"
	"github.com/pion/webrtc/v4/pkg/media/oggwriter"

	"twombly/internal/audio"
	"twombly/internal/audio/opus"
	"twombly/internal/speech"
)

// encoder turns samples at speech.VoiceRate into a file, piece by piece.
type encoder interface {
	mediaType() string
	add(samples []float32) ([]byte, error)
	end() ([]byte, error)
}

// encoder makes the encoder of a format.
func (s *Server) encoder(format string) (encoder, *problem) {
	switch format {
	case "", "wav":
		return &wavEncoder{}, nil
	case "pcm":
		return pcmEncoder{}, nil
	case "opus":
		if s.options.Opus == nil {
			return nil, wrong("response_format", "Opus needs libopus, which was not found; ask for wav.")
		}
		made, err := newOggEncoder(s.options.Opus)
		if err != nil {
			s.options.Log.Error("no Opus encoder", "error", err)
			return nil, wrong("response_format", "The Opus encoder can't be used here; ask for wav.")
		}
		return made, nil
	case "mp3", "aac", "flac":
		return nil, wrong("response_format", fmt.Sprintf("She does not write %s; ask for wav, opus or pcm.", format))
	}
	return nil, wrong("response_format", "The format is wav, opus or pcm.")
}

// pcmEncoder writes bare 16-bit samples, as OpenAI's "pcm".
type pcmEncoder struct{}

func (pcmEncoder) mediaType() string { return "audio/pcm" }
func (pcmEncoder) add(samples []float32) ([]byte, error) {
	return audio.AppendPCM16(nil, samples), nil
}
func (pcmEncoder) end() ([]byte, error) { return nil, nil }

// wavEncoder writes a WAV file whose length is not known yet: its sizes say "as far as it goes", which players and
// ReadWAV understand.
type wavEncoder struct {
	pcmEncoder
	begun bool
}

func (*wavEncoder) mediaType() string { return "audio/wav" }

func (e *wavEncoder) add(samples []float32) ([]byte, error) {
	var head []byte
	if !e.begun {
		e.begun = true
		head = wavHead()
	}
	return append(head, audio.AppendPCM16(nil, samples)...), nil
}

// wavHead is the head of a WAV file of unknown length: PCM, one channel, 16 bits.
func wavHead() []byte {
	const unknown = 0xFFFFFFFF
	head := append([]byte("RIFF"), 0xFF, 0xFF, 0xFF, 0xFF)
	head = append(head, "WAVEfmt "...)
	for _, value := range []any{uint32(16), uint16(1), uint16(1), uint32(speech.VoiceRate), uint32(2 * speech.VoiceRate), uint16(2), uint16(16)} {
		head, _ = binary.Append(head, binary.LittleEndian, value) // of fixed sizes: it can't fail
	}
	return binary.LittleEndian.AppendUint32(append(head, "data"...), unknown)
}

// oggEncoder writes Opus in Ogg (RFC 7845).
type oggEncoder struct {
	encoder *opus.Encoder
	writer  *oggwriter.OggWriter
	out     bytes.Buffer
	held    []float32
	packet  rtp.Packet
}

func newOggEncoder(library *opus.Library) (*oggEncoder, error) {
	encoder, err := library.NewEncoder(opus.EncoderOptions{Rate: speech.VoiceRate})
	if err != nil {
		return nil, err
	}
	e := &oggEncoder{encoder: encoder}
	e.writer, err = oggwriter.NewWith(&e.out, 48000, 1)
	return e, err
}

func (*oggEncoder) mediaType() string { return "audio/ogg" }

func (e *oggEncoder) add(samples []float32) ([]byte, error) {
	e.held = append(e.held, samples...)
	n := e.encoder.FrameSamples()
	for len(e.held) >= n {
		coded, err := e.encoder.Encode(nil, e.held[:n])
		if err != nil {
			return nil, err
		}
		e.held = e.held[n:]
		e.packet.Payload = coded
		if err := e.writer.WriteRTP(&e.packet); err != nil {
			return nil, err
		}
		e.packet.SequenceNumber++
		e.packet.Timestamp += 960 // 20 ms at 48 kHz
	}
	return e.take(), nil
}

func (e *oggEncoder) take() []byte {
	taken := bytes.Clone(e.out.Bytes())
	e.out.Reset()
	return taken
}

func (e *oggEncoder) end() ([]byte, error) {
	if n := e.encoder.FrameSamples(); len(e.held) > 0 {
		before, err := e.add(make([]float32, n-len(e.held)))
		if err != nil {
			return nil, err
		}
		err = e.writer.Close()
		return append(before, e.take()...), err
	}
	err := e.writer.Close()
	return e.take(), err
}

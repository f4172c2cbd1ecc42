package realtime

import (
	"fmt"

	"twombly/internal/audio"
)

// format is how sound travels inside events, by the protocol's name of it. Over WebRTC it is Opus and this is not used.
type format string

// The formats.
const (
	formatPCM    format = "audio/pcm"
	formatMuLaw  format = "audio/pcmu"
	formatALaw   format = "audio/pcma"
	formatWrong         = "The formats are \"audio/pcm\" at 24000 Hz, \"audio/pcmu\" and \"audio/pcma\"."
	bytesPerPCM         = 2
	bytesPerG711        = 1
)

// audioFormat is a format as the protocol writes it.
type audioFormat struct {
	Type format `json:"type"`
	Rate int    `json:"rate,omitempty"`
}

// check returns the format, or false when it is none of ours.
func (f audioFormat) check() (format, bool) {
	switch f.Type {
	case formatPCM:
		return f.Type, f.Rate == 0 || f.Rate == voiceRate
	case formatMuLaw, formatALaw:
		return f.Type, f.Rate == 0 || f.Rate == audio.G711Rate
	}
	return "", false
}

// object is the format as the protocol shows it.
func (f format) object() object {
	if f == formatPCM {
		return object{"type": f, "rate": voiceRate}
	}
	return object{"type": f}
}

// rate is in Hz.
func (f format) rate() int {
	if f == formatPCM {
		return voiceRate
	}
	return audio.G711Rate
}

// decode appends the samples of coded sound.
func (f format) decode(dst []float32, coded []byte) ([]float32, error) {
	switch f {
	case formatMuLaw:
		return audio.DecodeMuLaw(dst, coded), nil
	case formatALaw:
		return audio.DecodeALaw(dst, coded), nil
	}
	return audio.DecodePCM16(dst, coded)
}

// encode codes samples of the format's rate.
func (f format) encode(samples []float32) []byte {
	switch f {
	case formatMuLaw:
		return audio.AppendMuLaw(make([]byte, 0, len(samples)*bytesPerG711), samples)
	case formatALaw:
		return audio.AppendALaw(make([]byte, 0, len(samples)*bytesPerG711), samples)
	}
	return audio.AppendPCM16(make([]byte, 0, len(samples)*bytesPerPCM), samples)
}

// resampler makes one between two rates that are constants of ours.
func resampler(from, to int) *audio.Resampler {
	made, err := audio.NewResampler(from, to)
	if err != nil {
		panic(fmt.Sprintf("realtime: %v", err))
	}
	return made
}

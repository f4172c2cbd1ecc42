package openaiserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/hajimehoshi/go-mp3"
	"github.com/mewkiz/flac"

	"twombly/internal/audio"
	"twombly/internal/speech"
)

// errKind means that a recording is in no format that is read here.
var errKind = errors.New("it is neither WAV, FLAC nor MP3")

// errLong means that a recording is longer than is taken.
var errLong = fmt.Errorf("it is longer than %v", longest)

// errRate means that a recording's sample rate is none that recorders use. Between others and ours the resampler would have
// to work for minutes.
var errRate = fmt.Errorf("its sample rate is none of %v Hz", rates)

var rates = []int{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 176400, 192000}

// decode reads a recording as samples at speech.HearingRate.
func (s *Server) decode(recording []byte) ([]float32, error) {
	clip, err := decodeAny(recording)
	if err != nil {
		return nil, err
	}
	if clip.Duration() > longest {
		return nil, errLong
	}
	if !slices.Contains(rates, clip.Rate) {
		return nil, errRate
	}
	resampler, err := audio.NewResampler(clip.Rate, speech.HearingRate)
	if err != nil {
		return nil, err
	}
	samples := resampler.Process(make([]float32, 0, len(clip.Samples)*speech.HearingRate/clip.Rate+speech.HearingRate), clip.Samples)
	return resampler.Flush(samples), nil
}

// decodeAny tells formats by how they begin; names and media types are often wrong.
func decodeAny(recording []byte) (audio.Clip, error) {
	switch {
	case bytes.HasPrefix(recording, []byte("RIFF")):
		return audio.ReadWAV(bytes.NewReader(recording))
	case bytes.HasPrefix(recording, []byte("fLaC")):
		return decodeFLAC(recording)
	case bytes.HasPrefix(recording, []byte("ID3")), len(recording) > 1 && recording[0] == 0xFF && recording[1]&0xE0 == 0xE0:
		return decodeMP3(recording)
	}
	return audio.Clip{}, errKind
}

// decodeFLAC reads FLAC; channels are mixed by their mean.
func decodeFLAC(recording []byte) (audio.Clip, error) {
	stream, err := flac.New(bytes.NewReader(recording))
	if err != nil {
		return audio.Clip{}, fmt.Errorf("FLAC: %w", err)
	}
	info := stream.Info
	if info.SampleRate == 0 || info.BitsPerSample < 4 || info.BitsPerSample > 32 {
		return audio.Clip{}, errors.New("FLAC: its head makes no sense")
	}
	clip := audio.Clip{Rate: int(info.SampleRate)}
	scale := 1 / float32(int64(1)<<(info.BitsPerSample-1))
	for {
		frame, err := stream.ParseNext()
		whole := info.NSamples > 0 && uint64(len(clip.Samples)) >= info.NSamples
		if errors.Is(err, io.EOF) || whole && err != nil { // behind the sound there may be tags
			return clip, nil
		}
		if err != nil {
			return audio.Clip{}, fmt.Errorf("FLAC: %w", err)
		}
		channels := float32(len(frame.Subframes))
		for i := range frame.Subframes[0].Samples {
			var sum float32
			for _, subframe := range frame.Subframes {
				sum += float32(subframe.Samples[i]) * scale
			}
			clip.Samples = append(clip.Samples, sum/channels)
		}
		if clip.Duration() > longest {
			return audio.Clip{}, errLong
		}
	}
}

// decodeMP3 reads MP3; its two channels are mixed by their mean.
func decodeMP3(recording []byte) (audio.Clip, error) {
	decoder, err := mp3.NewDecoder(bytes.NewReader(recording))
	if err != nil {
		return audio.Clip{}, fmt.Errorf("MP3: %w", err)
	}
	clip := audio.Clip{Rate: decoder.SampleRate()}
	limit := int64(longest.Seconds()) * int64(clip.Rate) * 4
	pcm, err := io.ReadAll(io.LimitReader(decoder, limit+4))
	if err != nil {
		return audio.Clip{}, fmt.Errorf("MP3: %w", err)
	}
	if int64(len(pcm)) > limit {
		return audio.Clip{}, errLong
	}
	both, err := audio.DecodePCM16(nil, pcm[:len(pcm)/4*4])
	if err != nil {
		return audio.Clip{}, err
	}
	for i := 0; i+1 < len(both); i += 2 {
		clip.Samples = append(clip.Samples, (both[i]+both[i+1])/2)
	}
	return clip, nil
}

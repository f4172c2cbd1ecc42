package audio

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"time"
)

// Clip is a piece of mono sound.
type Clip struct {
	// Rate is in Hz.
	Rate int
	// Samples are in [-1, 1].
	Samples []float32
}

// Duration is the length of the clip.
func (c Clip) Duration() time.Duration {
	if c.Rate <= 0 {
		return 0
	}
	return time.Duration(float64(len(c.Samples)) / float64(c.Rate) * float64(time.Second))
}

// Errors of ReadWAV.
var (
	// ErrNotWAV means that the stream is no RIFF WAVE file.
	ErrNotWAV = errors.New("not a WAV file")
	// ErrUnsupportedWAV means that the file's coding is none that is read here.
	ErrUnsupportedWAV = errors.New("unsupported kind of WAV file")
	// ErrTooLong means that the file holds more sound than was asked for.
	ErrTooLong = errors.New("the sound is too long")
)

// MaxWAVBytes bounds what ReadWAV takes into memory: about 46 minutes of 48 kHz stereo in 16 bits.
const MaxWAVBytes = 512 << 20

// Codings of a WAV file's "fmt " chunk (Multimedia Programming Interface and Data Specifications 1.0, and its
// extensible successor).
const (
	formatPCM        = 1
	formatFloat      = 3
	formatExtensible = 0xFFFE
)

// wavFormat is the part of the "fmt " chunk that matters.
type wavFormat struct {
	coding, channels, bits int
	rate                   int
}

// ReadWAVFile reads a WAV file by its path; see ReadWAV.
func ReadWAVFile(path string) (Clip, error) {
	file, err := os.Open(path)
	if err != nil {
		return Clip{}, err
	}
	defer file.Close()
	clip, err := ReadWAV(file)
	if err != nil {
		return Clip{}, fmt.Errorf("read %s: %w", path, err)
	}
	return clip, nil
}

// ReadWAV reads a WAV stream: PCM of 8, 16, 24 or 32 bits or IEEE float of 32 or 64 bits, any rate, up to 64 channels,
// which are mixed down to one by their mean. Unknown chunks are skipped. A data chunk that says it is longer than the
// stream (a recorder that was stopped hard, or a stream of unknown length) is read as far as it goes, whole frames only.
func ReadWAV(reader io.Reader) (Clip, error) {
	var riff [12]byte
	if _, err := io.ReadFull(reader, riff[:]); err != nil {
		return Clip{}, fmt.Errorf("%w: %w", ErrNotWAV, err)
	}
	if string(riff[0:4]) != "RIFF" || string(riff[8:12]) != "WAVE" {
		return Clip{}, ErrNotWAV
	}
	var format *wavFormat
	for {
		var header [8]byte
		if _, err := io.ReadFull(reader, header[:]); err != nil {
			return Clip{}, fmt.Errorf("%w: no data chunk", ErrNotWAV)
		}
		size := int64(binary.LittleEndian.Uint32(header[4:]))
		switch string(header[:4]) {
		case "fmt ":
			parsed, err := readFormat(reader, size)
			if err != nil {
				return Clip{}, err
			}
			format = &parsed
		case "data":
			if format == nil {
				return Clip{}, fmt.Errorf("%w: its data comes before its format", ErrNotWAV)
			}
			return readData(reader, size, *format)
		default:
			if _, err := io.CopyN(io.Discard, reader, size+size%2); err != nil {
				return Clip{}, fmt.Errorf("%w: a chunk is cut off", ErrNotWAV)
			}
		}
	}
}

// readFormat reads a "fmt " chunk of the given size.
func readFormat(reader io.Reader, size int64) (wavFormat, error) {
	if size < 16 || size > 1024 {
		return wavFormat{}, fmt.Errorf("%w: its format chunk has %d bytes", ErrNotWAV, size)
	}
	chunk := make([]byte, size+size%2)
	if _, err := io.ReadFull(reader, chunk); err != nil {
		return wavFormat{}, fmt.Errorf("%w: its format is cut off", ErrNotWAV)
	}
	format := wavFormat{
		coding:   int(binary.LittleEndian.Uint16(chunk[0:])),
		channels: int(binary.LittleEndian.Uint16(chunk[2:])),
		rate:     int(binary.LittleEndian.Uint32(chunk[4:])),
		bits:     int(binary.LittleEndian.Uint16(chunk[14:])),
	}
	if format.coding == formatExtensible && size >= 26 {
		format.coding = int(binary.LittleEndian.Uint16(chunk[24:]))
	}
	if format.channels < 1 || format.channels > 64 || format.rate < 1000 || format.rate > 768000 {
		return wavFormat{}, fmt.Errorf("%w: %d channels at %d Hz", ErrUnsupportedWAV, format.channels, format.rate)
	}
	if format.decoder() == nil {
		return wavFormat{}, fmt.Errorf("%w: coding %d with %d bits", ErrUnsupportedWAV, format.coding, format.bits)
	}
	return format, nil
}

// decoder returns the function that reads one value of one channel, or nil when the coding is unknown.
func (f wavFormat) decoder() func([]byte) float64 {
	little := binary.LittleEndian
	switch {
	case f.coding == formatPCM && f.bits == 8:
		return func(b []byte) float64 { return (float64(b[0]) - 128) / 128 }
	case f.coding == formatPCM && f.bits == 16:
		return func(b []byte) float64 { return float64(int16(little.Uint16(b))) / (1 << 15) }
	case f.coding == formatPCM && f.bits == 24:
		return func(b []byte) float64 {
			return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}
	case f.coding == formatPCM && f.bits == 32:
		return func(b []byte) float64 { return float64(int32(little.Uint32(b))) / (1 << 31) }
	case f.coding == formatFloat && f.bits == 32:
		return func(b []byte) float64 { return float64(math.Float32frombits(little.Uint32(b))) }
	case f.coding == formatFloat && f.bits == 64:
		return func(b []byte) float64 { return math.Float64frombits(little.Uint64(b)) }
	}
	return nil
}

// readData reads the samples and mixes the channels down.
func readData(reader io.Reader, size int64, format wavFormat) (Clip, error) {
	if size == 0 || size == math.MaxUint32 { // written by a program that could not seek back
		size = MaxWAVBytes
	} else if size > MaxWAVBytes {
		return Clip{}, fmt.Errorf("%w: %d bytes", ErrTooLong, size)
	}
	raw, err := io.ReadAll(io.LimitReader(reader, size))
	if err != nil {
		return Clip{}, fmt.Errorf("read samples: %w", err)
	}
	width := format.bits / 8
	frame := width * format.channels
	decode := format.decoder()
	samples := make([]float32, len(raw)/frame)
	for i := range samples {
		var sum float64
		for channel := range format.channels {
			sum += decode(raw[i*frame+channel*width:])
		}
		samples[i] = finite(sum / float64(format.channels))
	}
	return Clip{Rate: format.rate, Samples: samples}, nil
}

// finite makes silence of what is not a number and bounds the rest to ±8, so that a damaged float file can't poison
// what is computed from it.
func finite(value float64) float32 {
	if math.IsNaN(value) {
		return 0
	}
	return float32(min(max(value, -8), 8))
}

// WriteWAV writes the clip as a mono WAV file of 16 bits; samples beyond ±1 are clipped.
func WriteWAV(writer io.Writer, clip Clip) error {
	return writeWAV(writer, clip.Rate, formatPCM, 16, AppendPCM16(make([]byte, 0, 2*len(clip.Samples)), clip.Samples))
}

// WriteFloatWAV writes the clip as a mono WAV file of 32-bit floats, exactly as it is.
func WriteFloatWAV(writer io.Writer, clip Clip) error {
	data := make([]byte, 0, 4*len(clip.Samples))
	for _, sample := range clip.Samples {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(sample))
	}
	return writeWAV(writer, clip.Rate, formatFloat, 32, data)
}

// WriteWAVFile writes the clip with WriteWAV to a file.
func WriteWAVFile(path string, clip Clip) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := WriteWAV(file, clip); err != nil {
		return errors.Join(err, file.Close())
	}
	return file.Close()
}

// writeWAV writes the header and the coded samples.
func writeWAV(writer io.Writer, rate, coding, bits int, data []byte) error {
	if int64(len(data)) > math.MaxUint32-64 {
		return ErrTooLong
	}
	little := binary.LittleEndian
	header := make([]byte, 0, 44)
	header = append(header, "RIFF"...)
	header = little.AppendUint32(header, uint32(36+len(data)))
	header = append(header, "WAVEfmt "...)
	header = little.AppendUint32(header, 16)
	header = little.AppendUint16(header, uint16(coding))
	header = little.AppendUint16(header, 1)
	header = little.AppendUint32(header, uint32(rate))
	header = little.AppendUint32(header, uint32(rate*bits/8))
	header = little.AppendUint16(header, uint16(bits/8))
	header = little.AppendUint16(header, uint16(bits))
	header = append(header, "data"...)
	header = little.AppendUint32(header, uint32(len(data)))
	if _, err := writer.Write(header); err != nil {
		return fmt.Errorf("write WAV header: %w", err)
	}
	if _, err := writer.Write(data); err != nil {
		return fmt.Errorf("write WAV samples: %w", err)
	}
	return nil
}

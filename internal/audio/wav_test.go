package audio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"path/filepath"
	"testing"
	"time"
)

// wavBytes builds a file from parts, to say exactly what is wrong with it.
func wavBytes(coding, channels, rate, bits int, extra string, data []byte) []byte {
	little := binary.LittleEndian
	out := []byte("RIFF\x00\x00\x00\x00WAVE" + extra + "fmt ")
	out = little.AppendUint32(out, 16)
	out = little.AppendUint16(out, uint16(coding))
	out = little.AppendUint16(out, uint16(channels))
	out = little.AppendUint32(out, uint32(rate))
	out = little.AppendUint32(out, uint32(rate*channels*bits/8))
	out = little.AppendUint16(out, uint16(channels*bits/8))
	out = little.AppendUint16(out, uint16(bits))
	out = append(out, "data"...)
	out = little.AppendUint32(out, uint32(len(data)))
	return append(out, data...)
}

func TestReadWAV(t *testing.T) {
	float := func(values ...float32) (out []byte) {
		for _, value := range values {
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(value))
		}
		return out
	}
	for _, test := range []struct {
		name string
		file []byte
		want []float32
	}{
		{"16 bits", wavBytes(1, 1, 16000, 16, "", []byte{0, 0x40, 0, 0xC0}), []float32{0.5, -0.5}},
		{"16 bits stereo is mixed down", wavBytes(1, 2, 16000, 16, "", []byte{0, 0x40, 0, 0, 0, 0xC0, 0, 0xC0}), []float32{0.25, -0.5}},
		{"8 bits", wavBytes(1, 1, 16000, 8, "", []byte{128, 192, 64}), []float32{0, 0.5, -0.5}},
		{"24 bits", wavBytes(1, 1, 16000, 24, "", []byte{0, 0, 0x40, 0, 0, 0xC0}), []float32{0.5, -0.5}},
		{"32 bits", wavBytes(1, 1, 16000, 32, "", []byte{0, 0, 0, 0x40}), []float32{0.5}},
		{"float", wavBytes(3, 1, 16000, 32, "", float(0.25, -1.5)), []float32{0.25, -1.5}},
		{"float that is no number", wavBytes(3, 1, 16000, 32, "", float(float32(math.NaN()), float32(math.Inf(1)))), []float32{0, 8}},
		{"chunks before, one of odd length", wavBytes(1, 1, 16000, 16, "LIST\x03\x00\x00\x00abc\x00", []byte{0, 0x40}), []float32{0.5}},
		{"half a sample at the end", wavBytes(1, 1, 16000, 16, "", []byte{0, 0x40, 7}), []float32{0.5}},
		{"data shorter than it says", wavBytes(1, 1, 16000, 16, "", []byte{0, 0x40, 0, 0x40})[:46], []float32{0.5}},
		{"nothing in it", wavBytes(1, 1, 16000, 16, "", nil), []float32{}},
	} {
		clip, err := ReadWAV(bytes.NewReader(test.file))
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if clip.Rate != 16000 || len(clip.Samples) != len(test.want) {
			t.Errorf("%s: %d samples at %d Hz", test.name, len(clip.Samples), clip.Rate)
			continue
		}
		for i, want := range test.want {
			if math.Abs(float64(clip.Samples[i]-want)) > 1e-6 {
				t.Errorf("%s: sample %d is %v, want %v", test.name, i, clip.Samples[i], want)
			}
		}
	}
}

func TestReadWAVRefuses(t *testing.T) {
	good := wavBytes(1, 1, 16000, 16, "", []byte{1, 2})
	huge := bytes.Clone(good)
	binary.LittleEndian.PutUint32(huge[40:], 1<<31)
	for _, test := range []struct {
		name string
		file []byte
		want error
	}{
		{"nothing", nil, ErrNotWAV},
		{"another file", []byte("ID3 this is a song, not a WAV file"), ErrNotWAV},
		{"cut in the format", good[:30], ErrNotWAV},
		{"no data", good[:36], ErrNotWAV},
		{"data before format", append([]byte("RIFF\x00\x00\x00\x00WAVE"), good[36:]...), ErrNotWAV},
		{"no channels", wavBytes(1, 0, 16000, 16, "", nil), ErrUnsupportedWAV},
		{"no rate", wavBytes(1, 1, 0, 16, "", nil), ErrUnsupportedWAV},
		{"A-law", wavBytes(6, 1, 8000, 8, "", nil), ErrUnsupportedWAV},
		{"12 bits", wavBytes(1, 1, 8000, 12, "", nil), ErrUnsupportedWAV},
		{"a chunk longer than the file", append([]byte("RIFF\x00\x00\x00\x00WAVELIST\xff\xff\xff\x7f"), 1, 2), ErrNotWAV},
		{"data of 2 GiB", huge, ErrTooLong},
	} {
		if _, err := ReadWAV(bytes.NewReader(test.file)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func TestWriteWAV(t *testing.T) {
	clip := Clip{Rate: 24000, Samples: []float32{0, 0.5, -0.5, 1.5, -2}}
	path := filepath.Join(t.TempDir(), "clip.wav")
	if err := WriteWAVFile(path, clip); err != nil {
		t.Fatal(err)
	}
	back, err := ReadWAVFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := []float32{0, 0.5, -0.5, 32767.0 / 32768, -1}
	for i := range want {
		if back.Samples[i] != want[i] {
			t.Errorf("sample %d: %v, want %v", i, back.Samples[i], want[i])
		}
	}
	var buffer bytes.Buffer
	if err := WriteFloatWAV(&buffer, clip); err != nil {
		t.Fatal(err)
	}
	back, err = ReadWAV(&buffer)
	if err != nil {
		t.Fatal(err)
	}
	for i := range clip.Samples {
		if back.Samples[i] != clip.Samples[i] {
			t.Errorf("float sample %d: %v, want %v", i, back.Samples[i], clip.Samples[i])
		}
	}
	if d := (Clip{Rate: 100, Samples: make([]float32, 150)}).Duration(); d != 1500*time.Millisecond {
		t.Errorf("duration %v", d)
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(wavBytes(1, 1, 16000, 16, "", []byte{0, 0x40, 7}))
	f.Add(wavBytes(3, 2, 44100, 32, "LIST\x03\x00\x00\x00abc\x00", make([]byte, 16)))
	f.Add(wavBytes(0xFFFE, 1, 8000, 24, "", make([]byte, 5)))
	f.Fuzz(func(t *testing.T, file []byte) {
		clip, err := ReadWAV(bytes.NewReader(file))
		if err != nil {
			return
		}
		if clip.Rate <= 0 || len(clip.Samples) > len(file) {
			t.Errorf("%d samples at %d Hz from %d bytes", len(clip.Samples), clip.Rate, len(file))
		}
		for _, sample := range clip.Samples {
			if !(sample >= -8 && sample <= 8) {
				t.Fatalf("sample %v", sample)
			}
		}
	})
}

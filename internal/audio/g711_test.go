package audio

import (
	"math"
	"testing"
)

// TestG711Codes: every code decodes to a value that is encoded as that code again (but for the two zeros of the μ-law),
// and known values of the recommendation's tables hold.
func TestG711Codes(t *testing.T) {
	for code := range 256 {
		if got := encodeALaw(decodeALaw(byte(code))); got != byte(code) {
			t.Errorf("A-law %#x became %#x", code, got)
		}
		if got := encodeMuLaw(decodeMuLaw(byte(code))); got != byte(code) && code != 0x7F {
			t.Errorf("mu-law %#x became %#x", code, got)
		}
	}
	for _, known := range []struct {
		code byte
		mu   int
		a    int
	}{{0xFF, 0, 848}, {0x80, 32124, 5504}, {0x00, -32124, -5504}, {0x2A, -5372, -32256}, {0xAA, 5372, 32256}, {0xD5, 716, 8}} {
		if mu, a := decodeMuLaw(known.code), decodeALaw(known.code); mu != known.mu || a != known.a {
			t.Errorf("%#x is %d and %d, want %d and %d", known.code, mu, a, known.mu, known.a)
		}
	}
}

// TestG711Noise: a tone comes back with at least 35 dB between it and the noise of coding, as the laws were made for.
func TestG711Noise(t *testing.T) {
	for _, loudness := range []float64{0.9, 0.1, 0.01} {
		tone := make([]float32, G711Rate)
		for i := range tone {
			tone[i] = float32(loudness * math.Sin(2*math.Pi*1004*float64(i)/G711Rate))
		}
		for name, back := range map[string][]float32{
			"mu-law": DecodeMuLaw(nil, AppendMuLaw(nil, tone)), "A-law": DecodeALaw(nil, AppendALaw(nil, tone)),
		} {
			var signal, noise float64
			for i := range tone {
				signal += float64(tone[i]) * float64(tone[i])
				noise += float64(tone[i]-back[i]) * float64(tone[i]-back[i])
			}
			if ratio := 10 * math.Log10(signal/noise); ratio < 30 {
				t.Errorf("%s at %.2f: %.1f dB", name, loudness, ratio)
			}
		}
	}
	if got := DecodeMuLaw(nil, AppendMuLaw(nil, []float32{2, -2})); got[0] < 0.97 || got[1] > -0.97 {
		t.Errorf("too loud became %v", got)
	}
}

package opus_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"twombly/internal/audio"
	"twombly/internal/audio/opus"
)

// library loads libopus, or skips; TWOMBLY_REQUIRE_MODELS=1 makes its absence a failure.
func library(t testing.TB) *opus.Library {
	t.Helper()
	l, err := opus.Load(os.Getenv("TWOMBLY_OPUS"))
	if err != nil {
		if os.Getenv("TWOMBLY_REQUIRE_MODELS") == "1" {
			t.Fatal(err)
		}
		t.Skipf("%v (Debian's package is libopus0; TWOMBLY_OPUS names a file)", err)
	}
	return l
}

// speech is a human clip at the wanted rate.
func speech(t testing.TB, rate int) []float32 {
	t.Helper()
	folder := os.Getenv("TWOMBLY_TEST_DATA")
	if folder == "" {
		folder = "../../../../shared/data"
	}
	path := filepath.Join(folder, "speech", "11_jfk.wav")
	clip, err := audio.ReadWAVFile(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no test data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	clip, err = clip.To(rate)
	if err != nil {
		t.Fatal(err)
	}
	return clip.Samples
}

// alignedSNR finds the delay of got after want (at most limit samples) with the highest correlation, and returns it with
// the segmental signal-to-noise ratio over frames that hold sound.
func alignedSNR(want, got []float32, limit int) (delay int, decibels float64) {
	best := math.Inf(-1)
	n := min(len(want), len(got)-limit)
	for d := 0; d <= limit; d++ {
		var sum float64
		for i := 0; i < n; i += 3 {
			sum += float64(want[i]) * float64(got[i+d])
		}
		if sum > best {
			best, delay = sum, d
		}
	}
	var total float64
	var count int
	const frame = 480
	for start := 0; start+frame <= n; start += frame {
		signal := want[start : start+frame]
		if audio.Level(signal) < -45 {
			continue
		}
		noise := make([]float32, frame)
		for i := range noise {
			noise[i] = got[start+delay+i] - signal[i]
		}
		total += min(max(audio.Level(signal)-audio.Level(noise), -10), 35)
		count++
	}
	return delay, total / float64(count)
}

func TestRoundTripKeepsSpeech(t *testing.T) {
	l := library(t)
	t.Log(l.Version())
	for _, test := range []struct {
		rate, bitrate int
		application   opus.Application
		least         float64
	}{
		{48000, 40000, opus.Audio, 10},
		{24000, 40000, opus.Audio, 10},
		{24000, 48000, opus.Voice, 6},
		{16000, 32000, opus.Voice, 5},
	} {
		want := speech(t, test.rate)
		encoder, err := l.NewEncoder(opus.EncoderOptions{Rate: test.rate, Bitrate: test.bitrate, Application: test.application})
		if err != nil {
			t.Fatal(err)
		}
		decoder, err := l.NewDecoder(test.rate)
		if err != nil {
			t.Fatal(err)
		}
		var got []float32
		var bytes, packets int
		for start := 0; start+encoder.FrameSamples() <= len(want); start += encoder.FrameSamples() {
			packet, err := encoder.Encode(nil, want[start:start+encoder.FrameSamples()])
			if err != nil {
				t.Fatal(err)
			}
			bytes, packets = bytes+len(packet), packets+1
			if n, err := decoder.Samples(packet); err != nil || n != encoder.FrameSamples() {
				t.Fatalf("Samples = %d, %v", n, err)
			}
			if got, err = decoder.Decode(got, packet); err != nil {
				t.Fatal(err)
			}
		}
		delay, snr := alignedSNR(want, got, test.rate/50)
		t.Logf("%d Hz, %d b/s, application %d: %.1f dB after %d samples, %d bytes a packet", test.rate, test.bitrate, test.application, snr, delay, bytes/packets)
		if snr < test.least {
			t.Errorf("%d Hz at %d b/s: segmental SNR %.1f dB, want %.1f", test.rate, test.bitrate, snr, test.least)
		}
		if rate := bytes * 8 * 50 / packets; rate > test.bitrate*5/4 {
			t.Errorf("%d b/s, asked for %d", rate, test.bitrate)
		}
	}
}

// TestRecoverBeatsConcealment loses one packet in ten: error correction must be nearer to the truth than concealment,
// and concealment than silence.
func TestRecoverBeatsConcealment(t *testing.T) {
	l := library(t)
	want := speech(t, 24000)
	results := map[string]float64{}
	for _, way := range []string{"recover", "conceal", "silence"} {
		encoder, err := l.NewEncoder(opus.EncoderOptions{Rate: 24000})
		if err != nil {
			t.Fatal(err)
		}
		decoder, err := l.NewDecoder(24000)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(1, 2))
		var got []float32
		lost := false
		var places []int
		for start := 0; start+480 <= len(want); start += 480 {
			packet, err := encoder.Encode(nil, want[start:start+480])
			if err != nil {
				t.Fatal(err)
			}
			if lost {
				switch way {
				case "recover":
					got, err = decoder.Recover(got, packet, 480)
				case "conceal":
					got, err = decoder.Conceal(got, 480)
				default:
					got = append(got, make([]float32, 480)...)
				}
				if err != nil {
					t.Fatal(err)
				}
				lost = false
			}
			if start > 0 && random.IntN(10) == 0 {
				lost, places = true, append(places, start)
				continue
			}
			if got, err = decoder.Decode(got, packet); err != nil {
				t.Fatal(err)
			}
		}
		// The distance between levels of truth and output where packets were lost and people spoke.
		var sum, count float64
		for _, start := range places {
			truth := want[start : start+480]
			if start+960 > len(got) || audio.Level(truth) < -40 {
				continue
			}
			sum += math.Abs(audio.Level(truth) - audio.Level(got[start+156:start+156+480]))
			count++
		}
		if count < 10 {
			t.Fatalf("only %v losses in speech", count)
		}
		results[way] = sum / count
	}
	t.Logf("mean level error at losses: recovered %.1f dB, concealed %.1f dB, silence %.1f dB", results["recover"], results["conceal"], results["silence"])
	if !(results["recover"] < results["conceal"] && results["conceal"] < results["silence"]) {
		t.Errorf("level errors: %v", results)
	}
}

func TestBadInput(t *testing.T) {
	l := library(t)
	if _, err := l.NewEncoder(opus.EncoderOptions{Rate: 44100}); err == nil {
		t.Error("an encoder for 44.1 kHz was made; Opus has none")
	}
	if _, err := l.NewDecoder(7); err == nil {
		t.Error("a decoder to 7 Hz was made")
	}
	encoder, err := l.NewEncoder(opus.EncoderOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := encoder.Encode(nil, make([]float32, 5)); err == nil {
		t.Error("a frame of 5 samples was encoded")
	}
	decoder, err := l.NewDecoder(16000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decoder.Decode(nil, nil); !errors.Is(err, opus.ErrEmptyPacket) {
		t.Errorf("decoding an empty packet: %v", err)
	}
	if _, err := decoder.Decode(nil, []byte{0xFF, 0xFF, 0xFF}); err == nil {
		t.Error("rubbish was decoded")
	}
	if out, err := decoder.Conceal(nil, 320); err != nil || len(out) != 320 {
		t.Errorf("after rubbish: %d samples, %v", len(out), err)
	}
	if _, err := opus.Load("/nonexistent/libopus.so"); !errors.Is(err, opus.ErrNoLibrary) {
		t.Errorf("a missing file: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	l := library(f)
	encoder, err := l.NewEncoder(opus.EncoderOptions{Rate: 24000})
	if err != nil {
		f.Fatal(err)
	}
	tone := make([]float32, 480)
	for range 4 {
		for i := range tone {
			tone[i] = float32(0.3 * math.Sin(float64(i)*0.1))
		}
		packet, err := encoder.Encode(nil, tone)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packet)
	}
	f.Add([]byte{0xF8, 0xFF, 0xFE})
	f.Add([]byte{0x08})
	f.Fuzz(func(t *testing.T, packet []byte) {
		decoder, err := l.NewDecoder(16000)
		if err != nil {
			t.Fatal(err)
		}
		if out, err := decoder.Decode(nil, packet); err == nil && (len(out) == 0 || len(out) > 1920) {
			t.Errorf("%d samples", len(out))
		}
		if out, err := decoder.Recover(nil, packet, 320); err == nil && len(out) != 320 {
			t.Errorf("recovered %d samples", len(out))
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	encoder, err := library(b).NewEncoder(opus.EncoderOptions{Rate: 24000})
	if err != nil {
		b.Fatal(err)
	}
	samples := speech(b, 24000)
	packet := make([]byte, 0, 2*opus.MaxPacketBytes)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		start := i * 480 % (len(samples) - 480)
		if packet, err = encoder.Encode(packet[:0], samples[start:start+480]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	l := library(b)
	encoder, err := l.NewEncoder(opus.EncoderOptions{Rate: 48000})
	if err != nil {
		b.Fatal(err)
	}
	decoder, err := l.NewDecoder(16000)
	if err != nil {
		b.Fatal(err)
	}
	samples := speech(b, 48000)
	var packets [][]byte
	for start := 0; start+960 <= len(samples) && len(packets) < 300; start += 960 {
		packet, err := encoder.Encode(nil, samples[start:start+960])
		if err != nil {
			b.Fatal(err)
		}
		packets = append(packets, packet)
	}
	out := make([]float32, 0, 4000)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if out, err = decoder.Decode(out[:0], packets[i%len(packets)]); err != nil {
			b.Fatal(err)
		}
	}
}

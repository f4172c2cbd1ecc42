package jitter_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"twombly/internal/audio"
	"twombly/internal/audio/jitter"
	"twombly/internal/audio/opus"
)

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

// speech is a real clip of n seconds at 48 kHz.
func speech(t testing.TB, seconds int) []float32 {
	t.Helper()
	folder := os.Getenv("TWOMBLY_TEST_DATA")
	if folder == "" {
		folder = "../../../../shared/data"
	}
	clip, err := audio.ReadWAVFile(filepath.Join(folder, "speech", "two_cities.wav"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("no test data: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	if clip, err = clip.To(48000); err != nil {
		t.Fatal(err)
	}
	return clip.Samples[:seconds*48000]
}

// encode makes the packets of a clip as a sender would send them, one every 20 ms.
func encode(t testing.TB, l *opus.Library, samples []float32) []jitter.Packet {
	t.Helper()
	encoder, err := l.NewEncoder(opus.EncoderOptions{Application: opus.Voice})
	if err != nil {
		t.Fatal(err)
	}
	var packets []jitter.Packet
	sequence, timestamp := uint16(65500), uint32(math.MaxUint32-48000) // both wrap round during the clip
	for start := 0; start+960 <= len(samples); start += 960 {
		payload, err := encoder.Encode(nil, samples[start:start+960])
		if err != nil {
			t.Fatal(err)
		}
		packets = append(packets, jitter.Packet{
			Sequence: sequence, Timestamp: timestamp, Payload: payload,
			Arrival: time.Second + time.Duration(len(packets))*20*time.Millisecond,
		})
		sequence, timestamp = sequence+1, timestamp+960
	}
	return packets
}

// chunk is a piece of output and when it came out.
type chunk struct {
	at      time.Duration
	samples int
}

// play runs the network: packets in the order of their arrival, and wake-ups when the buffer asks for them.
func play(t testing.TB, buffer *jitter.Buffer, packets []jitter.Packet, until time.Duration) (out []float32, chunks []chunk) {
	t.Helper()
	slices.SortStableFunc(packets, func(a, b jitter.Packet) int { return int(a.Arrival - b.Arrival) })
	pop := func(now time.Duration) {
		before := len(out)
		out = buffer.Pop(out, now)
		if len(out) > before {
			chunks = append(chunks, chunk{now, len(out) - before})
		}
	}
	for i := 0; ; {
		wake, waiting := buffer.Wake()
		if i < len(packets) && (!waiting || packets[i].Arrival <= wake) {
			buffer.Push(packets[i])
			pop(packets[i].Arrival)
			i++
			continue
		}
		if !waiting || wake > until {
			return out, chunks
		}
		before := len(out)
		pop(wake)
		if again, ok := buffer.Wake(); len(out) == before && ok && again <= wake {
			t.Fatalf("the buffer woke for nothing at %v", wake)
		}
	}
}

// agree is the correlation of two pieces of the same length, 1 for the same shape.
func agree(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		ab += float64(a[i]) * float64(b[i])
		aa += float64(a[i]) * float64(a[i])
		bb += float64(b[i]) * float64(b[i])
	}
	return ab / math.Sqrt(aa*bb+1e-12)
}

const millisecond = time.Millisecond

// TestNetworks sends a clip of 20 s through networks of every kind. The reference is what an ideal network gives:
// what comes out must lie at the same place, of the same length, without holes, and without being late.
func TestNetworks(t *testing.T) {
	l := library(t)
	clip := speech(t, 20)
	const rate = 16000
	fresh := func(options jitter.Options) *jitter.Buffer {
		decoder, err := l.NewDecoder(rate)
		if err != nil {
			t.Fatal(err)
		}
		return jitter.New(decoder, options)
	}
	end := time.Second + 20*time.Second
	ideal, chunks := play(t, fresh(jitter.Options{}), encode(t, l, clip), end)
	if len(ideal) != 20*rate {
		t.Fatalf("the ideal network gives %d samples, want %d", len(ideal), 20*rate)
	}
	for i, c := range chunks {
		if c.at != time.Second+time.Duration(i)*20*millisecond || c.samples != rate/50 {
			t.Fatalf("frame %d: %d samples at %v", i, c.samples, c.at)
		}
	}

	for _, test := range []struct {
		name string
		// network changes the packets; random is seeded.
		network func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet
		// least agreement with the ideal over frames of 100 ms that hold speech, on average; lateness at most.
		agreement float64
		late      time.Duration
		// fall is how much quieter than the truth a tenth of a second may be at most, in dB.
		fall  float64
		check func(t *testing.T, s jitter.Stats)
	}{
		{"reordered by 40 ms", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			for i := range packets {
				if random.IntN(10) == 0 {
					packets[i].Arrival += 41 * millisecond
				}
			}
			return packets
		}, 0.99999, 42 * millisecond, 12, func(t *testing.T, s jitter.Stats) {
			if s.Reordered < 50 || s.Lost != 0 || s.Late != 0 || s.Concealed+s.Recovered+s.Stalled != 0 {
				t.Errorf("%+v", s)
			}
		}},
		{"reordered by 59 ms", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			for i := range packets {
				if i%17 == 5 {
					packets[i].Arrival += 79 * millisecond // 59 ms after the packet that follows it
				}
			}
			return packets
		}, 0.99999, 80 * millisecond, 12, func(t *testing.T, s jitter.Stats) {
			if s.Lost != 0 || s.Late != 0 {
				t.Errorf("%+v", s)
			}
		}},
		{"duplicated", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			return append(packets, slices.Clone(packets)...)
		}, 0.99999, 0, 12, func(t *testing.T, s jitter.Stats) {
			if s.Late+s.Duplicate != 1000 || s.Received != 1000 {
				t.Errorf("%+v", s)
			}
		}},
		{"2 % lost and 30 ms of jitter", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			var kept []jitter.Packet
			for i, packet := range packets {
				packet.Arrival += time.Duration(random.Float64() * float64(30*millisecond))
				if i == 0 || random.IntN(50) > 0 {
					kept = append(kept, packet)
				}
			}
			return kept
		}, 0.98, 112 * millisecond, 12, func(t *testing.T, s jitter.Stats) {
			if s.Lost < 10 || s.Lost > 35 || s.Stalled != 0 || s.Recovered < time.Duration(s.Lost-4)*20*millisecond {
				t.Errorf("%+v", s)
			}
		}},
		{"10 % lost", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			return slices.DeleteFunc(packets, func(p jitter.Packet) bool { return p.Sequence != 65500 && random.IntN(10) == 0 })
		}, 0.92, 181 * millisecond, 12, func(t *testing.T, s jitter.Stats) {
			if s.Lost < 70 || s.Recovered == 0 || s.Concealed == 0 {
				t.Errorf("%+v", s)
			}
		}},
		{"bursts of five lost", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			return slices.DeleteFunc(packets, func(p jitter.Packet) bool { return p.Sequence/5%20 == 7 })
		}, 0.88, 162 * millisecond, 25, func(t *testing.T, s jitter.Stats) {
			if s.Lost < 40 || s.Concealed < 3*s.Recovered {
				t.Errorf("%+v", s)
			}
		}},
		{"a sender 500 ppm slow", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			for i := range packets {
				packets[i].Arrival += time.Duration(i) * 10 * time.Microsecond
			}
			return packets
		}, 0.99999, 11 * millisecond, 12, noTrouble},
		{"a sender 500 ppm fast", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			for i := range packets {
				packets[i].Arrival -= time.Duration(i) * 10 * time.Microsecond
			}
			return packets
		}, 0.99999, 0, 12, noTrouble},
		{"empty packets between", func(packets []jitter.Packet, random *rand.Rand) []jitter.Packet {
			var out []jitter.Packet
			for i, packet := range packets {
				packet.Sequence += uint16(i / 10) // as padding takes sequence numbers and no time
				out = append(out, packet)
				if i%10 == 9 {
					packet.Sequence++
					packet.Payload = nil
					out = append(out, packet)
				}
			}
			return out
		}, 0.99999, 0, 12, noTrouble},
	} {
		t.Run(test.name, func(t *testing.T) {
			buffer := fresh(jitter.Options{})
			packets := test.network(encode(t, l, clip), rand.New(rand.NewPCG(7, 8)))
			out, chunks := play(t, buffer, packets, end)
			stats := buffer.Stats()
			t.Logf("%+v", stats)
			test.check(t, stats)
			if missing := len(ideal) - len(out); missing < 0 || missing > 4*rate/50 {
				t.Fatalf("%d samples, want %d", len(out), len(ideal))
			}
			var sum float64
			var count int
			for start := 0; start+rate/10 <= len(out); start += rate / 10 {
				want, got := ideal[start:start+rate/10], out[start:start+rate/10]
				if audio.Level(want) < -40 {
					continue
				}
				sum, count = sum+agree(want, got), count+1
				// A loss of 100 ms fades, but is not digital silence.
				if fall := audio.Level(want) - audio.Level(got); fall > test.fall {
					t.Errorf("a hole at %.1f s: %.1f dBFS where %.1f are right", float64(start)/rate, audio.Level(got), audio.Level(want))
				}
			}
			t.Logf("agreement %.4f over %d tenths of a second of speech", sum/float64(count), count)
			if sum/float64(count) < test.agreement {
				t.Errorf("agreement %.4f, want %.4f", sum/float64(count), test.agreement)
			}
			done := 0
			for _, c := range chunks {
				// The last sample of the chunk could not have been there before the packet that holds it.
				ready := time.Second + time.Duration(done)*time.Second/rate
				if c.at > ready+test.late {
					t.Errorf("sound of %v came out at %v", ready, c.at)
					break
				}
				done += c.samples
			}
		})
	}
}

func noTrouble(t *testing.T, s jitter.Stats) {
	if s.Lost+s.Late+s.Broken != 0 || s.Stalled+s.Concealed+s.Dropped != 0 {
		t.Errorf("%+v", s)
	}
}

// TestStall holds all packets of a second back for 600 ms: sound is made up at the pace of real time, the person's words
// are all heard afterwards, and the surplus is worked off in pauses.
func TestStall(t *testing.T) {
	l := library(t)
	const rate = 16000
	packets := encode(t, l, speech(t, 20))
	for i := range packets {
		if from := 4 * time.Second; packets[i].Arrival >= from && packets[i].Arrival < from+600*millisecond {
			packets[i].Arrival = from + 600*millisecond
		}
	}
	decoder, err := l.NewDecoder(rate)
	if err != nil {
		t.Fatal(err)
	}
	buffer := jitter.New(decoder, jitter.Options{})
	out, chunks := play(t, buffer, packets, 21*time.Second)
	stats := buffer.Stats()
	t.Logf("%+v", stats)
	if stats.Stalled < 440*millisecond || stats.Stalled > 520*millisecond {
		t.Errorf("made up %v", stats.Stalled)
	}
	if stats.Dropped != stats.Stalled || len(out) != 20*rate {
		t.Errorf("a surplus stays: made up %v, worked off %v, %d samples", stats.Stalled, stats.Dropped, len(out))
	}
	if stats.Lost+stats.Late != 0 {
		t.Errorf("words were thrown away: %+v", stats)
	}
	last := time.Duration(0)
	for _, c := range chunks {
		if c.at-last > 140*millisecond && last > 0 {
			t.Errorf("nothing was heard from %v to %v", last, c.at)
		}
		last = c.at
	}
}

// TestVanished stops sending: silence is heard for MaxStall, then nothing, and the stream can go on.
func TestVanished(t *testing.T) {
	l := library(t)
	const rate = 16000
	packets := encode(t, l, speech(t, 3))
	for i := 50; i < len(packets); i++ { // 10 s away, the sender's clock running on
		packets[i].Arrival += 10 * time.Second
		packets[i].Timestamp += 10 * 48000
	}
	decoder, err := l.NewDecoder(rate)
	if err != nil {
		t.Fatal(err)
	}
	buffer := jitter.New(decoder, jitter.Options{})
	out, chunks := play(t, buffer, packets, 20*time.Second)
	stats := buffer.Stats()
	t.Logf("%+v", stats)
	if stats.Stalled < 3*time.Second || stats.Filled > time.Second || stats.Skipped < 5*time.Second {
		t.Errorf("%+v", stats)
	}
	var spoken int
	for _, c := range chunks {
		if c.at < 2100*millisecond {
			spoken += c.samples
		}
	}
	if level := audio.Level(out[spoken+rate : spoken+2*rate]); level > -50 {
		t.Errorf("a second after the sender went, %.1f dBFS are heard", level)
	}
	if total := time.Duration(len(out)) * time.Second / rate; total < 3*time.Second+3*time.Second {
		t.Errorf("%v heard", total)
	}
}

// TestDiscontinuous leaves out packets but not sequence numbers, as a sender with DTX does in pauses.
func TestDiscontinuous(t *testing.T) {
	l := library(t)
	const rate = 16000
	packets := encode(t, l, speech(t, 5))
	var kept []jitter.Packet
	for i, packet := range packets {
		if i >= 100 && i < 125 {
			continue
		}
		packet.Sequence = packets[0].Sequence + uint16(len(kept))
		kept = append(kept, packet)
	}
	decoder, err := l.NewDecoder(rate)
	if err != nil {
		t.Fatal(err)
	}
	buffer := jitter.New(decoder, jitter.Options{})
	out, _ := play(t, buffer, kept, 6*time.Second-20*millisecond)
	stats := buffer.Stats()
	t.Logf("%+v", stats)
	if len(out) != 5*rate {
		t.Errorf("%d samples, want %d", len(out), 5*rate)
	}
	if stats.Lost != 0 || stats.Filled+stats.Stalled != 500*millisecond {
		t.Errorf("%+v", stats)
	}
}

// TestRestart gives a stream whose numbers jump, as after a sender was replaced.
func TestRestart(t *testing.T) {
	l := library(t)
	packets := encode(t, l, speech(t, 2))
	for i := 50; i < len(packets); i++ {
		packets[i].Sequence += 30000
		packets[i].Timestamp += 1 << 31
	}
	decoder, err := l.NewDecoder(16000)
	if err != nil {
		t.Fatal(err)
	}
	buffer := jitter.New(decoder, jitter.Options{})
	out, _ := play(t, buffer, packets, 3*time.Second-20*millisecond)
	if stats := buffer.Stats(); stats.Restarts != 1 || len(out) != 2*16000 {
		t.Errorf("%d samples, %+v", len(out), stats)
	}
}

// FuzzBuffer throws packets of any number, time and contents at a buffer: it must neither fail nor make up more sound
// than its bounds allow, nor wake for nothing.
func FuzzBuffer(f *testing.F) {
	l := library(f)
	f.Add([]byte{1, 0, 1, 20, 8, 1, 0, 2, 20, 8, 0, 0, 3, 20, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		decoder, err := l.NewDecoder(16000)
		if err != nil {
			t.Fatal(err)
		}
		buffer := jitter.New(decoder, jitter.Options{MaxStall: 500 * millisecond})
		var now time.Duration
		var out []float32
		var sequence uint16
		var timestamp uint32
		for i := 0; i+5 <= len(data) && i < 1000; i += 5 {
			sequence += uint16(data[i]) | uint16(data[i+1]>>4)<<12
			timestamp += uint32(data[i+1]&15) << 20
			timestamp += uint32(data[i+2]) * 240
			now += time.Duration(data[i+3]) * millisecond
			payload := data[i+4 : min(len(data), i+4+int(data[i+4]%16))]
			buffer.Push(jitter.Packet{Sequence: sequence, Timestamp: timestamp, Payload: payload, Arrival: now})
			for {
				before := len(out)
				out = buffer.Pop(out, now)
				if len(out)-before > 16000*8 {
					t.Fatalf("%d samples at once", len(out)-before)
				}
				wake, ok := buffer.Wake()
				if !ok || wake > now+time.Second {
					break
				}
				if wake <= now && len(out) == before {
					t.Fatalf("woken for nothing")
				}
				now = max(now, wake)
			}
		}
	})
}

package worker

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"
)

func TestFrameRoundTrip(t *testing.T) {
	for _, f := range []frame{
		{kind: kindHello, message: Message{Meta: []byte(`{}`)}},
		{kind: kindRequest, call: 1, method: "synthesise", message: Message{Meta: []byte(`1`), Blob: []byte{1}}},
		{kind: kindPart, call: math.MaxUint64, message: Message{Blob: bytes.Repeat([]byte{7}, 3<<20)}},
		{kind: kindCancel, call: 9},
		{kind: kindCredit, call: 9, credit: 123456},
	} {
		var wire bytes.Buffer
		if err := writeFrame(&wire, f); err != nil {
			t.Fatal(err)
		}
		got, err := readFrame(&wire)
		if err != nil || !reflect.DeepEqual(got, f) || wire.Len() != 0 {
			t.Errorf("kind %d came back as kind %d of %d bytes, %v, %d bytes left", f.kind, got.kind, got.size(), err, wire.Len())
		}
	}
}

func TestFramesThatAreNone(t *testing.T) {
	valid := func(change func([]byte)) []byte {
		var wire bytes.Buffer
		if err := writeFrame(&wire, frame{kind: kindRequest, call: 1, method: "m", message: Message{Meta: []byte("{}"), Blob: []byte("blob")}}); err != nil {
			t.Fatal(err)
		}
		change(wire.Bytes())
		return wire.Bytes()
	}
	for _, test := range []struct {
		name string
		wire []byte
		want error
	}{
		{"nothing", nil, io.EOF},
		{"half a header", make([]byte, headerLength-1), io.ErrUnexpectedEOF},
		{"kind zero", make([]byte, headerLength), ErrProtocol},
		{"unknown kind", valid(func(b []byte) { b[0] = byte(kindEnd) }), ErrProtocol},
		{"reserved byte", valid(func(b []byte) { b[1] = 1 }), ErrProtocol},
		{"a method in an answer", valid(func(b []byte) { b[0] = byte(kindAnswer) }), ErrProtocol},
		{"a long method", valid(func(b []byte) { binary.LittleEndian.PutUint16(b[2:], maxMethod+1) }), ErrProtocol},
		{"a long description", valid(func(b []byte) { binary.LittleEndian.PutUint32(b[4:], MaxLength+1) }), ErrProtocol},
		{"long data", valid(func(b []byte) { binary.LittleEndian.PutUint32(b[8:], math.MaxUint32) }), ErrProtocol},
		{"data cut off", valid(func(b []byte) { binary.LittleEndian.PutUint32(b[8:], 5) }), io.ErrUnexpectedEOF},
		{"much data cut off", valid(func(b []byte) { binary.LittleEndian.PutUint32(b[8:], MaxLength) }), io.ErrUnexpectedEOF},
	} {
		if _, err := readFrame(bytes.NewReader(test.wire)); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", test.name, err, test.want)
		}
	}
}

// A header that promises 64 MiB twice must not cost memory before the bytes arrive.
func TestPromisesCostNothing(t *testing.T) {
	header := make([]byte, headerLength)
	header[0] = byte(kindPart)
	binary.LittleEndian.PutUint32(header[8:], MaxLength)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		if _, err := readFrame(bytes.NewReader(header)); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / 10; each > 4<<20 {
		t.Errorf("%d bytes allocated for a frame that never came", each)
	}
}

func FuzzFrame(f *testing.F) {
	for _, seed := range []frame{
		{kind: kindRequest, call: 1, method: "m", message: Message{Meta: []byte("{}"), Blob: []byte("blob")}},
		{kind: kindCredit, call: 2, credit: 5}, {kind: kindCancel, call: 3}, {kind: kindFailure, call: 4, message: Message{Meta: []byte(`{"code":""}`)}},
	} {
		var wire bytes.Buffer
		if err := writeFrame(&wire, seed); err != nil {
			f.Fatal(err)
		}
		f.Add(wire.Bytes())
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		read, err := readFrame(bytes.NewReader(wire))
		if err != nil {
			return
		}
		var again bytes.Buffer
		if err := writeFrame(&again, read); err != nil {
			t.Fatalf("what was read can't be written: %v", err)
		}
		if !bytes.HasPrefix(wire, again.Bytes()) {
			t.Fatalf("read %x as a frame that writes %x", wire, again.Bytes())
		}
	})
}

func TestRestartPolicy(t *testing.T) {
	start := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name    string
		crashes []time.Duration // since start
		pause   time.Duration   // after the last
		again   bool
	}{
		{"the first starts again at once", []time.Duration{0}, 0, true},
		{"the second pauses", []time.Duration{0, time.Second}, 100 * time.Millisecond, true},
		{"the fourth pauses longer", []time.Duration{0, 1, 2, 3}, 400 * time.Millisecond, true},
		{"the fifth within a minute stops", []time.Duration{0, 1, 2, 3, 59 * time.Second}, 0, false},
		{"the fifth after a minute does not", []time.Duration{0, 1, 2, 3, 61 * time.Second}, 0, true},
		{"one a quarter of a minute never stops", []time.Duration{0, 15e9, 30e9, 45e9, 60e9, 75e9, 90e9}, 400 * time.Millisecond, true},
	} {
		var policy restarts
		var pause time.Duration
		again := true
		for _, at := range test.crashes {
			pause, again = policy.crashed(start.Add(at))
		}
		if pause != test.pause || again != test.again {
			t.Errorf("%s: pause %v, again %v", test.name, pause, again)
		}
	}
}

func TestSamples(t *testing.T) {
	samples := []float32{0, 1, -1, math.MaxFloat32, float32(math.Inf(-1)), 1e-40}
	if got := Floats(append(FloatBlob(samples), 1, 2, 3)); !slices.Equal(got, samples) {
		t.Errorf("%v came back as %v", samples, got)
	}
	if blob := FloatBlob([]float32{1}); !bytes.Equal(blob, []byte{0, 0, 0x80, 0x3f}) {
		t.Errorf("1 is encoded as %x", blob)
	}
}

func TestLinesAreMasked(t *testing.T) {
	for line, want := range map[string]string{
		`loaded model in 3 ms`:             `loaded model in 3 ms`,
		`token "blue moon" at 3`:           `token "…" at 3`,
		"unfinished \"blue moon":           "unfinished \"…",
		"said `x` and ‘привет’ twice":      "said `…` and … twice",
		"  bell\a ":                        "bell…",
		`two "a" and "b"`:                  `two "…" and "…"`,
		"don't mask an apostrophe, please": "don't mask an apostrophe, please",
	} {
		if got := maskLine(line); got != want {
			t.Errorf("%q became %q, want %q", line, got, want)
		}
	}
}

package onnx_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"math/cmplx"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/cpu"
	"google.golang.org/protobuf/encoding/protowire"

	"twombly/internal/native/nativetest"
	"twombly/internal/native/onnx"
)

func open(t testing.TB) *onnx.Library {
	t.Helper()
	lib, err := onnx.Open(nativetest.Path(t, "onnxruntime", "libonnxruntime.so"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lib.Close)
	return lib
}

func silero(t testing.TB, lib *onnx.Library) *onnx.Session {
	t.Helper()
	session, err := lib.NewSessionFromFile(nativetest.Path(t, "silero-vad", "silero_vad.onnx"), onnx.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(session.Close)
	return session
}

func tensor[T onnx.Element](t testing.TB, lib *onnx.Library, shape []int64, data []T) *onnx.Tensor {
	t.Helper()
	tensor, err := onnx.NewTensor(lib, shape, data)
	if err != nil {
		t.Fatal(err)
	}
	return tensor
}

// frame runs one frame of silence through Silero.
func frame(t testing.TB, lib *onnx.Library, session *onnx.Session) float32 {
	t.Helper()
	inputs := map[string]*onnx.Tensor{
		"input": tensor(t, lib, []int64{1, 576}, make([]float32, 576)),
		"state": tensor(t, lib, []int64{2, 1, 128}, make([]float32, 256)),
		"sr":    tensor(t, lib, nil, []int64{16000}),
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	outputs, err := session.Run(ctx, inputs, "output", "stateN")
	for _, input := range inputs {
		input.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer onnx.CloseAll(outputs...)
	values, err := onnx.Data[float32](outputs[0])
	if err != nil || len(values) != 1 {
		t.Fatalf("output: %v, %v", values, err)
	}
	return values[0]
}

func TestRun(t *testing.T) {
	lib := open(t)
	if !strings.HasPrefix(lib.Version(), "1.") {
		t.Errorf("version %q", lib.Version())
	}
	session := silero(t, lib)
	if got := strings.Join(session.Inputs(), " "); got != "input state sr" {
		t.Errorf("inputs: %q", got)
	}
	if got := strings.Join(session.Outputs(), " "); got != "output stateN" {
		t.Errorf("outputs: %q", got)
	}
	if p := frame(t, lib, session); p < 0 || p > 0.2 {
		t.Errorf("silence is speech with probability %v", p)
	}
}

func TestRunsAtOnce(t *testing.T) {
	lib := open(t)
	session := silero(t, lib)
	want := frame(t, lib, session)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 20 {
				if got := frame(t, lib, session); got != want {
					t.Errorf("got %v, want %v", got, want)
				}
			}
		})
	}
	group.Wait()
}

func TestTensors(t *testing.T) {
	lib := open(t)
	roundTrip(t, lib, []int64{2, 3}, []float32{1, 2, 3, -4, float32(math.Inf(1)), 0.5})
	roundTrip(t, lib, []int64{2}, []int64{math.MinInt64, math.MaxInt64})
	roundTrip(t, lib, []int64{1, 2}, []int32{math.MinInt32, math.MaxInt32})
	roundTrip(t, lib, []int64{3}, []bool{true, false, true})
	roundTrip(t, lib, nil, []int64{7})
	roundTrip(t, lib, []int64{0, 4}, []float32{})

	for name, shape := range map[string][]int64{"too few": {3}, "negative": {-1, -2}, "overflow": {1 << 40, 1 << 40}} {
		if _, err := onnx.NewTensor(lib, shape, []float32{1, 2}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	x := tensor(t, lib, []int64{1}, []float32{1})
	if _, err := onnx.Data[int64](x); err == nil {
		t.Error("float32 read as int64 without an error")
	}
	x.Close()
	x.Close()
	if _, err := onnx.Data[float32](x); err == nil {
		t.Error("a closed tensor was read")
	}
}

func roundTrip[T onnx.Element](t *testing.T, lib *onnx.Library, shape []int64, data []T) {
	t.Helper()
	x := tensor(t, lib, shape, data)
	defer x.Close()
	back, err := onnx.Data[T](x)
	if err != nil {
		t.Fatal(err)
	}
	if len(back) != len(data) {
		t.Fatalf("%d elements came back, not %d", len(back), len(data))
	}
	for i := range data {
		if back[i] != data[i] {
			t.Errorf("element %d: %v, not %v", i, back[i], data[i])
		}
	}
	got, err := x.Shape()
	if err != nil || len(got) != len(shape) {
		t.Fatalf("shape %v, %v", got, err)
	}
	for i := range shape {
		if got[i] != shape[i] {
			t.Errorf("shape %v, not %v", got, shape)
		}
	}
}

func TestErrors(t *testing.T) {
	lib := open(t)
	if _, err := onnx.Open(filepath.Join(t.TempDir(), "none.so")); err == nil {
		t.Error("a library that isn't there was opened")
	}
	var failure *onnx.Error
	if _, err := lib.NewSession([]byte("rubbish"), onnx.SessionOptions{}); !errors.As(err, &failure) || failure.Message == "" {
		t.Errorf("rubbish as a model: %v", err)
	}
	if _, err := lib.NewSession(nil, onnx.SessionOptions{}); err == nil {
		t.Error("nothing as a model: no error")
	}
	if _, err := lib.NewSessionFromFile(filepath.Join(t.TempDir(), "none.onnx"), onnx.SessionOptions{}); !errors.As(err, &failure) {
		t.Errorf("no file: %v", err)
	}
	if _, err := lib.NewSession([]byte{1}, onnx.SessionOptions{Optimization: 7}); err == nil {
		t.Error("no such level: no error")
	}
	session := silero(t, lib)
	ctx := context.Background()
	if _, err := session.Run(ctx, nil, "output"); !errors.As(err, &failure) || !strings.Contains(err.Error(), "Input") {
		t.Errorf("no inputs: %v", err)
	}
	closed := tensor(t, lib, nil, []int64{1})
	closed.Close()
	if _, err := session.Run(ctx, map[string]*onnx.Tensor{"sr": closed}, "output"); err == nil {
		t.Error("a closed input: no error")
	}
	session.Close()
	session.Close()
	if _, err := session.Run(ctx, nil, "output"); err == nil {
		t.Error("a closed session ran")
	}
}

// TestCancel ends a run of about ten seconds soon after its context.
func TestCancel(t *testing.T) {
	lib := open(t)
	session, err := lib.NewSessionFromFile(nativetest.Path(t, "kokoro", "kokoro-v1.0-int8.onnx"), onnx.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	tokens := make([]int64, 400)
	for i := range tokens {
		tokens[i] = 43 + int64(i%30)
	}
	inputs := map[string]*onnx.Tensor{
		"tokens": tensor(t, lib, []int64{1, int64(len(tokens))}, tokens),
		"style":  tensor(t, lib, []int64{1, 256}, make([]float32, 256)),
		"speed":  tensor(t, lib, []int64{1}, []float32{0.5}),
	}
	defer func() {
		for _, input := range inputs {
			input.Close()
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	started := time.Now()
	if _, err := session.Run(ctx, inputs, "audio"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v, not the context's", err)
	}
	// The longest operator of so long a run takes some hundred milliseconds; the bound is for a busy machine.
	if took := time.Since(started); took > 4*time.Second {
		t.Errorf("the run went on for %v", took)
	}
	if _, err := session.Run(ctx, inputs, "audio"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("after the end: error %v, not the context's", err)
	}
}

// TestMemory runs a net often and compares the process's memory.
func TestMemory(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory grows")
	}
	lib := open(t)
	session := silero(t, lib)
	for range 2000 { // until Go's own heap has settled
		frame(t, lib, session)
		if _, err := session.Run(context.Background(), nil, "output"); err == nil {
			t.Fatal("no error")
		}
	}
	before := resident(t)
	for range 5000 {
		frame(t, lib, session)
		if _, err := session.Run(context.Background(), nil, "output"); err == nil { // errors must not leak either
			t.Fatal("no error")
		}
	}
	// One leaked tensor a run, or one status, would be some megabytes.
	if grown := resident(t) - before; grown > 3<<20 {
		t.Errorf("memory grew by %d KiB in 5000 runs", grown>>10)
	}
}

// resident is the memory of the process that is in RAM, in bytes.
func resident(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(data))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}

func TestApply(t *testing.T) {
	lib := open(t)
	model, err := os.ReadFile(nativetest.Path(t, "kokoro", "kokoro-v1.0-int8.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	const tensor = "/encoder/Clip_output_0"
	if _, err := onnx.AppendOutput(model, "/encoder/none"); err == nil {
		t.Error("a tensor that isn't there: no error")
	}
	if _, err := onnx.AppendOutput(model, "audio"); err == nil {
		t.Error("an output twice: no error")
	}
	edited, err := onnx.Apply(model, onnx.Patch{
		Inputs: []onnx.Input{{Name: "limit"}},
		Insertions: []onnx.Insertion{{After: tensor, Replacement: "limited", Nodes: []onnx.Node{
			{Operator: "Min", Inputs: []string{tensor, "limit"}, Output: "limited"},
		}}},
		Outputs: []string{tensor, "limited"},
	})
	if err != nil {
		t.Fatal(err)
	}
	session, err := lib.NewSession(edited, onnx.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if got := strings.Join(session.Outputs(), " "); got != "audio "+tensor+" limited" {
		t.Errorf("outputs: %q", got)
	}
	if _, err := onnx.AppendOutput(edited, "limited"); err == nil {
		t.Error("the same output again: no error")
	}
	inputs := map[string]*onnx.Tensor{
		"tokens": newTensor(t, lib, []int64{1, 5}, []int64{0, 50, 83, 54, 0}),
		"style":  newTensor(t, lib, []int64{1, 256}, make([]float32, 256)),
		"speed":  newTensor(t, lib, []int64{1}, []float32{1}),
		"limit":  newTensor(t, lib, []int64{1}, []float32{3}),
	}
	outputs, err := session.Run(context.Background(), inputs, "audio", tensor, "limited")
	if err != nil {
		t.Fatal(err)
	}
	defer onnx.CloseAll(outputs...)
	samples, _ := onnx.Data[float32](outputs[0])
	whole, _ := onnx.Data[float32](outputs[1])
	limited, _ := onnx.Data[float32](outputs[2])
	var total float32
	for i := range whole {
		if limited[i] != min(whole[i], 3) {
			t.Errorf("token %d lasts %v, limited %v", i, whole[i], limited[i])
		}
		total += limited[i]
	}
	if len(whole) != 5 || float32(len(samples)) != 600*total {
		t.Errorf("%d tokens, %d samples for %v frames", len(whole), len(samples), total)
	}
}

func newTensor[T onnx.Element](t *testing.T, lib *onnx.Library, shape []int64, data []T) *onnx.Tensor {
	t.Helper()
	x := tensor(t, lib, shape, data)
	t.Cleanup(x.Close)
	return x
}

// FuzzApply feeds bytes that are no model, or a damaged one.
func FuzzApply(f *testing.F) {
	node := protowire.AppendString(protowire.AppendTag(nil, 2, protowire.BytesType), "x")
	graph := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), node)
	model := protowire.AppendBytes(protowire.AppendTag(nil, 7, protowire.BytesType), graph)
	f.Add(model)
	f.Add(append(model, model...))
	f.Add(model[:len(model)-1])
	f.Add([]byte{0x3a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Add([]byte("rubbish"))
	f.Fuzz(func(t *testing.T, data []byte) {
		edited, err := onnx.AppendOutput(data, "x")
		if err != nil {
			return
		}
		if _, _, err := onnx.MultiplyConvolutions(data); err != nil {
			t.Logf("a model whose convolutions cannot be read: %v", err)
		}
		if len(edited) <= len(data) {
			t.Errorf("%d bytes became %d", len(data), len(edited))
		}
		if _, err := onnx.AppendOutput(edited, "x"); err == nil {
			t.Error("the output was not there after it was appended")
		}
	})
}

// TestMultiplyConvolutions compares the sound of Kokoro's convolutions with that of the products.
func TestMultiplyConvolutions(t *testing.T) {
	if !cpu.X86.HasAVX512VNNI && !cpu.X86.HasAVXVNNI {
		t.Skip("the products are exact only on a processor with VNNI")
	}
	model := kokoro(t)
	products, count, err := onnx.MultiplyConvolutions(model)
	if err != nil {
		t.Fatal(err)
	}
	if count != 84 { // three of 87 have a stride
		t.Errorf("%d convolutions were replaced", count)
	}
	// The integers are equal. The floats around them are fused and rounded in another way.
	if off := unlike(speak(t, model), speak(t, products)); off > 0.01 {
		t.Errorf("the sounds differ by %.4f of their energy", off)
	}
}

func TestAccelerate(t *testing.T) {
	model := kokoro(t)
	multiplied := model
	var err error
	if cpu.X86.HasAVX512VNNI || cpu.X86.HasAVXVNNI {
		if multiplied, _, err = onnx.MultiplyConvolutions(model); err != nil {
			t.Fatal(err)
		}
	}
	fast, counts, err := onnx.Accelerate(multiplied)
	if err != nil {
		t.Fatal(err)
	}
	want := onnx.Accelerated{Norms: 68, Waves: 48, Spectra: 1}
	if len(multiplied) != len(model) {
		want.Products = 77
	}
	if counts != want {
		t.Errorf("replaced %+v, want %+v", counts, want)
	}
	// The transform's phases are others where there is nothing, and bytes are rounded after it: the wave itself is another, its spectrum is not.
	before, after := spectrum(speak(t, model)), spectrum(speak(t, fast))
	var sum float64
	for i := range before {
		sum += math.Abs(before[i] - after[i])
	}
	t.Logf("the spectrum differs by %.2f dB", sum/float64(len(before)))
	if mean := sum / float64(len(before)); mean > 2 {
		t.Errorf("the spectrum differs by %.2f dB in the mean", mean)
	}
	again, counts, err := onnx.Accelerate(fast)
	if err != nil || counts != (onnx.Accelerated{}) || len(again) != len(fast) {
		t.Errorf("a second time %+v, %d of %d bytes, %v", counts, len(again), len(fast), err)
	}
}

// TestAccelerateLeaves has a net without anything to replace.
func TestAccelerateLeaves(t *testing.T) {
	model, err := os.ReadFile(nativetest.Path(t, "silero-vad", "silero_vad.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	same, counts, err := onnx.Accelerate(model)
	if err != nil || counts != (onnx.Accelerated{}) {
		t.Fatalf("%+v, %v", counts, err)
	}
	if _, err := open(t).NewSession(same, onnx.SessionOptions{}); err != nil {
		t.Error(err)
	}
	if _, _, err := onnx.Accelerate([]byte("no model")); err == nil {
		t.Error("no error for what is no model")
	}
}

func kokoro(t *testing.T) []byte {
	model, err := os.ReadFile(nativetest.Path(t, "kokoro", "kokoro-v1.0-int8.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// speak has a model of Kokoro say "Hello world." in a voice of its own.
func speak(t *testing.T, model []byte) []float32 {
	lib := open(t)
	session, err := lib.NewSession(model, onnx.SessionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	tokens := []int64{0, 50, 83, 54, 156, 57, 135, 16, 65, 85, 123, 54, 46, 4, 0}
	bytes, err := os.ReadFile(nativetest.Path(t, "kokoro", "voices/af_heart.bin"))
	if err != nil {
		t.Fatal(err)
	}
	style := make([]float32, 256)
	for i := range style {
		at := 4 * ((len(tokens)-2)*len(style) + i)
		style[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[at:]))
	}
	outputs, err := session.Run(context.Background(), map[string]*onnx.Tensor{
		"tokens": newTensor(t, lib, []int64{1, int64(len(tokens))}, tokens),
		"style":  newTensor(t, lib, []int64{1, 256}, style),
		"speed":  newTensor(t, lib, []int64{1}, []float32{1}),
	}, "audio")
	if err != nil {
		t.Fatal(err)
	}
	sound, err := onnx.Data[float32](outputs[0])
	onnx.CloseAll(outputs...)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(sound)
}

// unlike is the energy of what two sounds differ by, as a share of the first; 1 for sounds of another length.
func unlike(a, b []float32) float64 {
	if len(a) != len(b) {
		return 1
	}
	var energy, difference float64
	for i, x := range a {
		energy += float64(x) * float64(x)
		difference += float64(x-b[i]) * float64(x-b[i])
	}
	return difference / energy
}

// spectrum is the mean power of a sound in bands of 375 Hz, in dB.
func spectrum(sound []float32) []float64 {
	const window = 64
	power := make([]float64, window/2)
	for at := 0; at+window <= len(sound); at += window {
		for k := range power {
			var sum complex128
			for i, x := range sound[at : at+window] {
				sum += complex(float64(x), 0) * cmplx.Rect(1, -2*math.Pi*float64(k*i)/window)
			}
			power[k] += real(sum * cmplx.Conj(sum))
		}
	}
	for k, p := range power {
		power[k] = 10 * math.Log10(p+1e-9)
	}
	return power
}

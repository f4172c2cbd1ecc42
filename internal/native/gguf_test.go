package native

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// ggufFile builds a small valid file: one tensor of 64 float32, and an array of strings as tokenizers have.
func ggufFile(change func(*ggufParts)) []byte {
	parts := ggufParts{magic: "GGUF", version: 3, architecture: "llama", kind: 0, shape: []uint64{8, 8}, weights: make([]byte, 256)}
	if change != nil {
		change(&parts)
	}
	var out bytes.Buffer
	put := func(values ...any) {
		for _, value := range values {
			if text, isText := value.(string); isText {
				_ = binary.Write(&out, binary.LittleEndian, uint64(len(text)))
				out.WriteString(text)
				continue
			}
			_ = binary.Write(&out, binary.LittleEndian, value) // a bytes.Buffer takes everything
		}
	}
	out.WriteString(parts.magic)
	put(parts.version, uint64(1), uint64(5+parts.morePairs))
	put("general.architecture", uint32(ggufString), parts.architecture)
	put("llama.context_length", uint32(4), uint32(2048))
	put("tokenizer.chat_template", uint32(ggufString), "{{messages}}")
	put("tokenizer.ggml.tokens", uint32(ggufArray), uint32(ggufString), uint64(2), "a", "bc")
	put("split.count", uint32(2), parts.splits)
	put("weights", uint32(len(parts.shape)), parts.shape, parts.kind, parts.offset)
	for out.Len()%32 != 0 {
		out.WriteByte(0)
	}
	out.Write(parts.weights)
	return out.Bytes()
}

type ggufParts struct {
	magic, architecture string
	version             uint32
	morePairs           int
	splits              uint16
	shape               []uint64
	kind                uint32
	offset              uint64
	weights             []byte
}

func TestCheckGGUF(t *testing.T) {
	for _, test := range []struct {
		name string
		data []byte
		want string // in the error; empty if the file is good
	}{
		{"good", ggufFile(nil), ""},
		{"an unknown type of weights", ggufFile(func(p *ggufParts) { p.kind = 99 }), ""},
		{"empty", nil, "truncated"},
		{"a web page", []byte("<!DOCTYPE html><html>"), `begins with "<!DO"`},
		{"another magic", ggufFile(func(p *ggufParts) { p.magic = "GGML" }), `begins with "GGML"`},
		{"an old version", ggufFile(func(p *ggufParts) { p.version = 1 }), "version 1"},
		{"weights cut off", ggufFile(func(p *ggufParts) { p.weights = p.weights[:255] }), "truncated"},
		{"cut off in the description", ggufFile(nil)[:60], "truncated"},
		{"one of several parts", ggufFile(func(p *ggufParts) { p.splits = 3 }), "one of 3 parts"},
		{"more properties than there are", ggufFile(func(p *ggufParts) { p.morePairs = 1 << 20 }), "properties"},
		{"a shape that overflows", ggufFile(func(p *ggufParts) { p.shape = []uint64{1 << 40, 1 << 40} }), "shape"},
		{"an offset that overflows", ggufFile(func(p *ggufParts) { p.offset = 1<<64 - 1 }), "tensor at"},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "model.gguf")
			if err := os.WriteFile(path, test.data, 0o600); err != nil {
				t.Fatal(err)
			}
			model, err := CheckGGUF(path)
			if test.want != "" {
				if !errors.Is(err, ErrGGUF) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q in it", err, test.want)
				}
				if test.want == "truncated" && !errors.Is(err, ErrTruncated) {
					t.Errorf("%v is not ErrTruncated", err)
				}
				return
			}
			if err != nil || model.Architecture != "llama" || model.ContextTokens != 2048 || !model.Chat || model.Parameters != 64 {
				t.Errorf("got %+v, %v", model, err)
			}
		})
	}
}

func FuzzGGUF(f *testing.F) {
	f.Add(ggufFile(nil))
	f.Add(ggufFile(func(p *ggufParts) { p.kind = 12; p.splits = 1 }))
	f.Add([]byte("GGUF\x03\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		model, err := parseGGUF(bytes.NewReader(data), int64(len(data)))
		if err == nil && (model.Parameters == 0 || model.Version < 2) {
			t.Errorf("accepted %+v", model)
		}
	})
}

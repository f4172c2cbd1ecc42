package native_test

import (
	"os"
	"testing"

	"twombly/internal/native"
	"twombly/internal/native/nativetest"
)

// The header's arithmetic is exact on real files: they end where their last weight does.
func TestRealGGUF(t *testing.T) {
	for id, want := range map[string]native.GGUF{
		"smollm2-135m-instruct-q4_1":         {Architecture: "llama", ContextTokens: 8192, Parameters: 134515008, Bytes: 98362432},
		"qwen2.5-coder-1.5b-instruct-q4_k_m": {Architecture: "qwen2", ContextTokens: 32768, Parameters: 1777088000, Bytes: 1117320768},
	} {
		t.Run(id, func(t *testing.T) {
			got, err := native.CheckGGUF(nativetest.Path(t, id, "model.gguf"))
			if err != nil {
				t.Fatal(err)
			}
			if got.Architecture != want.Architecture || got.ContextTokens != want.ContextTokens || got.Parameters != want.Parameters || got.Bytes != want.Bytes || !got.Chat {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// The package registries really have what the manifest says. It needs a network, so it runs only when asked for.
func TestRegistries(t *testing.T) {
	if os.Getenv("TWOMBLY_TEST_REGISTRIES") == "" {
		t.Skip("set TWOMBLY_TEST_REGISTRIES=1 to fetch from the real registries")
	}
	entries := native.Manifest()
	for i := range entries {
		entries[i].System = nil // the package is what is tested
		for j, group := range entries[i].Groups {
			entries[i].Groups[j].Sources = group.Sources[len(group.Sources)-1:]
		}
	}
	store, err := native.Open(native.Options{Dir: t.TempDir(), Entries: entries})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"silero-vad", "smart-turn", "libopus", "llama.cpp", "english-phonemes", "e5-small-v2"} { // one by each client
		t.Run(id, func(t *testing.T) {
			if err := store.Get(t.Context(), id, nil); err != nil {
				t.Fatal(err)
			}
			if err := store.Verify(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
}

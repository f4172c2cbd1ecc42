package vault

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write the fixture of the newest version; older ones are never written again")

// TestFixtures opens a key's record of every version that was ever written, in a file and behind a passphrase.
func TestFixtures(t *testing.T) {
	secret, err := KeyFromBytes([]byte("the fixtures' key of 32 bytes :)"))
	if err != nil {
		t.Fatal(err)
	}
	keeper := Keeper{Files: OSFiles(),
		Passphrase: func(context.Context, string) (string, error) { return "a heron by the weir", nil }}
	if *update {
		keeper.Folder = filepath.Join("testdata", "v1")
		if err := os.MkdirAll(keeper.Folder, 0o700); err != nil {
			t.Fatal(err)
		}
		for _, rest := range []Rest{InFile, BehindPassphrase} {
			if err := keeper.Put(t.Context(), string(rest), secret, rest); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, version := range []string{"v1"} {
		for _, rest := range []Rest{InFile, BehindPassphrase} {
			keeper.Folder = filepath.Join("testdata", version)
			key, err := keeper.Fetch(t.Context(), string(rest))
			if err != nil || !key.Equal(secret) {
				t.Errorf("%s, %s: %v", version, rest, err)
			}
		}
	}
}

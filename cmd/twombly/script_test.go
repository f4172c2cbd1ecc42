package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/rogpeppe/go-internal/testscript"

	"twombly/internal/config"
	"twombly/internal/journal"
	"twombly/internal/mind"
	"twombly/internal/mind/openaiserver"
	"twombly/internal/native"
	"twombly/internal/native/nativetest"
	"twombly/internal/people/control"
	"twombly/internal/vault"
	"twombly/internal/web/assets"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"twombly": main})
}

// TestScripts runs the program as people do. The scripts in testdata/script say what is typed and what must come of it.
func TestScripts(t *testing.T) {
	cache, err := native.DefaultDir()
	if err != nil {
		t.Fatal(err)
	}
	call, err := filepath.Abs(filepath.Join("testdata", "call.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			home := filepath.Join(env.WorkDir, "home")
			env.Setenv("HOME", home)
			env.Setenv("XDG_DATA_HOME", filepath.Join(home, "data"))
			env.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "config"))
			env.Setenv("XDG_CACHE_HOME", filepath.Join(home, "cache"))
			env.Setenv("MODELS", cache)
			env.Setenv("CALL", call)
			return os.MkdirAll(home, 0o700)
		},
		Condition: func(condition string) (bool, error) {
			switch condition {
			case "speech":
				return haveSpeech(t, cache)
			case "clips":
				return clipFile() != "", nil
			case "page":
				_, built := assets.App()
				return built, nil
			case "systemd":
				return needsSystemd() == nil, nil
			}
			return false, fmt.Errorf("no such condition: %s", condition)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"store": makeStore, "newer": makeNewer, "damage": damage, "hold": holdPort, "mind": startMind,
			"served": awaitServer, "clip": copyClip, "write": writeFile, "sealed": findTrace,
		},
	})
}

// haveSpeech says whether all that speech needs is here, by the rules of nativetest.
func haveSpeech(t *testing.T, cache string) (bool, error) {
	store, err := native.Open(native.Options{Dir: cache})
	if err != nil {
		return false, err
	}
	for _, id := range neededFor(configOfRemoteMind(), store) {
		if state := store.State(id); state.Condition == native.Absent {
			if os.Getenv(nativetest.RequireVariable) == "1" {
				return false, fmt.Errorf("%s is not in the cache; `twombly models fetch %s` fetches it", id, id)
			}
			t.Logf("%s is not in the cache: scripts that speak are skipped", id)
			return false, nil
		}
	}
	return true, nil
}

// check ends the script at an error.
func check(ts *testscript.TestScript, err error) {
	if err != nil {
		ts.Fatalf("%v", err)
	}
}

// makeStore makes a data folder with five moments: store DIR.
func makeStore(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	home, err := openHome(ctx, ts.MkAbs(args[0]), nil)
	check(ts, err)
	place, err := home.owner(ctx)
	check(ts, err)
	book, err := journal.Open(ctx, journal.Options{Place: place})
	check(ts, err)
	said := journal.Moment{Kind: journal.Said, Speaker: journal.Person, Channel: journal.Text, Trust: journal.TrustPerson,
		Zone: "Europe/Rome", Words: "Is it still raining?"}
	kept, err := book.Append(ctx, said)
	check(ts, err)
	const reply = "0192f0c0-0000-7000-8000-00000000f1f2"
	_, err = book.Append(ctx,
		journal.NewPlanned(kept[0].ID, "It has stopped,", journal.PlannedData{Reply: reply}),
		journal.NewPlanned(kept[0].ID, "and the sun is out.", journal.PlannedData{Reply: reply, Clause: 1, HeardWords: 3}),
		journal.NewHeard(reply, "It has stopped,", 900, journal.HeardData{Cut: true, Reason: "barge_in"}))
	check(ts, err)
	said.Words = "Then I will walk."
	_, err = book.Append(ctx, said)
	check(ts, errors.Join(err, book.Close(), home.house.Close()))
}

// makeNewer gives the house a version that only a later program knows: newer DIR.
func makeNewer(ts *testscript.TestScript, _ bool, args []string) {
	ctx := context.Background()
	home, err := openHome(ctx, ts.MkAbs(args[0]), nil)
	check(ts, err)
	check(ts, errors.Join(home.house.Database().Write(ctx, func(connection *sqlite3.Conn) error {
		return vault.Exec(connection, `UPDATE versions SET version=version+1 WHERE part='people'`)
	}), home.house.Close()))
}

// damage flips the bits of a page in the middle of each file that the pattern names: damage PATTERN.
func damage(ts *testscript.TestScript, _ bool, args []string) {
	paths, err := filepath.Glob(ts.MkAbs(args[0]))
	check(ts, err)
	if len(paths) == 0 {
		ts.Fatalf("nothing is at %s", args[0])
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		check(ts, err)
		for i := len(text) / 2; i < min(len(text), len(text)/2+4096); i++ {
			text[i] ^= 0xff
		}
		check(ts, os.WriteFile(path, text, 0o600))
	}
}

// holdPort listens at a port until the script ends, and says where in $HELD.
func holdPort(ts *testscript.TestScript, _ bool, _ []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(ts, err)
	ts.Defer(func() { _ = listener.Close() })
	ts.Setenv("HELD", listener.Addr().String())
}

// startMind starts a server of the OpenAI protocol until the script ends, and says where in $MIND.
func startMind(ts *testscript.TestScript, _ bool, _ []string) {
	server := httptest.NewServer(openaiserver.New(slog.New(slog.DiscardHandler), openaiserver.Model{ID: "parrot", Mind: parrot{}}).Handler())
	ts.Defer(server.Close)
	ts.Setenv("MIND", server.URL+"/v1")
}

// parrot is a mind that says how many words it was last told.
type parrot struct{}

func (parrot) Generate(_ context.Context, request mind.Request, emit func(mind.Delta) error) (mind.Usage, error) {
	last := request.Messages[len(request.Messages)-1].Content
	answer := fmt.Sprintf("I count %d words in that.", len(strings.Fields(last)))
	return mind.Usage{PromptTokens: 1, GeneratedTokens: 1, FinishReason: "stop"}, emit(mind.Delta{Text: answer})
}
func (parrot) Prefill(context.Context, mind.Request) error { return nil }
func (parrot) Forget(context.Context, string) error        { return nil }
func (parrot) Describe(context.Context) (mind.Description, error) {
	return mind.Description{Model: "parrot", Local: true}, nil
}

// awaitServer waits until a server has the data folder, and says where in $SERVER: served DIR.
func awaitServer(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	every := time.NewTicker(50 * time.Millisecond)
	defer every.Stop()
	for {
		client, err := control.Dial(ctx, ts.MkAbs(args[0]))
		if err == nil {
			status, err := client.Status(ctx)
			client.Close()
			check(ts, err)
			ts.Setenv("SERVER", strings.TrimPrefix(status.Address, "http://"))
			return
		}
		if !errors.Is(err, control.ErrNoServer) {
			ts.Fatalf("%v", err)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			ts.Fatalf("no server came")
		}
	}
}

// clipFile is a short recording of the test data, empty when there is none.
func clipFile() string {
	folder := os.Getenv("TWOMBLY_TEST_DATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "data")
	}
	path := filepath.Join(folder, "speech", "12_goforward.wav") // "go forward ten meters"
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path
}

// copyClip copies a recording to where the script wants it: clip FILE.
func copyClip(ts *testscript.TestScript, _ bool, args []string) {
	from, err := os.Open(clipFile())
	check(ts, err)
	defer from.Close()
	to, err := os.Create(ts.MkAbs(args[0]))
	check(ts, err)
	_, err = io.Copy(to, from)
	check(ts, errors.Join(err, to.Close()))
}

// writeFile writes a file of zero bytes of a size: write FILE BYTES.
func writeFile(ts *testscript.TestScript, _ bool, args []string) {
	var size int64
	_, err := fmt.Sscan(args[1], &size)
	check(ts, err)
	path := ts.MkAbs(args[0])
	check(ts, os.MkdirAll(filepath.Dir(path), 0o755))
	file, err := os.Create(path)
	check(ts, err)
	check(ts, errors.Join(file.Truncate(size), file.Close()))
}

// findTrace says in $TRACE what the newest sealed trace of a data folder is called: sealed DIR.
func findTrace(ts *testscript.TestScript, _ bool, args []string) {
	paths, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "people", "*", "call-*.jsonl"))
	check(ts, err)
	if len(paths) == 0 {
		ts.Fatalf("no sealed trace is in %s", args[0])
	}
	ts.Setenv("TRACE", filepath.Base(paths[len(paths)-1]))
}

// configOfRemoteMind are the settings of a server that thinks elsewhere.
func configOfRemoteMind() config.Config {
	return config.Config{Mind: config.Mind{Kind: "openai"}}
}

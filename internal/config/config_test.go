package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// parse runs the parser as the command does, with a second command whose --data is another thing.
func parse(t *testing.T, file string, arguments ...string) (Config, string, error) {
	t.Helper()
	// What the machine's own environment says must not decide the tests.
	for _, name := range []string{"TWOMBLY_CACHE", "TWOMBLY_DATA", "TWOMBLY_LISTEN"} {
		if value, set := os.LookupEnv(name); set && !strings.Contains(t.Name(), "environment") && !strings.Contains(t.Name(), "variable") {
			t.Setenv(name, value) // puts it back afterwards
			if err := os.Unsetenv(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Setenv("XDG_DATA_HOME", "/data-home")
	t.Setenv("XDG_CACHE_HOME", "/cache-home")
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	path := ""
	if file != "" {
		path = filepath.Join(t.TempDir(), "config.toml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var line struct {
		Serve struct {
			Config `embed:""`
		} `cmd:""`
		Bench struct {
			Data string `default:"clips"`
		} `cmd:""`
	}
	options, err := Options(path)
	if err != nil {
		return Config{}, "", err
	}
	parser, err := kong.New(&line, append(options, kong.Exit(func(int) { t.Fatal("the parser wanted to exit") }))...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = parser.Parse(arguments)
	return line.Serve.Config, line.Bench.Data, err
}

func TestPrecedence(t *testing.T) {
	const file = "listen = \"127.0.0.1:1\"\nallowed_hosts = [\"a.example\", \"b.example\"]\naccept_licences = true\n[mind]\nkind = \"openai\"\naddress = \"http://127.0.0.1:9/v1\"\n"
	t.Run("default", func(t *testing.T) {
		got, _, err := parse(t, "", "serve")
		if err != nil {
			t.Fatal(err)
		}
		if got.Listen != "127.0.0.1:7373" || got.Data != "/data-home/twombly" || got.Cache != "/cache-home/twombly" || got.Mind.Kind != "embedded" || got.Voice.Default != "warm" || got.Traces != "off" || got.LogLevel != "info" || got.AcceptLicences {
			t.Errorf("defaults: %+v", got)
		}
	})
	t.Run("file over default", func(t *testing.T) {
		got, _, err := parse(t, file, "serve")
		if err != nil {
			t.Fatal(err)
		}
		if got.Listen != "127.0.0.1:1" || len(got.AllowedHosts) != 2 || !got.AcceptLicences || got.Mind.Address != "http://127.0.0.1:9/v1" {
			t.Errorf("file: %+v", got)
		}
	})
	t.Run("environment over file", func(t *testing.T) {
		t.Setenv("TWOMBLY_LISTEN", "127.0.0.1:2")
		t.Setenv("TWOMBLY_ALLOWED_HOSTS", "c.example")
		got, _, err := parse(t, file, "serve")
		if err != nil {
			t.Fatal(err)
		}
		if got.Listen != "127.0.0.1:2" || len(got.AllowedHosts) != 1 || got.AllowedHosts[0] != "c.example" {
			t.Errorf("environment: %+v", got)
		}
	})
	t.Run("flag over environment", func(t *testing.T) {
		t.Setenv("TWOMBLY_LISTEN", "127.0.0.1:2")
		got, _, err := parse(t, file, "serve", "--listen=127.0.0.1:3")
		if err != nil {
			t.Fatal(err)
		}
		if got.Listen != "127.0.0.1:3" {
			t.Errorf("listen = %q", got.Listen)
		}
	})
	t.Run("an empty variable is no folder", func(t *testing.T) {
		t.Setenv("TWOMBLY_DATA", "")
		if got, _, err := parse(t, "", "serve"); err == nil || !strings.Contains(err.Error(), "must not be empty") {
			t.Errorf("data = %q, %v", got.Data, err)
		}
	})
	t.Run("a folder is made absolute", func(t *testing.T) {
		got, _, err := parse(t, "", "serve", "--data=~/her")
		if err != nil || !filepath.IsAbs(got.Data) || filepath.Base(got.Data) != "her" || strings.Contains(got.Data, "~") {
			t.Errorf("data = %q, %v", got.Data, err)
		}
	})
	t.Run("another command's flag of the same name is left alone", func(t *testing.T) {
		_, clips, err := parse(t, "data = \"/elsewhere\"\n", "bench")
		if err != nil || clips != "clips" {
			t.Errorf("bench --data = %q, %v", clips, err)
		}
	})
}

func TestFaults(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"misspelt key", `lisen = "127.0.0.1:1"`, `unknown key "lisen"; did you mean "listen"?`},
		{"misspelt key in a table", "[mind]\nmodle = \"x\"", `unknown key "mind.modle"; did you mean "mind.model"?`},
		{"misspelt table", "[mnid]\nmodel = \"x\"", `unknown key "mnid"; did you mean "mind"?`},
		{"nothing near", "zzzzzzzzzzzz = 1", `unknown key "zzzzzzzzzzzz"; "twombly config show"`},
		{"all faults at once", "lisen = 1\ndtaa = 2", `did you mean "data"?`},
		{"wrong type", "listen = 7373", "listen must be a string"},
		{"wrong list", `allowed_hosts = "a"`, "allowed_hosts must be a list"},
		{"wrong element", `allowed_hosts = [1]`, "must be a list of strings"},
		{"wrong bool", `accept_licences = "yes"`, "must be true or false"},
		{"wrong choice", `log_level = "loud"`, "must be one of debug, info, warn, error"},
		{"value where a table belongs", `mind = "embedded"`, `unknown key "mind"`},
		{"broken", "listen = \n", "line 1 is not TOML"},
		{"newer", "version = 2", "use a newer twombly"},
		{"no version", "version = \"one\"", "version must be a whole number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := parse(t, test.file, "serve")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

func TestChosenFileMustExist(t *testing.T) {
	if _, err := Options(filepath.Join(t.TempDir(), "none.toml")); err == nil || !strings.Contains(err.Error(), "twombly config write") {
		t.Errorf("got %v", err)
	}
}

func TestValidate(t *testing.T) {
	for _, test := range []struct {
		name      string
		arguments []string
		want      string // empty: accepted
	}{
		{"loopback 4", []string{"--listen=127.8.8.8:80"}, ""},
		{"loopback 6", []string{"--listen=[::1]:0"}, ""},
		{"localhost", []string{"--listen=localhost:7373"}, ""},
		{"everywhere", []string{"--listen=0.0.0.0:7373"}, "refused until sign-in exists"},
		{"everywhere, unsaid", []string{"--listen=:7373"}, "refused until sign-in exists"},
		{"everywhere 6", []string{"--listen=[::]:7373"}, "refused until sign-in exists"},
		{"the house's network", []string{"--listen=192.168.1.2:7373"}, "refused until sign-in exists"},
		{"a name", []string{"--listen=her.example:7373"}, "refused until sign-in exists"},
		{"no port", []string{"--listen=127.0.0.1"}, "an address and a port"},
		{"odd port", []string{"--listen=127.0.0.1:http"}, "a number from 0 to 65535"},
		{"host", []string{"--allowed-hosts=her.example,her.example:8443"}, ""},
		{"any host", []string{"--allowed-hosts=*"}, "allowed_hosts must hold"},
		{"host with scheme", []string{"--allowed-hosts=https://her.example"}, "allowed_hosts must hold"},
		{"host in capitals", []string{"--allowed-hosts=Her.example"}, "lower case"},
		{"origin", []string{"--allowed-origins=http://localhost:3000"}, ""},
		{"any origin", []string{"--allowed-origins=*"}, "allowed_origins must hold"},
		{"no origin", []string{"--allowed-origins=null"}, "allowed_origins must hold"},
		{"origin with a path", []string{"--allowed-origins=http://localhost:3000/"}, "allowed_origins must hold"},
		{"remote mind", []string{"--mind-kind=openai", "--mind-address=http://127.0.0.1:1/v1"}, ""},
		{"remote mind without address", []string{"--mind-kind=openai"}, "needs the server's address"},
		{"remote mind with password", []string{"--mind-kind=openai", "--mind-address=http://a:b@127.0.0.1/v1"}, "must not hold a password"},
		{"address without kind", []string{"--mind-address=http://127.0.0.1:1/v1"}, "its kind is \"embedded\""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := parse(t, "", append([]string{"serve"}, test.arguments...)...)
			if test.want == "" && err != nil {
				t.Errorf("refused: %v", err)
			}
			if test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %v, want %q in it", err, test.want)
			}
		})
	}
}

// TestDocument uncomments every key of the written file and reads it back: each default must be accepted and be the
// default, and no setting may lack a tag.
func TestDocument(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "config.toml")
	if err := Write(path); err != nil {
		t.Fatal(err)
	}
	if err := Write(path); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("written twice: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plain := string(text)
	for _, leaf := range settings() {
		if leaf.key == "" || leaf.help == "" || leaf.environment == "" {
			t.Errorf("a setting without key, help or environment: %+v", leaf)
		}
		wantVariable := "TWOMBLY_" + strings.ToUpper(strings.ReplaceAll(leaf.flag, "-", "_"))
		if leaf.environment != wantVariable {
			t.Errorf("%s: the variable is %s, the flag says %s", leaf.key, leaf.environment, wantVariable)
		}
		if want := strings.ReplaceAll(strings.ReplaceAll(leaf.key, ".", "-"), "_", "-"); want != leaf.flag {
			t.Errorf("%s: the flag is %s, the key says %s", leaf.key, leaf.flag, want)
		}
		_, name := leaf.table()
		commented := "\n# " + name + " = "
		if strings.Count(plain, commented) != 1 {
			t.Fatalf("%s stands %d times in the file", leaf.key, strings.Count(plain, commented))
		}
		plain = strings.Replace(plain, commented, "\n"+name+" = ", 1)
	}
	untouched, _, err := parse(t, "", "serve")
	if err != nil {
		t.Fatal(err)
	}
	// The written defaults are of the home this test ran in, not of the one that parse pretends.
	data, _ := DefaultData()
	cache, _ := DefaultCache()
	got, _, err := parse(t, plain, "serve", "--data="+untouched.Data, "--cache="+untouched.Cache)
	if err != nil {
		t.Fatalf("%v (data %s, cache %s)\n%s", err, data, cache, plain)
	}
	if got.Listen != untouched.Listen || got.Mind.Kind != untouched.Mind.Kind || got.Mind.Model != "" || got.Mind.KeyFile != "" || len(got.AllowedHosts) != 0 || got.Traces != untouched.Traces {
		t.Errorf("the written file changes the defaults: %+v", got)
	}
}

func TestKey(t *testing.T) {
	write := func(text string, mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), "key")
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct{ name, path, key, want string }{
		{"none", "", "", ""},
		{"good", write("secret\n", 0o600), "secret", ""},
		{"open to others", write("secret\n", 0o644), "", "chmod 600"},
		{"empty", write("\n", 0o600), "", "one line"},
		{"two lines", write("a\nb\n", 0o600), "", "one line"},
		{"another file", write(strings.Repeat("x", maxKeyBytes+1), 0o600), "", "the right file"},
		{"missing", "/nowhere/key", "", "no such file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			key, err := Mind{KeyFile: test.path}.Key()
			if key != test.key || (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got %q, %v", key, err)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(Document()))
	f.Add("listen = 1\n[mind]\nkind = []")
	f.Add("[mind.kind]\nx = 1")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, leaf := range settings() {
			if value, present := file.values[leaf.key]; present && leaf.check(value) != nil {
				t.Errorf("%s was accepted with %v", leaf.key, value)
			}
		}
	})
}

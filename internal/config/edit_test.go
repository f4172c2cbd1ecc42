package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEdit(t *testing.T) {
	change := []Change{{"mind.kind", "openai"}, {"mind.address", "http://127.0.0.1:1/v1"}, {"mind.key_file", ""}}
	for name, test := range map[string]struct{ before, after string }{
		"keys that are there": {
			"# mine\nlisten = \"127.0.0.1:1\" # why\n\n[mind] # hers\nkind = \"embedded\"\naddress = \"http://x\"\nkey_file = \"/k\"\n",
			"# mine\nlisten = \"127.0.0.1:1\" # why\n\n[mind] # hers\nkind = \"openai\"\naddress = \"http://127.0.0.1:1/v1\"\n# key_file = \"/k\"\n",
		},
		"no table": {
			"# mine\n",
			"# mine\n\n[mind]\nkind = \"openai\"\naddress = \"http://127.0.0.1:1/v1\"\n",
		},
		"commented keys, and a table after": {
			"[mind]\n# Where.\n# kind = \"embedded\"\n\n[voice]\ndefault = \"warm\"\n",
			"[mind]\n# Where.\nkind = \"openai\"\naddress = \"http://127.0.0.1:1/v1\"\n\n[voice]\ndefault = \"warm\"\n",
		},
		"an empty table, lines of Windows": {
			"[mind]\r\n\r\n[voice]\r\n",
			"[mind]\r\nkind = \"openai\"\r\naddress = \"http://127.0.0.1:1/v1\"\r\n\r\n[voice]\r\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(path, []byte(test.before), 0o600); err != nil {
				t.Fatal(err)
			}
			kept, err := Edit(path, change)
			if err != nil {
				t.Fatal(err)
			}
			after, _ := os.ReadFile(path)
			before, _ := os.ReadFile(kept)
			if string(after) != test.after || string(before) != test.before {
				t.Errorf("it is now\n%s\nand was\n%s", after, before)
			}
		})
	}
}

func TestEditMakesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "config.toml")
	kept, err := Edit(path, []Change{{"mind.model", `C:\models\"x".gguf`}})
	if err != nil || kept != "" {
		t.Fatal(kept, err)
	}
	text, _ := os.ReadFile(path)
	file, err := Parse(strings.NewReader(string(text)))
	if err != nil || file.values["mind.model"] != `C:\models\"x".gguf` || len(file.values) != 1 {
		t.Errorf("%v, %v", file, err)
	}
	if !strings.Contains(string(text), "Base address of the server") {
		t.Error("the explanations are gone")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestEditRefuses(t *testing.T) {
	for name, before := range map[string]string{
		"what is no configuration": "kind = ",
		"an inline table":          "mind = { kind = \"embedded\" }\n",
		"a dotted key":             "mind.kind = \"embedded\"\n",
		"a key over many lines":    "[mind]\nkind = \"\"\"embed\\\nded\"\"\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "config.toml")
			if err := os.WriteFile(path, []byte(before), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Edit(path, []Change{{"mind.kind", "openai"}}); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("answered %v", err)
			}
			if after, _ := os.ReadFile(path); string(after) != before {
				t.Errorf("the file became %s", after)
			}
		})
	}
}

package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// documentWidth is how long a comment line of the file may be, in characters.
const documentWidth = 100

// Document is the whole configuration file with every key explained and commented out at its default, so that the file
// as written changes nothing. It is made from the tags of [Config].
func Document() []byte {
	var out bytes.Buffer
	out.WriteString("# Twombly's configuration. Every key stands here with its default; take away the \"# \" before a key to change it.\n")
	out.WriteString("# A flag or an environment variable of the same name is above this file.\n\n")
	fmt.Fprintf(&out, "version = %d\n", Version)
	current := ""
	for _, leaf := range settings() {
		table, name := leaf.table()
		if table != current && table != "" {
			fmt.Fprintf(&out, "\n[%s]\n", table)
		}
		current = table
		out.WriteByte('\n')
		for _, line := range wrap(leaf.help, documentWidth-2) {
			fmt.Fprintf(&out, "# %s\n", line)
		}
		if len(leaf.choices) > 0 {
			fmt.Fprintf(&out, "# One of: %s.\n", strings.Join(leaf.choices, ", "))
		}
		fmt.Fprintf(&out, "# (--%s, %s)\n", leaf.flag, leaf.environment)
		fmt.Fprintf(&out, "# %s = %s\n", name, leaf.literal())
	}
	return out.Bytes()
}

// literal is the setting's default as TOML. Defaults that depend on the machine are written for this machine.
func (s setting) literal() string {
	switch s.kind {
	case reflect.Bool:
		return strconv.FormatBool(s.fallback == "true")
	case reflect.Slice:
		return "[]"
	}
	value := s.fallback
	switch value {
	case "${twombly_data}":
		value, _ = DefaultData() // an account without a home folder sees an empty default here and a sentence at the start
	case "${twombly_cache}":
		value, _ = DefaultCache()
	}
	return strconv.Quote(value)
}

// Write writes the documented file to path, readable by its owner alone, and never over one that exists.
func Write(path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("making the folder of the configuration file: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s exists already and is left as it is", path)
	}
	if err != nil {
		return fmt.Errorf("writing the configuration file: %w", err)
	}
	_, writeError := file.Write(Document())
	if err := errors.Join(writeError, file.Close()); err != nil {
		return fmt.Errorf("writing the configuration file: %w", err)
	}
	return nil
}

// wrap breaks text at spaces into lines of at most width bytes, where its words allow.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

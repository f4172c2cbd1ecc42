package config

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Change is one key's new value in the configuration file.
type Change struct {
	// Key is the key with its table, as in "mind.model". Only keys that hold a string can be changed.
	Key string
	// Value is the new value; empty takes the key out, so that its default counts again.
	Value string
}

// Edit changes keys in the file at path and leaves every other line, comments included, as it is. A file that is not there
// is first made with its explanations. What the file was is kept beside it as path + ".before", or answered as an empty
// kept when there was none. A result that could not be read back as it is meant is never written.
func Edit(path string, changes []Change) (kept string, err error) {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		text = Document()
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return "", fmt.Errorf("making the folder of the configuration file: %w", err)
		}
	case err != nil:
		return "", fmt.Errorf("opening the configuration file: %w", err)
	default:
		kept = path + ".before"
	}
	edited, err := edit(text, changes)
	if err != nil {
		return "", fmt.Errorf("the configuration file %s: %w; nothing was changed", path, err)
	}
	if kept != "" {
		if err := replace(kept, text); err != nil {
			return "", err
		}
	}
	return kept, replace(path, edited)
}

// replace writes a file whole or not at all.
func replace(path string, text []byte) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // readable by its owner alone
	if err != nil {
		return fmt.Errorf("writing the configuration file: %w", err)
	}
	_, writeError := file.Write(text)
	err = errors.Join(writeError, file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the configuration file: %w", errors.Join(err, os.Remove(file.Name())))
	}
	return nil
}

// edit makes the new text and reads it back.
func edit(text []byte, changes []Change) ([]byte, error) {
	if _, err := Parse(bytes.NewReader(text)); err != nil {
		return nil, err
	}
	newline := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		newline = "\r\n"
	}
	lines := strings.Split(strings.TrimSuffix(string(text), newline), newline)
	for _, change := range changes {
		lines = setLine(lines, change)
	}
	edited := []byte(strings.Join(lines, newline) + newline)
	file, err := Parse(bytes.NewReader(edited))
	if err != nil {
		return nil, err
	}
	for _, change := range changes {
		value, present := file.values[change.Key]
		if present != (change.Value != "") || present && value != any(change.Value) {
			return nil, fmt.Errorf("%s is written there in a way that only a person can change", change.Key)
		}
	}
	return edited, nil
}

var tableHeader = regexp.MustCompile(`^\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$`)

// setLine puts a key's line in the place of its old one, of its commented one, or at the end of its table.
func setLine(lines []string, change Change) []string {
	table, name := setting{key: change.Key}.table()
	assignment := regexp.MustCompile(`^(\s*#)?\s*` + regexp.QuoteMeta(name) + `\s*=`)
	line := name + " = " + strconv.Quote(change.Value)
	current, last := "", -1 // last is the table's last line that says something
	live, commented := -1, -1
	for i, old := range lines {
		if header := tableHeader.FindStringSubmatch(old); header != nil {
			current = header[1]
		}
		if current != table {
			continue
		}
		if strings.TrimSpace(old) != "" {
			last = i
		}
		if matched := assignment.FindStringSubmatch(old); matched != nil {
			if matched[1] == "" {
				live = i
			} else {
				commented = i
			}
		}
	}
	switch {
	case change.Value == "" && live >= 0:
		lines[live] = "# " + lines[live]
	case change.Value == "":
	case live >= 0:
		lines[live] = line
	case commented >= 0:
		lines[commented] = line
	case last >= 0:
		lines = slices.Insert(lines, last+1, line)
	case table == "":
		lines = slices.Insert(lines, 0, line)
	default:
		lines = append(lines, "", "["+table+"]", line)
	}
	return lines
}

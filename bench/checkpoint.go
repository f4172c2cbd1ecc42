package bench

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// checkpoint keeps the turns that were done, one JSON line each, so that a run that was stopped goes on. Its name comes
// from everything that the turns depend on; another commit or other options are another run.
type checkpoint[T any] struct {
	path string
	file *os.File
	// done are the turns of the run before.
	done []T
}

// openCheckpoint finds the notes of an unfinished run of the same kind. key is what the turns depend on.
func openCheckpoint[T any](r *runner, name string, key ...any) (*checkpoint[T], error) {
	c := &checkpoint[T]{}
	if r.Checkpoints == "" {
		return c, nil
	}
	build, err := thisBuild()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(append(key, r.Commit, build))
	if err != nil {
		return nil, fmt.Errorf("name a checkpoint: %w", err)
	}
	if err := os.MkdirAll(r.Checkpoints, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of checkpoints: %w", err)
	}
	hash := sha256.Sum256(text)
	c.path = filepath.Join(r.Checkpoints, name+"-"+hex.EncodeToString(hash[:6])+".jsonl")
	if r.Fresh {
		if err := os.Remove(c.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("forget a checkpoint: %w", err)
		}
	}
	if err := c.read(); err != nil {
		return nil, err
	}
	if c.file, err = os.OpenFile(c.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("open a checkpoint: %w", err)
	}
	if len(c.done) > 0 {
		r.say("going on after %d done before (%s)", len(c.done), c.path)
	}
	return c, nil
}

// thisBuild tells this executable from others of the same commit.
func thisBuild() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("find this program: %w", err)
	}
	return fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano()), nil
}

// read takes the whole lines of a checkpoint; a torn last one is cut off.
func (c *checkpoint[T]) read() error {
	text, err := os.ReadFile(c.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read a checkpoint: %w", err)
	}
	good := 0
	for good < len(text) {
		n, line, _ := bufio.ScanLines(text[good:], false)
		var turn T
		if n == 0 || json.Unmarshal(line, &turn) != nil {
			break
		}
		c.done = append(c.done, turn)
		good += n
	}
	if good < len(text) {
		if err := os.Truncate(c.path, int64(good)); err != nil {
			return fmt.Errorf("mend a checkpoint: %w", err)
		}
	}
	return nil
}

// note keeps a turn.
func (c *checkpoint[T]) note(turn T) error {
	if c.file == nil {
		return nil
	}
	text, err := json.Marshal(turn)
	if err == nil {
		_, err = c.file.Write(append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("note a turn: %w", err)
	}
	return nil
}

// close keeps the notes for the next time, or removes them when the run is complete.
func (c *checkpoint[T]) close(complete bool) error {
	if c.file == nil {
		return nil
	}
	err := c.file.Close()
	if complete {
		err = errors.Join(err, os.Remove(c.path))
	}
	return err
}

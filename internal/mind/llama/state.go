package llama

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	yzma "github.com/hybridgroup/yzma/pkg/llama"
)

// stateFiles keeps computed personas between starts. A file is a magic line, the SHA-256 of what follows, and
// llama.cpp's own state of a sequence. A file that is not whole is as good as none.
type stateFiles struct {
	folder      string
	fingerprint [sha256.Size]byte
	log         *slog.Logger
}

const (
	stateMagic  = "twombly persona state 1\n"
	stateSuffix = ".state"
	// stateLayout names how the library lays a state out, as it is opened here: without flash attention values are transposed.
	stateLayout = "transposed"
	// keptStates is how many files are kept: one is 42 MB for 1,500 tokens of the 1.5B model.
	keptStates = 4
)

// newStateFiles prepares the folder for a model; an empty folder keeps nothing.
func newStateFiles(options Options, log *slog.Logger) (*stateFiles, error) {
	fingerprint, err := modelFingerprint(options.Model)
	if err != nil {
		return nil, err
	}
	if options.StateFolder != "" {
		if err := os.MkdirAll(options.StateFolder, 0o700); err != nil {
			return nil, fmt.Errorf("llama: folder for computed personas: %w", err)
		}
	}
	return &stateFiles{folder: options.StateFolder, fingerprint: fingerprint, log: log}, nil
}

// modelFingerprint tells models apart without reading a gigabyte: size, and the first and last MiB, which hold all
// metadata and the end of the weights.
func modelFingerprint(path string) (sum [sha256.Size]byte, err error) {
	file, err := os.Open(path)
	if err != nil {
		return sum, fmt.Errorf("llama: model file: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return sum, fmt.Errorf("llama: model file: %w", err)
	}
	const end = 1 << 20
	hash := sha256.New()
	fmt.Fprintf(hash, "%s %s %d\n", libraryVersion, stateLayout, info.Size())
	for _, start := range []int64{0, max(info.Size()-end, 0)} {
		if _, err := io.Copy(hash, io.NewSectionReader(file, start, end)); err != nil {
			return sum, fmt.Errorf("llama: model file: %w", err)
		}
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}

// key names the state of these tokens for this model and library.
func (s *stateFiles) key(tokens []yzma.Token) string {
	hash := sha256.New()
	hash.Write(s.fingerprint[:])
	for _, token := range tokens {
		var number [4]byte
		binary.LittleEndian.PutUint32(number[:], uint32(token))
		hash.Write(number[:])
	}
	return hex.EncodeToString(hash.Sum(nil))
}

func (s *stateFiles) path(key string) string { return filepath.Join(s.folder, key+stateSuffix) }

// load returns the saved state, or nil when there is none that is whole.
func (s *stateFiles) load(key string) []byte {
	if s.folder == "" {
		return nil
	}
	data, err := os.ReadFile(s.path(key))
	if err != nil {
		if !os.IsNotExist(err) {
			s.log.Warn("a computed persona can't be read and is computed again", "error", err)
		}
		return nil
	}
	rest, found := bytes.CutPrefix(data, []byte(stateMagic))
	if !found || len(rest) < sha256.Size {
		s.remove(key)
		return nil
	}
	state := rest[sha256.Size:]
	if sum := sha256.Sum256(state); !bytes.Equal(sum[:], rest[:sha256.Size]) {
		s.log.Warn("a computed persona was damaged and is computed again")
		s.remove(key)
		return nil
	}
	return state
}

// remove deletes a state that is of no use.
func (s *stateFiles) remove(key string) {
	if s.folder == "" {
		return
	}
	if err := os.Remove(s.path(key)); err != nil && !os.IsNotExist(err) {
		s.log.Warn("a computed persona can't be removed", "error", err)
	}
}

// save writes the state of a persona's slot. Failing costs only time after the next start, so it is logged.
func (s *stateFiles) save(engine *engine, slot *slot) {
	if s.folder == "" {
		return
	}
	if err := s.write(engine, slot); err != nil {
		s.log.Warn("a computed persona could not be saved", "error", err)
	}
}

func (s *stateFiles) write(engine *engine, slot *slot) error {
	state, err := engine.saveState(slot.sequence)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(s.folder, "unfinished-*")
	if err != nil {
		return fmt.Errorf("llama: saving a persona: %w", err)
	}
	defer os.Remove(file.Name()) // gone already when all went well
	sum := sha256.Sum256(state)
	for _, part := range [][]byte{[]byte(stateMagic), sum[:], state} {
		if _, err := file.Write(part); err != nil {
			file.Close()
			return fmt.Errorf("llama: saving a persona: %w", err)
		}
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("llama: saving a persona: %w", err)
	}
	if err := os.Rename(file.Name(), s.path(slot.persona)); err != nil {
		return fmt.Errorf("llama: saving a persona: %w", err)
	}
	return s.prune()
}

// prune deletes the oldest files beyond keptStates.
func (s *stateFiles) prune() error {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return fmt.Errorf("llama: folder of personas: %w", err)
	}
	var files []os.FileInfo
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && strings.HasSuffix(entry.Name(), stateSuffix) {
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b os.FileInfo) int { return cmp.Compare(b.ModTime().UnixNano(), a.ModTime().UnixNano()) })
	for _, old := range files[min(keptStates, len(files)):] {
		if err := os.Remove(filepath.Join(s.folder, old.Name())); err != nil {
			return fmt.Errorf("llama: removing an old persona: %w", err)
		}
	}
	return nil
}

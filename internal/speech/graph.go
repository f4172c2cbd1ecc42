package speech

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/cpu"

	"twombly/internal/native/onnx"
)

// graph is the synthesiser's net, changed as this package needs it and rewritten by ONNX Runtime for this processor. That
// takes a second, and whoever lost her voice in mid-sentence waits for it: so the outcome is kept in a file, from which a
// session is made in a third of a second. The file is a cache: without it everything works, later.
type graph struct {
	lib   *onnx.Library
	model string
	kept  string // path of the kept file; empty when none is kept

	lock  sync.Mutex
	bytes []byte // the changed net, once it was needed
}

const (
	// graphEdits is the version of this package's changes to the net: another version is kept in another file.
	graphEdits = 2
	graphFiles = "kokoro-*.onnx"
)

// openGraph returns the net of a model's file. Its kept file lies in folder, if that is not empty.
func openGraph(lib *onnx.Library, library, model, folder string) (*graph, error) {
	g := &graph{lib: lib, model: model}
	if folder == "" {
		return g, nil
	}
	// What ONNX Runtime makes of it depends on its version and on the processor.
	hash := sha256.New()
	fmt.Fprintf(hash, "%d %t %t %t\n", graphEdits, hasByteDotProduct(), cpu.X86.HasAVX512F, cpu.X86.HasAVX2)
	for _, path := range []string{library, model} {
		info, err := os.Stat(path)
		if err != nil {
			return nil, fmt.Errorf("load synthesis: %w", err)
		}
		fmt.Fprintf(hash, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
	}
	g.kept = filepath.Join(folder, "kokoro-"+hex.EncodeToString(hash.Sum(nil)[:12])+".onnx")
	return g, nil
}

// session makes a session that works with so many threads. With keep, a net that was not kept yet is.
func (g *graph) session(threads int, keep bool) (*onnx.Session, error) {
	options := onnx.SessionOptions{
		Threads: threads, NoMemoryPattern: true, // each input has another length
		// A run has a thousand short shares of work: to wake a thread for each takes longer than many of them. The cores are this net's
		// own meanwhile (package cores), and nobody spins behind the end of a run.
		Spin: threads > 1, Config: map[string]string{"session.force_spinning_stop": "1"},
	}
	if g.kept != "" {
		ready := options
		ready.Optimization = onnx.OptimizeNothing
		if _, err := os.Stat(g.kept); err == nil {
			if session, err := g.lib.NewSessionFromFile(g.kept, ready); err == nil {
				return session, nil
			}
			// It is damaged. The next one takes its place.
		}
	}
	changed, err := g.changed()
	if err != nil {
		return nil, fmt.Errorf("load synthesis from %s: %w", g.model, err)
	}
	if keep && g.kept != "" {
		if session, err := g.keep(changed, options); err == nil {
			return session, nil
		}
		// No space, or a folder that can't be written to: she speaks all the same.
	}
	session, err := g.lib.NewSession(changed, options)
	if err != nil {
		return nil, fmt.Errorf("load synthesis from %s: %w", g.model, err)
	}
	return session, nil
}

// keep makes a session and keeps what ONNX Runtime made of the net, in the place of older ones.
func (g *graph) keep(changed []byte, options onnx.SessionOptions) (_ *onnx.Session, err error) {
	options.OptimizedPath = fmt.Sprintf("%s.%d.unfinished", g.kept, os.Getpid())
	defer func() {
		if removeErr := os.Remove(options.OptimizedPath); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}()
	if err := os.MkdirAll(filepath.Dir(g.kept), 0o700); err != nil {
		return nil, err
	}
	session, err := g.lib.NewSession(changed, options)
	if err != nil {
		return nil, err
	}
	older, err := filepath.Glob(filepath.Join(filepath.Dir(g.kept), graphFiles))
	if err == nil {
		err = os.Rename(options.OptimizedPath, g.kept)
	}
	for _, path := range older {
		if path != g.kept && err == nil {
			err = os.Remove(path)
		}
	}
	if err != nil {
		session.Close()
		return nil, err
	}
	return session, nil
}

// changed reads the net and changes it, once.
func (g *graph) changed() ([]byte, error) {
	g.lock.Lock()
	defer g.lock.Unlock()
	if g.bytes != nil {
		return g.bytes, nil
	}
	changed, err := os.ReadFile(g.model)
	if err == nil && hasByteDotProduct() {
		changed, _, err = onnx.MultiplyConvolutions(changed)
	}
	if err == nil {
		changed, _, err = onnx.Accelerate(changed)
	}
	if err == nil {
		changed, err = onnx.Apply(changed, kokoroPatch())
	}
	if err != nil {
		return nil, err
	}
	g.bytes = changed
	return changed, nil
}

// hasByteDotProduct says whether the processor multiplies and adds bytes in one instruction, without saturation.
func hasByteDotProduct() bool { return cpu.X86.HasAVX512VNNI || cpu.X86.HasAVXVNNI }

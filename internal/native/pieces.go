package native

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A file that is made of pieces grows in .partial/<id>/<name>.pieces, each piece written at its place, in whatever order
// they come. A piece that is complete, verified and on disk is noted in a second file beside it, one hash a line, so that
// an interrupted fetch goes on with the others.

const partialFolder = ".partial"

func (s *Store) partialPath(entry Entry, name, suffix string) string {
	return filepath.Join(s.dir, partialFolder, entry.ID, filepath.FromSlash(name)+suffix)
}

const (
	piecesSuffix   = ".pieces"
	doneSuffix     = ".pieces-done"
	downloadSuffix = ".download"
	packageFolder  = "package-"
)

// donePieces are the hashes of the pieces of a file that are here.
func (s *Store) donePieces(entry Entry, name string) []string {
	if _, err := os.Stat(s.partialPath(entry, name, piecesSuffix)); err != nil {
		return nil
	}
	notes, err := os.Open(s.partialPath(entry, name, doneSuffix))
	if err != nil {
		return nil
	}
	defer notes.Close()
	var hashes []string
	for lines := bufio.NewScanner(notes); lines.Scan(); {
		hashes = append(hashes, lines.Text())
	}
	return hashes
}

// needed are the pieces of an artefact that belong to missing files and are not here yet.
func (s *Store) needed(entry Entry, artefact Artefact, missing []File) []Piece {
	var pieces []Piece
	for _, piece := range artefact.Pieces {
		wanted := slices.ContainsFunc(missing, func(f File) bool { return f.Name == piece.File })
		if wanted && (artefact.Via == HTTPS || !slices.Contains(s.donePieces(entry, piece.File), piece.SHA256)) {
			pieces = append(pieces, piece)
		}
	}
	return pieces
}

// partialBytes is how much of a file's final size is on the disk already.
func (s *Store) partialBytes(entry Entry, file File) int64 {
	var bytes int64
	done := s.donePieces(entry, file.Name)
	for _, group := range entry.Groups {
		for _, source := range group.Sources {
			for _, artefact := range source.Artefacts {
				for _, piece := range artefact.Pieces {
					if piece.File == file.Name && artefact.Via != HTTPS && slices.Contains(done, piece.SHA256) {
						bytes += piece.Bytes
					}
				}
			}
		}
	}
	if info, err := os.Stat(s.partialPath(entry, file.Name, downloadSuffix)); err == nil {
		bytes = max(bytes, info.Size())
	}
	return min(bytes, file.Bytes)
}

func (s *Store) hasPartial(id string) bool {
	_, err := os.Stat(filepath.Join(s.dir, partialFolder, id))
	return err == nil
}

// writePiece copies a piece from its member to its place in the growing file, verifies it and notes it as done. member
// begins at the member's beginning. No more than the declared bytes are ever read.
func (s *Store) writePiece(ctx context.Context, entry Entry, piece Piece, member io.Reader) (err error) {
	path := s.partialPath(entry, piece.File, piecesSuffix)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	out, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.CopyN(io.Discard, member, piece.Skip); err != nil {
		return fmt.Errorf("%s: %w before the piece begins", piece.Member, cutShort(err))
	}
	hash := sha256.New()
	to := io.MultiWriter(io.NewOffsetWriter(out, piece.At), hash)
	if n, err := io.CopyN(to, readerWithContext{ctx, member}, piece.Bytes); err != nil {
		return fmt.Errorf("%s: %w after %d of %d bytes", piece.Member, cutShort(err), n, piece.Bytes)
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != piece.SHA256 {
		return fmt.Errorf("%s: %w: %s…, %s… expected", piece.Member, ErrHash, sum[:12], piece.SHA256[:12])
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return s.notePiece(entry, piece)
}

func (s *Store) notePiece(entry Entry, piece Piece) (err error) {
	s.stamping.Lock()
	defer s.stamping.Unlock()
	notes, err := os.OpenFile(s.partialPath(entry, piece.File, doneSuffix), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, notes.Close()) }()
	_, err = fmt.Fprintln(notes, piece.SHA256)
	return err
}

// finishPieces verifies a file whose pieces are all here and puts it in place. One that is not right after all (something
// else wrote to it) is thrown away.
func (s *Store) finishPieces(ctx context.Context, entry Entry, file File) error {
	path := s.partialPath(entry, file.Name, piecesSuffix)
	if err := hashPath(ctx, path, file); err != nil {
		if errors.Is(err, ErrHash) || errors.Is(err, ErrTruncated) {
			err = errors.Join(err, removeIfThere(path), removeIfThere(s.partialPath(entry, file.Name, doneSuffix)))
		}
		return fmt.Errorf("%s: %w", file.Name, err)
	}
	if err := s.install(entry, file, path); err != nil {
		return err
	}
	return removeIfThere(s.partialPath(entry, file.Name, doneSuffix))
}

// sweep removes the clients' working folders that a killed run left. It needs the lock.
func (s *Store) sweep() error {
	left, err := filepath.Glob(filepath.Join(s.dir, partialFolder, "*", packageFolder+"*"))
	if err != nil {
		return fmt.Errorf("native: %w", err)
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("native: %w", err)
		}
	}
	return nil
}

// tidy removes what fetching left of an entry that is complete.
func (s *Store) tidy(entry Entry) error {
	switch s.State(entry.ID).Condition {
	case Ready, Unverified:
		return errors.Join(os.RemoveAll(filepath.Join(s.dir, partialFolder, entry.ID)), removeIfEmpty(filepath.Join(s.dir, partialFolder)))
	default:
		return nil // its parts will be wanted
	}
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func removeIfEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) > 0 {
		return nil
	}
	return errors.Join(err, removeIfThere(dir))
}

func cutShort(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrTruncated
	}
	return err
}

// Remove deletes an entry's files, links, stamps and unfinished downloads, and nothing else. An entry that isn't here is
// no error.
func (s *Store) Remove(ctx context.Context, id string) error {
	entry, err := s.Entry(id)
	if err != nil {
		return err
	}
	if _, err := os.Stat(s.dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	unlock, err := lock(ctx, filepath.Join(s.dir, ".lock"), nil)
	if err != nil {
		return err
	}
	defer unlock()
	failures := []error{os.RemoveAll(filepath.Join(s.dir, partialFolder, id)), removeIfEmpty(filepath.Join(s.dir, partialFolder)), removeIfThere(s.stampPath(id))}
	folders := map[string]bool{s.Folder(id): true}
	for _, file := range entry.Files() {
		path := filepath.Join(s.Folder(id), filepath.FromSlash(file.Name))
		failures = append(failures, removeIfThere(path))
		folders[filepath.Dir(path)] = true
	}
	for link := range entry.Links {
		failures = append(failures, removeIfThere(filepath.Join(s.Folder(id), link)))
	}
	var deepest []string
	for folder := range folders {
		deepest = append(deepest, folder)
	}
	slices.SortFunc(deepest, func(a, b string) int {
		return strings.Count(b, string(filepath.Separator)) - strings.Count(a, string(filepath.Separator))
	})
	for _, folder := range deepest {
		failures = append(failures, removeIfEmpty(folder))
	}
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("removing %s: %w", id, err)
	}
	return nil
}

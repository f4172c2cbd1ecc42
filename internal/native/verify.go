package native

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Verify reads and hashes every file of an entry, whatever its stamps say, and stamps those that are right. The error joins
// what is wrong with each of the others, wrapping [ErrAbsent], [ErrTruncated] or [ErrHash]. A library that the system has
// is the system's to verify.
func (s *Store) Verify(ctx context.Context, id string) error {
	entry, err := s.Entry(id)
	if err != nil {
		return err
	}
	state := s.State(id)
	if state.System != "" {
		return nil
	}
	var wrong []error
	for _, file := range entry.Files() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("verifying %s: %w", id, err)
		}
		if err := s.hashFile(ctx, entry, file); err != nil {
			wrong = append(wrong, err)
			continue
		}
		s.writeStamp(id, file)
	}
	for link := range entry.Links {
		if _, err := os.Stat(filepath.Join(s.Folder(id), link)); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %s: %w", id, link, ErrAbsent))
		}
	}
	return errors.Join(wrong...)
}

// verifyFiles hashes those of the files whose stamps don't speak for them, and stamps them.
func (s *Store) verifyFiles(entry Entry, files []File) error {
	stamps := s.readStamps(entry.ID)
	for _, file := range files {
		if s.lookAt(entry, file, stamps) == Ready {
			continue
		}
		if err := s.hashFile(context.Background(), entry, file); err != nil {
			return err
		}
		s.writeStamp(entry.ID, file)
	}
	return nil
}

// hashFile reads a file and says what is wrong with it.
func (s *Store) hashFile(ctx context.Context, entry Entry, file File) error {
	path := filepath.Join(s.Folder(entry.ID), filepath.FromSlash(file.Name))
	if err := hashPath(ctx, path, file); err != nil {
		return fmt.Errorf("%s: %s: %w", entry.ID, file.Name, err)
	}
	return nil
}

func hashPath(ctx context.Context, path string, want File) error {
	data, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrAbsent
	}
	if err != nil {
		return err
	}
	defer data.Close()
	info, err := data.Stat()
	if err != nil {
		return err
	}
	switch {
	case info.Size() < want.Bytes:
		return fmt.Errorf("%w: %d of %d bytes", ErrTruncated, info.Size(), want.Bytes)
	case info.Size() > want.Bytes:
		return fmt.Errorf("%w: %d bytes, %d expected", ErrHash, info.Size(), want.Bytes)
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, readerWithContext{ctx, data}); err != nil {
		return err
	}
	if sum := hex.EncodeToString(hash.Sum(nil)); sum != want.SHA256 {
		return fmt.Errorf("%w: %s…, %s… expected", ErrHash, sum[:12], want.SHA256[:12])
	}
	return nil
}

// readerWithContext stops reading when its context ends.
type readerWithContext struct {
	ctx context.Context
	io.Reader
}

func (r readerWithContext) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

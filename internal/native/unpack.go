package native

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// reader is a member's contents from its beginning.
type reader = io.Reader

const (
	maxMembers  = 100_000 // of an archive
	maxUnpacked = 8 << 30 // bytes of a tar, uncompressed
)

// unpack takes pieces out of an archive and hands each to take. Only members that pieces name are looked at, and nothing is
// written under an archive's own names, so that no archive can write outside or beyond what the manifest says.
func unpack(archive string, via Via, pieces []Piece, take func(Piece, reader) error) error {
	switch via {
	case Pip, Maven:
		return unpackZip(archive, pieces, take)
	case NPM:
		return withFile(archive, func(file *os.File) error {
			uncompressed, err := gzip.NewReader(bufio.NewReader(file))
			if err != nil {
				return fmt.Errorf("tarball: %w", cutShort(err))
			}
			return unpackTar(uncompressed, pieces, take)
		})
	case Debian:
		return withFile(archive, func(file *os.File) error {
			data, err := openDeb(bufio.NewReader(file))
			if err != nil {
				return err
			}
			return unpackTar(data, pieces, take)
		})
	default:
		return fmt.Errorf("no way to unpack %q", via)
	}
}

func withFile(name string, do func(*os.File) error) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(do(file), file.Close())
}

// unpackZip takes pieces out of a zip file: a wheel or a jar.
func unpackZip(archive string, pieces []Piece, take func(Piece, reader) error) error {
	contents, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("zip: %w", cutShort(err))
	}
	defer contents.Close()
	for _, piece := range pieces {
		found := false
		for _, member := range contents.File {
			if member.Name != piece.Member {
				continue
			}
			found = true
			data, err := member.Open()
			if err != nil {
				return fmt.Errorf("%s: %w", piece.Member, err)
			}
			if err := errors.Join(take(piece, data), data.Close()); err != nil {
				return err
			}
			break
		}
		if !found {
			return fmt.Errorf("the package has no %s", piece.Member)
		}
	}
	return nil
}

// unpackTar takes pieces out of a tar, each from a member of its own, in one pass.
func unpackTar(data reader, pieces []Piece, take func(Piece, reader) error) error {
	wanted := make(map[string]Piece, len(pieces))
	for _, piece := range pieces {
		wanted[piece.Member] = piece
	}
	contents := tar.NewReader(io.LimitReader(data, maxUnpacked))
	for range maxMembers {
		if len(wanted) == 0 {
			return nil
		}
		header, err := contents.Next()
		if errors.Is(err, io.EOF) {
			for member := range wanted {
				return fmt.Errorf("the package has no %s", member)
			}
		}
		if err != nil {
			return fmt.Errorf("tar: %w", cutShort(err))
		}
		name := path.Clean(strings.TrimPrefix(header.Name, "./"))
		piece, found := wanted[name]
		if !found || header.Typeflag != tar.TypeReg {
			continue
		}
		delete(wanted, name)
		if err := take(piece, contents); err != nil {
			return err
		}
	}
	return errors.New("the package has too many members")
}

// openDeb finds the tar of files in a Debian package: an ar archive of three members, the last of which is data.tar.xz (or
// .zst, .gz). https://manpages.debian.org/deb.5
func openDeb(deb reader) (reader, error) {
	magic := make([]byte, 8)
	if _, err := io.ReadFull(deb, magic); err != nil || !bytes.Equal(magic, []byte("!<arch>\n")) {
		return nil, errors.New("this is not a Debian package")
	}
	for range 10 {
		header := make([]byte, 60) // name 16, time 12, owner 6, group 6, mode 8, size 10, end 2
		if _, err := io.ReadFull(deb, header); err != nil {
			return nil, fmt.Errorf("debian package: %w", cutShort(err))
		}
		name := strings.TrimRight(string(header[:16]), " /")
		size, err := strconv.ParseInt(strings.TrimSpace(string(header[48:58])), 10, 64)
		if err != nil || size < 0 || string(header[58:]) != "`\n" {
			return nil, errors.New("debian package: malformed member header")
		}
		member := io.LimitReader(deb, size)
		switch name {
		case "data.tar.xz":
			return xz.NewReader(member)
		case "data.tar.zst":
			return zstd.NewReader(member, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(256<<20))
		case "data.tar.gz":
			return gzip.NewReader(member)
		case "data.tar":
			return member, nil
		}
		if _, err := io.CopyN(io.Discard, deb, size+size%2); err != nil {
			return nil, fmt.Errorf("debian package: %w", cutShort(err))
		}
	}
	return nil, errors.New("debian package: no data")
}

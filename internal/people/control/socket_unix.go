//go:build unix

package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// maxSocketPath is the length of a socket's path that every unix takes (104 bytes on macOS, 108 on Linux).
const maxSocketPath = 100

// listen makes the socket, readable by our user alone.
func listen(ctx context.Context, folder string) (net.Listener, error) {
	path := filepath.Join(folder, SocketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the socket of a server that is gone: %w", err)
	}
	short, release, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer release()
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", short)
	if err != nil {
		return nil, fmt.Errorf("making the private socket %s: %w", path, err)
	}
	// Ours to remove, by its real name: the short one is only good while it is held.
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	// Before this line only the folder's own mode and the check of each peer keep others out.
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("closing the private socket to others: %w", err), listener.Close(), os.Remove(path))
	}
	return &ownListener{Listener: listener, path: path}, nil
}

// dial connects to the folder's socket; ErrNoServer when there is none or nobody behind it.
func dial(ctx context.Context, folder string) (net.Conn, error) {
	path := filepath.Join(folder, SocketName)
	if _, err := os.Lstat(path); errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoServer
	}
	short, release, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer release()
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "unix", short)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, os.ErrNotExist) {
		return nil, ErrNoServer
	}
	if errors.Is(err, os.ErrPermission) {
		return nil, fmt.Errorf("the store in %s belongs to another user; run this as that user: %w", folder, err)
	}
	return connection, err
}

// ownListener accepts our own user's connections only, and removes its file at the end.
type ownListener struct {
	net.Listener
	path string
}

// Accept waits for a connection of our own user or root; others are closed at once.
func (l *ownListener) Accept() (net.Conn, error) {
	for {
		connection, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if mine(connection) {
			return connection, nil
		}
		connection.Close()
	}
}

// Close stops listening and removes the socket's file.
func (l *ownListener) Close() error {
	err := os.Remove(l.path)
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return errors.Join(l.Listener.Close(), err)
}

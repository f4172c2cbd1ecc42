package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// listen makes the socket. Windows has unix sockets; who may open one follows from the folder's access list.
func listen(ctx context.Context, folder string) (net.Listener, error) {
	path := filepath.Join(folder, SocketName)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("removing the socket of a server that is gone: %w", err)
	}
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("making the private socket %s: %w", path, err)
	}
	return listener, nil
}

// dial connects to the folder's socket; ErrNoServer when nobody is behind it.
func dial(ctx context.Context, folder string) (net.Conn, error) {
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "unix", filepath.Join(folder, SocketName))
	if err != nil {
		return nil, ErrNoServer
	}
	return connection, nil
}

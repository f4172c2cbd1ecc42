//go:build unix && !linux

package control

import (
	"fmt"
	"net"
)

// shorten refuses a path that does not fit into a socket address.
func shorten(path string) (name string, release func(), err error) {
	if len(path) > maxSocketPath {
		return "", nil, fmt.Errorf("the data folder's path is too long for a socket in it, give a shorter one with --data: %s", path)
	}
	return path, func() {}, nil
}

// mine leaves it to the modes of the folder and the socket.
func mine(net.Conn) bool { return true }

package web

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Listen opens the port. Only addresses of this machine itself are accepted, whatever the configuration said; a port
// that is taken, or that only root may open, is an error that says what to do.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("something else listens on %s already, perhaps another Twombly; stop it, or choose another port: twombly serve --listen %s: %w",
			address, nextPort(address), err)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("this user may not open the port of %s; ports from 1024 on are free for everybody: twombly serve --listen 127.0.0.1:7373: %w", address, err)
	case err != nil:
		return nil, fmt.Errorf("listening on %s: %w", address, err)
	}
	if opened, ok := listener.Addr().(*net.TCPAddr); !ok || !opened.IP.IsLoopback() {
		return nil, errors.Join(fmt.Errorf("listening on %s would open her to the network, and that is refused until sign-in exists", address), listener.Close())
	}
	return listener, nil
}

// nextPort is the address with the next port, for a suggestion.
func nextPort(address string) string {
	host, port, err := net.SplitHostPort(address)
	number, convertError := strconv.Atoi(port)
	if err != nil || convertError != nil || number >= 65535 {
		return "127.0.0.1:0"
	}
	return net.JoinHostPort(host, strconv.Itoa(number+1))
}

// Site is the names that a server answers for, and the origin of its page under each.
type Site struct {
	origins map[string]string // by value of the Host header
	primary string
	foreign []string
	secure  bool
}

// NewSite makes the names of a server that listens at address: the loopback names with its port, and hosts beside them
// ("her.example", for a proxy on this machine that speaks HTTPS). origins are those of other pages that may use the API
// with a token.
//
// The page's origin is http:// for names of this machine (https:// when secure, which is when the server speaks HTTPS itself) and
// https:// for every other: a browser gives no microphone to a page over plain http from elsewhere, so such an origin is
// never ours.
func NewSite(address net.Addr, hosts, origins []string, secure bool) Site {
	site := Site{origins: map[string]string{}, foreign: slices.Clone(origins), secure: secure}
	own := address.String()
	_, port, err := net.SplitHostPort(own)
	if err == nil {
		for _, name := range []string{"localhost", "127.0.0.1", "::1"} {
			site.add(net.JoinHostPort(name, port))
		}
		if port == "80" && !secure || port == "443" && secure { // browsers leave the default port out
			for _, name := range []string{"localhost", "127.0.0.1", "[::1]"} {
				site.add(name)
			}
		}
	}
	site.add(own)
	site.primary = site.origins[own]
	for _, host := range hosts {
		site.add(host)
	}
	return site
}

func (s Site) add(host string) {
	scheme := "https://"
	if isLoopbackHost(host) && !s.secure {
		scheme = "http://"
	}
	s.origins[host] = scheme + host
}

// Origin is the page's origin under the address that the server listens at.
func (s Site) Origin() string { return s.primary }

// origin is the page's origin under a Host header, and whether the server answers for it. The comparison is exact.
func (s Site) origin(host string) (string, bool) {
	origin, ok := s.origins[host]
	return origin, ok
}

// listed says whether an origin is one of the pages that the person allowed to use tokens.
func (s Site) listed(origin string) bool { return slices.Contains(s.foreign, origin) }

// isLoopbackHost says whether a host, with or without a port, names this machine itself.
func isLoopbackHost(host string) bool {
	name := host
	if split, _, err := net.SplitHostPort(host); err == nil {
		name = split
	}
	if name == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(strings.Trim(name, "[]"))
	return err == nil && ip.IsLoopback()
}

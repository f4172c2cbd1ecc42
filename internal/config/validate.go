package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// Validate refuses empty folders, which an empty environment variable would set. The parser calls it.
func (p Paths) Validate() error {
	if p.Data == "" || p.Cache == "" {
		return errors.New("the folders data and cache must not be empty; leave the setting away for the default")
	}
	return nil
}

// Validate refuses an address that others could reach, and hosts and origins that are none. The parser calls it.
func (n Network) Validate() error {
	faults := []error{validateListen(n.Listen)}
	for _, host := range n.AllowedHosts {
		faults = append(faults, validateHost(host))
	}
	for _, origin := range n.AllowedOrigins {
		faults = append(faults, validateOrigin(origin))
	}
	return errors.Join(faults...)
}

func validateListen(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return fmt.Errorf("listen must be an address and a port, as in 127.0.0.1:7373, not %q", address)
	}
	if number, err := strconv.Atoi(port); err != nil || number < 0 || number > 65535 {
		return fmt.Errorf("the port in listen must be a number from 0 to 65535, not %q", port)
	}
	if host == "localhost" {
		return nil
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsLoopback() {
		return nil
	}
	return fmt.Errorf("listening on %q would open her to the network, and that is refused until sign-in exists: anybody who reached her could try to come in. Listen on 127.0.0.1, and reach her from elsewhere through an SSH tunnel (ssh -L 7373:127.0.0.1:7373 THIS-MACHINE)", address)
}

func validateHost(host string) error {
	parsed, err := url.Parse("https://" + host)
	if err != nil || host == "" || parsed.Host != host || parsed.User != nil || strings.ContainsAny(host, "*,") {
		return fmt.Errorf("allowed_hosts must hold names with or without a port, as in \"her.example\", not %q", host)
	}
	if host != strings.ToLower(host) {
		return fmt.Errorf("allowed_hosts must be in lower case: %q", strings.ToLower(host))
	}
	return nil
}

func validateOrigin(origin string) error {
	parsed, err := url.Parse(origin)
	if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" || parsed.Scheme+"://"+parsed.Host != origin ||
		strings.Contains(origin, "*") || origin != strings.ToLower(origin) {
		return fmt.Errorf("allowed_origins must hold origins in lower case, without a path, as in \"http://localhost:3000\", not %q", origin)
	}
	return nil
}

// Validate refuses a mind that is only half described. The parser calls it.
func (m Mind) Validate() error {
	switch m.Kind {
	case "openai":
		parsed, err := url.Parse(m.Address)
		if err != nil || (parsed.Scheme != "http" && parsed.Scheme != "https") || parsed.Host == "" {
			return fmt.Errorf("a mind of kind \"openai\" needs the server's address, as in http://127.0.0.1:11434/v1, not %q", m.Address)
		}
		if parsed.User != nil {
			return errors.New("the mind's address must not hold a password: put the key in a file and name it in key_file")
		}
	default:
		if m.Address != "" {
			return errors.New("the mind has an address, but its kind is \"embedded\": set the kind to \"openai\", or take the address away")
		}
	}
	return nil
}

// maxKeyBytes bounds an API key.
const maxKeyBytes = 4096

// Key reads the API key from KeyFile; empty when no file is named. A file that others can read is refused.
func (m Mind) Key() (string, error) {
	if m.KeyFile == "" {
		return "", nil
	}
	info, err := os.Stat(m.KeyFile)
	if err != nil {
		return "", fmt.Errorf("the file with the mind's key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("others can read the file with the mind's key; run: chmod 600 %s", m.KeyFile)
	}
	if info.Size() > maxKeyBytes {
		return "", fmt.Errorf("the file with the mind's key has %d bytes; is %s the right file?", info.Size(), m.KeyFile)
	}
	text, err := os.ReadFile(m.KeyFile)
	if err != nil {
		return "", fmt.Errorf("the file with the mind's key: %w", err)
	}
	key := strings.TrimSpace(string(text))
	if key == "" || strings.ContainsAny(key, "\r\n\x00") {
		return "", fmt.Errorf("the file with the mind's key must hold one line, the key: %s", m.KeyFile)
	}
	return key, nil
}

package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// HTTPS on this machine itself needs a certificate that nobody else can give: for some clients (OpenAI's JavaScript package
// always speaks wss) and browsers' features. So the program is its own authority, one that can vouch for the loopback names and
// for nothing else, and whose certificate a client is told to trust.

const (
	// authorityLife and certificateLife are how long the two are good; the second is made anew renewBefore its end.
	authorityLife   = 10 * 365 * 24 * time.Hour
	certificateLife = 397 * 24 * time.Hour
	renewBefore     = 30 * 24 * time.Hour
	// backdated forgives clocks that are a little apart.
	backdated = time.Hour
)

// authorityFile is the authority's certificate in its folder, and authorityKey its private key.
const (
	authorityFile = "authority.pem"
	authorityKey  = "authority.key"
)

// AuthorityPath is the file with the authority's certificate, for clients to trust.
func AuthorityPath(folder string) string { return filepath.Join(folder, authorityFile) }

// LoopbackTLS prepares HTTPS for the names of this machine. The authority is kept in the folder and made at the first time; the
// certificate lives in memory and is made at every start, and again before it ends.
func LoopbackTLS(folder string, now func() time.Time) (*tls.Config, error) {
	authority, key, err := openAuthority(folder, now())
	if err != nil {
		return nil, err
	}
	renewing := &renewing{authority: authority, key: key, now: now}
	if _, err := renewing.certificate(nil); err != nil {
		return nil, err
	}
	// WebSocket needs HTTP/1.1, and on the way within one machine HTTP/2 is no gain.
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}, GetCertificate: renewing.certificate}, nil
}

// TrustAuthority returns the pool of certificates that a client of this server trusts.
func TrustAuthority(folder string) (*x509.CertPool, error) {
	text, err := os.ReadFile(AuthorityPath(folder))
	if err != nil {
		return nil, fmt.Errorf("read the certificate of this server's authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s holds no certificate; delete it, and serve --tls makes another", AuthorityPath(folder))
	}
	return pool, nil
}

// openAuthority reads the authority, or makes one when there is none or it has ended.
func openAuthority(folder string, now time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	pair, err := tls.LoadX509KeyPair(AuthorityPath(folder), filepath.Join(folder, authorityKey))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return makeAuthority(folder, now)
	case err != nil:
		return nil, nil, fmt.Errorf("the certificate authority in %s can't be used; delete the folder, and another is made: %w", folder, err)
	}
	key, ok := pair.PrivateKey.(*ecdsa.PrivateKey)
	if !ok || now.After(pair.Leaf.NotAfter.Add(-certificateLife)) {
		return makeAuthority(folder, now)
	}
	return pair.Leaf, key, nil
}

// makeAuthority makes an authority that can vouch for the loopback names only (RFC 5280, section 4.2.1.10).
func makeAuthority(folder string, now time.Time) (*x509.Certificate, *ecdsa.PrivateKey, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, nil, fmt.Errorf("make the folder of certificates: %w", err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "Twombly on " + hostName()},
		NotBefore: now.Add(-backdated), NotAfter: now.Add(authorityLife),
		KeyUsage: x509.KeyUsageCertSign, BasicConstraintsValid: true, IsCA: true, MaxPathLenZero: true,
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"localhost"},
		PermittedIPRanges: []*net.IPNet{
			{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: net.CIDRMask(8, 32)}, {IP: net.IPv6loopback, Mask: net.CIDRMask(128, 128)},
		},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, nil, fmt.Errorf("make a certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("write a key: %w", err)
	}
	// The key first: a certificate without its key would be refused, a key alone is made again.
	for _, file := range []struct {
		name, kind string
		content    []byte
		mode       os.FileMode
	}{{authorityKey, "PRIVATE KEY", secret, 0o600}, {authorityFile, "CERTIFICATE", der, 0o644}} {
		text := pem.EncodeToMemory(&pem.Block{Type: file.kind, Bytes: file.content})
		if err := os.WriteFile(filepath.Join(folder, file.name), text, file.mode); err != nil {
			return nil, nil, fmt.Errorf("keep the certificate authority: %w", err)
		}
	}
	made, err := x509.ParseCertificate(der)
	return made, key, err
}

func serial() *big.Int {
	number, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil { // never, by crypto/rand's documentation
		panic(err)
	}
	return number
}

func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return "this machine"
	}
	return name
}

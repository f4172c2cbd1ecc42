package web

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"sync"
	"time"
)

// renewing is a certificate of the loopback names that is made anew before it ends.
type renewing struct {
	authority *x509.Certificate
	key       *ecdsa.PrivateKey
	now       func() time.Time

	lock    sync.Mutex
	current *tls.Certificate
}

// certificate implements tls.Config.GetCertificate.
func (r *renewing) certificate(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if r.current != nil && r.now().Before(r.current.Leaf.NotAfter.Add(-renewBefore)) {
		return r.current, nil
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial(), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: r.now().Add(-backdated), NotAfter: r.now().Add(certificateLife),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, r.authority, &key.PublicKey, r.key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make a certificate: %w", err)
	}
	r.current = &tls.Certificate{Certificate: [][]byte{der, r.authority.Raw}, PrivateKey: key, Leaf: leaf}
	return r.current, nil
}

package web

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestLoopbackTLS: a client that trusts the authority reaches the server under the loopback names; one that doesn't is
// refused; the authority stays the same over starts, vouches for nothing else, and the certificate is renewed in time.
func TestLoopbackTLS(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "tls")
	clock := time.Now()
	now := func() time.Time { return clock }
	config, err := LoopbackTLS(folder, now)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "here") }))
	server.Listener = tls.NewListener(server.Listener, config)
	server.Start()
	defer server.Close()
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	pool, err := TrustAuthority(folder)
	if err != nil {
		t.Fatal(err)
	}
	trusting := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	for _, name := range []string{"127.0.0.1", "localhost"} {
		answer, err := trusting.Get("https://" + net.JoinHostPort(name, port))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		_ = answer.Body.Close()
	}
	if answer, err := http.Get("https://" + net.JoinHostPort("127.0.0.1", port)); err == nil {
		_ = answer.Body.Close()
		t.Error("a client that does not know the authority trusts it")
	}

	before, err := os.ReadFile(AuthorityPath(folder))
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(folder, authorityKey)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's mode: %v, %v", info.Mode(), err)
	}
	again, err := LoopbackTLS(folder, now)
	if err != nil {
		t.Fatal(err)
	}
	if after, err := os.ReadFile(AuthorityPath(folder)); err != nil || string(after) != string(before) {
		t.Errorf("a second start made another authority: %v", err)
	}
	first, err := again.GetCertificate(nil)
	if err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(certificateLife - renewBefore + time.Hour)
	second, err := again.GetCertificate(nil)
	if err != nil || second == first {
		t.Errorf("the certificate is not renewed: %v", err)
	}
	elsewhere := &renewing{now: now}
	if elsewhere.authority, elsewhere.key, err = openAuthority(folder, clock); err != nil {
		t.Fatal(err)
	}
	leaf := *second.Leaf
	leaf.DNSNames = []string{"bank.example"}
	der, err := x509.CreateCertificate(rand.Reader, &leaf, elsewhere.authority, leaf.PublicKey, elsewhere.key)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := forged.Verify(x509.VerifyOptions{Roots: pool, DNSName: "bank.example", CurrentTime: clock}); err == nil {
		t.Error("the authority can vouch for other names")
	}
	if err := os.WriteFile(AuthorityPath(folder), []byte("rubbish"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoopbackTLS(folder, now); err == nil {
		t.Error("a damaged authority is used")
	}
}

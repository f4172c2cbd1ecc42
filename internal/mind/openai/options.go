package openai

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"twombly/internal/mind"
)

// Consents are the kinds of words that the person agreed to send to a server elsewhere.
type Consents struct {
	Talk     bool `json:"talk"`
	Memories bool `json:"memories"`
	Mail     bool `json:"mail"`
	Pictures bool `json:"pictures"`
}

// TalkOnly is what choosing a server agrees to.
var TalkOnly = Consents{Talk: true}

// Allow reports whether a kind was agreed to; kinds nobody knows were not.
func (c Consents) Allow(kind mind.Kind) bool {
	switch kind {
	case mind.Talk:
		return c.Talk
	case mind.Memories:
		return c.Memories
	case mind.Mail:
		return c.Mail
	case mind.Pictures:
		return c.Pictures
	}
	return false
}

// Options say which server and model, and what may be sent there.
type Options struct {
	// Address is where the protocol begins, as in "http://127.0.0.1:11434/v1".
	Address string
	// Model is the server's name of the model.
	Model string
	// Key is the server's key, empty for none. It is sent to Address and nowhere else, and never logged.
	Key string
	// Consents say what may be sent; they don't matter for a server on this machine.
	Consents Consents
	// Images and Tools say what the model takes.
	Images, Tools bool
	// ContextTokens is how long a prompt and an answer may be together, 0 when unknown.
	ContextTokens int
	// NamesConversations sends an opaque name of the conversation, as prompt_cache_key, which helps servers that keep
	// what they read; not every server takes it.
	NamesConversations bool

	// Connect bounds reaching the server, FirstToken the wait for the first words, BetweenTokens every wait after it.
	// 0 means 5 s, 60 s (the server may have to load the model) and 20 s.
	Connect, FirstToken, BetweenTokens time.Duration
	// Retries is how often a request is tried again while nothing has come; 0 means 2, below 0 never.
	Retries int
	// RetryPause is the first pause before trying again, doubled each time; 0 means 400 ms.
	RetryPause time.Duration
}

func (o Options) withDefaults() Options {
	set := func(value *time.Duration, otherwise time.Duration) {
		if *value == 0 {
			*value = otherwise
		}
	}
	set(&o.Connect, 5*time.Second)
	set(&o.FirstToken, 60*time.Second)
	set(&o.BetweenTokens, 20*time.Second)
	set(&o.RetryPause, 400*time.Millisecond)
	if o.Retries == 0 {
		o.Retries = 2
	}
	return o
}

// parseAddress reads the server's address and reports whether it is on this machine. Words never go unencrypted over
// the internet: http is for this machine and the home's network.
func parseAddress(address string) (base *url.URL, local bool, err error) {
	base, err = url.Parse(strings.TrimRight(address, "/"))
	if err != nil || base.Host == "" || base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return nil, false, fmt.Errorf("%w: the server's address should be like http://127.0.0.1:11434/v1", mind.ErrInvalid)
	}
	local, near := nearness(base.Hostname())
	switch {
	case base.Scheme == "https", base.Scheme == "http" && near:
		return base, local, nil
	case base.Scheme == "http":
		return nil, false, fmt.Errorf("%w: %s is not in this network, so its address must begin with https", mind.ErrInvalid, base.Hostname())
	}
	return nil, false, fmt.Errorf("%w: the server's address must begin with http or https", mind.ErrInvalid)
}

// nearness tells hosts on this machine, and hosts in its network.
func nearness(host string) (local, near bool) {
	if address, err := netip.ParseAddr(host); err == nil {
		address = address.Unmap()
		return address.IsLoopback(), address.IsLoopback() || address.IsPrivate() || address.IsLinkLocalUnicast()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true, true
	}
	for _, ending := range []string{".local", ".lan", ".internal", ".home.arpa"} {
		if strings.HasSuffix(host, ending) {
			return false, true
		}
	}
	return false, !strings.Contains(host, ".")
}

// newHTTP makes the HTTP client: no redirects, which would take words and key to a place nobody chose, and no proxy on
// the way to this machine.
func newHTTP(options Options, local bool) *http.Client {
	transport := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: options.Connect, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   options.Connect,
		IdleConnTimeout:       90 * time.Second,
		MaxIdleConnsPerHost:   4,
		ForceAttemptHTTP2:     true,
		ResponseHeaderTimeout: 0, // FirstToken bounds it
	}
	if local {
		transport.Proxy = nil
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

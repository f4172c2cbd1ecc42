package web

import (
	"strings"
	"testing"
)

func TestReady(t *testing.T) {
	h := newHouse(t)
	if got := h.ask("GET", "/readyz", ""); got.Code != 200 || got.Body.String() != "ready\n" {
		t.Errorf("%d %q", got.Code, got.Body)
	}
	h.missing = missingParts{"mind"}
	if got := h.ask("GET", "/readyz", ""); got.Code != 503 || !strings.Contains(got.Body.String(), "mind is not ready") {
		t.Errorf("%d %q", got.Code, got.Body)
	}
	if err := h.Well(); err != nil {
		t.Errorf("the server is not well: %v", err)
	}
	h.guard.site = Site{} // it answers for no name at all
	if err := h.Well(); err == nil {
		t.Error("a server that answers nobody is well")
	}
}

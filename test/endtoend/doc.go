// Package endtoend drives the real program from outside, as a person, a browser or another program would: it builds
// bin/twombly, starts it with `serve` over a store of its own, and talks with it over WebRTC, WebSocket, HTTP and the page
// in Chromium. Nothing in it is a stand-in but, where a test says so, the language model (a small server that speaks the
// OpenAI protocol and answers what the test wants).
//
// Each test is an acceptance line of an issue. By default it is run in a short form, as part of the gate; with
// TWOMBLY_LONG=1 in the form that the line asks for, and what it measured is kept as JSON in docs/acceptance (see
// scripts/accept.sh). The tests are skipped by `go test -short`, and where the models are not in the cache unless
// TWOMBLY_REQUIRE_MODELS=1.
//
// Patience has nothing to do with limits: a test waits long for something to happen, TWOMBLY_SLOW times as long on a slow
// machine, but holds what it measured against the stated limit only when the machine was left alone meanwhile, or with
// TWOMBLY_STRICT=1.
package endtoend

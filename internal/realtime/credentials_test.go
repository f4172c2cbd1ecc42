package realtime_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"twombly/internal/realtime"
	"twombly/internal/realtime/client"
)

// TestEndedSignIn: sessions end with the token that they were begun with, over both transports, and no others do.
func TestEndedSignIn(t *testing.T) {
	l := libopus(t)
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	calls := newFakeCalls()
	server, err := realtime.New(realtime.Options{Opus: l, UDP: socket, Calls: calls})
	if err != nil {
		t.Fatal(err)
	}
	handler := server.Handler()
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
		who := realtime.Caller{PersonID: "p", CredentialID: token}
		handler.ServeHTTP(w, r.WithContext(realtime.WithCaller(r.Context(), who)))
	}))
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		site.Close()
		http.DefaultClient.CloseIdleConnections()
	})
	open := func(token string) *websocket.Conn {
		header := http.Header{"Authorization": {"Bearer " + token}}
		conn, _, err := websocket.Dial(t.Context(), strings.Replace(site.URL, "http", "ws", 1)+"/v1/realtime", &websocket.DialOptions{HTTPHeader: header})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.CloseNow() })
		if _, _, err := conn.Read(t.Context()); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	phone, laptop := open("phone"), open("laptop")
	voice, err := client.DialWebRTC(t.Context(), client.Options{URL: site.URL, Opus: l, Token: "phone"})
	if err != nil {
		t.Fatal(err)
	}
	defer voice.Close()

	server.HangUp("nobody's")
	server.HangUp("phone")
	for {
		if _, _, err = phone.Read(t.Context()); err != nil {
			break
		}
	}
	if code := websocket.CloseStatus(err); code != websocket.StatusPolicyViolation || !strings.Contains(err.Error(), "the sign-in ended") {
		t.Errorf("the phone was told %v", err)
	}
	select {
	case <-voice.Done():
	case <-time.After(10 * time.Second):
		t.Error("the voice call goes on")
	}
	if err := laptop.Write(t.Context(), websocket.MessageText, []byte(`{"type":"input_audio_buffer.clear"}`)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := laptop.Read(t.Context()); err != nil {
		t.Errorf("the laptop's conversation ended too: %v", err)
	}
}

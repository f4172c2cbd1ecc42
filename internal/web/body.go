package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"twombly/internal/people"
	"twombly/internal/realtime"
)

const (
	// maxBodyBytes bounds what somebody who is signed in may send in one request: a typed text of 400,000 bytes fits.
	maxBodyBytes = 1 << 20
	// maxRecordingBytes bounds a recording that is to be transcribed, and maxChatBytes a chat of a program, with pictures.
	maxRecordingBytes = 26 << 20
	maxChatBytes      = 32 << 20
	// transcriptions is the route that takes recordings.
	transcriptions = "/v1/audio/transcriptions"
	// maxStrangerBytes bounds it for everybody else: the exchange of an owner link is 60 bytes.
	maxStrangerBytes = 4 << 10
	// bodyTime is how long the whole body may take to arrive.
	bodyTime = 15 * time.Second
	// requestTime is how long a request may take; answers that a small machine thinks about need most of it.
	requestTime = 2 * time.Minute
	// answerTime is how long the answer may take to be read, counted from the request's arrival.
	answerTime = requestTime + 30*time.Second
)

// deadlines gives every request an end, except WebSockets, which have their own rules.
func deadlines(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		if isUpgrade(r) {
			// The connection may still carry the deadline of the request before on it.
			if err := control.SetWriteDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
				refuse(w, r, http.StatusInternalServerError, "The connection could not be prepared.")
				return
			}
			next.ServeHTTP(w, r)
			return
		}
		if err := control.SetWriteDeadline(time.Now().Add(answerTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			refuse(w, r, http.StatusInternalServerError, "The connection could not be prepared.")
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// maxBytes is how much a request's body may hold.
func maxBytes(r *http.Request) int64 {
	_, known := people.CallerFrom(r.Context())
	_, talks := realtime.CallerOf(r.Context())
	switch {
	case !known && !talks:
		return maxStrangerBytes
	case r.URL.Path == transcriptions:
		return maxRecordingBytes
	case r.URL.Path == "/v1/chat/completions":
		return maxChatBytes
	}
	return maxBodyBytes
}

// bodies reads the whole body, bounded in size and time, before a route sees the request. The read deadline is taken
// away afterwards: left in place, it would end the request's context while the route still works.
func bodies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isUpgrade(r) || r.Body == nil || r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		limit := maxBytes(r)
		control := http.NewResponseController(w)
		if err := control.SetReadDeadline(time.Now().Add(bodyTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
			refuse(w, r, http.StatusInternalServerError, "The connection could not be prepared.")
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		var tooLarge *http.MaxBytesError
		switch {
		case errors.As(err, &tooLarge):
			refuse(w, r, http.StatusRequestEntityTooLarge, "This is more than can be sent in one request.")
			return
		case errors.Is(err, os.ErrDeadlineExceeded):
			refuse(w, r, http.StatusRequestTimeout, "The request took too long to arrive.")
			return
		case err != nil:
			refuse(w, r, http.StatusBadRequest, "The request did not arrive whole.")
			return
		}
		if err := control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
			refuse(w, r, http.StatusInternalServerError, "The connection could not be prepared.")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		r.ContentLength = int64(len(body))
		next.ServeHTTP(w, r)
	})
}

package web

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Refusal is an error whose sentence is for the person. The rooms behind the API return it (anywhere in an error's
// chain) when the person can do something about it; every other error is logged and answered with 500.
type Refusal struct {
	// Status is the HTTP status.
	Status int
	// Sentence says what is wrong and, where possible, what to do.
	Sentence string
}

func (r *Refusal) Error() string { return r.Sentence }

// Refuse says that what was asked cannot be done as it was asked (422).
func Refuse(sentence string) error {
	return &Refusal{Status: http.StatusUnprocessableEntity, Sentence: sentence}
}

// Unknown says that there is no such thing (404).
func Unknown(sentence string) error { return &Refusal{Status: http.StatusNotFound, Sentence: sentence} }

// Unavailable says that a part of her cannot answer now, and trying again later may help (503).
func Unavailable(sentence string) error {
	return &Refusal{Status: http.StatusServiceUnavailable, Sentence: sentence}
}

// problem is an error answer outside the API's own framework: RFC 9457, and beside it the error object of the OpenAI
// protocol, whose clients show its message.
type problem struct {
	Title  string       `json:"title"`
	Status int          `json:"status"`
	Detail string       `json:"detail"`
	Error  *openAIError `json:"error,omitempty"`
}

type openAIError struct {
	Message string  `json:"message"`
	Type    string  `json:"type"`
	Code    *string `json:"code"`
	Param   *string `json:"param"`
}

// refuse answers a request with a status and a sentence.
func refuse(w http.ResponseWriter, r *http.Request, status int, sentence string) {
	body := problem{Title: http.StatusText(status), Status: status, Detail: sentence}
	if isRealtime(r) {
		body.Error = &openAIError{Message: sentence, Type: "invalid_request_error"}
	}
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="twombly"`)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that went away hears nothing anyway
}

// failure turns a room's error into the API's answer.
func failure(log *slog.Logger, doing string, err error) error {
	var refusal *Refusal
	if errors.As(err, &refusal) {
		return huma.NewError(refusal.Status, refusal.Sentence)
	}
	log.Error("the API could not answer", "doing", doing, "error", err)
	return huma.NewError(http.StatusInternalServerError, "Something went wrong here while "+doing+". The log of the server says more.")
}

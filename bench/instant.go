package bench

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"twombly/bench/duplex"
	"twombly/internal/mind"
	"twombly/internal/mind/openaiserver"
)

// instantMind answers at once and without thinking: what is measured with it is everything but the mind. Asked for
// something long it tells a story, else it says a sentence or two.
type instantMind struct{}

const instantModel = "instant"

// instantStory takes most of a minute to say.
const instantStory = "There was once a lighthouse keeper who lived on a small rock, far out at sea. Every evening he climbed " +
	"the narrow stairs, and lit the great lamp with a long match. The ships went by in the dark, and none of them knew his " +
	"name. One winter the storm came early, and the waves reached up to the window. He made a pot of tea and wrote down " +
	"the number of the ships that he had seen. In the morning there was a boat on the rocks, and in the boat there sat a " +
	"young woman with a cello. She had no shoes, and she was not afraid of anything. He gave her his coat and the second " +
	"cup, and they waited for the wind to turn. She played for him until the evening, slow old songs from the other coast. " +
	"When the sea was calm again she did not leave, and nobody asked her why. People say that on some nights the ships slow " +
	"down there, and turn their engines off to listen."

const instantAnswer = "That is a good question. I would take some time for it."

func (instantMind) Generate(ctx context.Context, request mind.Request, emit func(mind.Delta) error) (mind.Usage, error) {
	began := time.Now()
	text := instantAnswer
	if n := len(request.Messages); n > 0 && duplex.AsksForLong(request.Messages[n-1].Content) {
		text = instantStory
	}
	usage := mind.Usage{FirstToken: time.Since(began), FinishReason: "stop"}
	for word := range strings.SplitAfterSeq(text, " ") {
		if err := ctx.Err(); err != nil {
			return usage, err
		}
		if err := emit(mind.Delta{Text: word}); err != nil {
			return usage, err
		}
		usage.GeneratedTokens++
	}
	usage.Total = time.Since(began)
	return usage, nil
}

func (instantMind) Prefill(context.Context, mind.Request) error { return nil }
func (instantMind) Forget(context.Context, string) error        { return nil }
func (instantMind) Describe(context.Context) (mind.Description, error) {
	return mind.Description{Model: instantModel, Place: "the benchmark", Local: true}, nil
}

// serveInstantMind serves it on a free port of this machine, and returns its base address.
func serveInstantMind(ctx context.Context) (address string, stop func() error, err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("serve a mind: %w", err)
	}
	models := openaiserver.New(slog.New(slog.DiscardHandler), openaiserver.Model{ID: instantModel, Mind: instantMind{}})
	server := &http.Server{Handler: models.Handler(), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	stop = func() error {
		err := server.Close()
		<-ended
		return err
	}
	return "http://" + listener.Addr().String() + "/v1", stop, nil
}

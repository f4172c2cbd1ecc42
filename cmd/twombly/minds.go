package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"twombly/internal/config"
	"twombly/internal/fabric"
	"twombly/internal/mind"
	"twombly/internal/mind/discover"
	"twombly/internal/mind/openai"
	"twombly/internal/vault"
	"twombly/internal/web"
)

// minds knows which language model each person's companion thinks with.
type minds struct {
	body     *body
	settings config.Mind
	rooms    *rooms
	log      *slog.Logger
}

var _ web.Minds = (*minds)(nil)

// chosenMind is the person's choice, kept sealed beside the journal: it may hold a server's key.
type chosenMind struct {
	Kind     string          `json:"kind"` // "embedded" or "openai"
	Address  string          `json:"address,omitempty"`
	Model    string          `json:"model,omitempty"`
	Key      string          `json:"key,omitempty"`
	Consents openai.Consents `json:"consents"`
}

// choiceFile is where a choice is kept in the person's folder.
func choiceFile(place *fabric.Place) vault.SealedFile {
	return place.SealedFile("mind", vault.SealedFile{Format: "twombly mind", Name: "the choice of her mind"})
}

// choice is what the person chose on the page, or else what the configuration says.
func (m *minds) choice(place *fabric.Place) (chosenMind, error) {
	text, err := choiceFile(place).Read(place.Key())
	if err == nil {
		var chosen chosenMind
		if err := json.Unmarshal(text, &chosen); err != nil {
			return chosenMind{}, fmt.Errorf("read the choice of her mind: %w", err)
		}
		return chosen, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return chosenMind{}, err
	}
	if m.settings.Kind != "openai" {
		return chosenMind{Kind: "embedded"}, nil
	}
	chosen := chosenMind{Kind: "openai", Address: m.settings.Address, Model: m.settings.Model, Consents: openai.TalkOnly}
	if m.settings.KeyFile != "" {
		key, err := os.ReadFile(m.settings.KeyFile)
		if err != nil {
			return chosenMind{}, fmt.Errorf("read the server's key: %w", err)
		}
		chosen.Key = strings.TrimSpace(string(key))
	}
	return chosen, nil
}

// of is the mind that a person's companion thinks with.
func (m *minds) of(ctx context.Context, place *fabric.Place) (mind.Mind, error) {
	chosen, err := m.choice(place)
	if err != nil {
		return nil, err
	}
	return m.make(ctx, chosen)
}

func (m *minds) make(ctx context.Context, chosen chosenMind) (mind.Mind, error) {
	if chosen.Kind == "embedded" {
		return m.body.embedded(ctx)
	}
	client, err := openai.New(openai.Options{
		Address: chosen.Address, Model: chosen.Model, Key: chosen.Key, Consents: chosen.Consents,
	})
	if err != nil {
		return nil, err // and no mind: a client that is nil would be one
	}
	return client, nil
}

// Mind implements web.Minds.
func (m *minds) Mind(ctx context.Context, person string) (web.MindReport, error) {
	opened, err := m.rooms.room(ctx, person)
	if err != nil {
		return web.MindReport{}, err
	}
	chosen, err := m.choice(opened.place)
	if err != nil {
		return web.MindReport{}, err
	}
	report := web.MindReport{Consents: web.Consents(chosen.Consents)}
	description, err := opened.mind.Describe(ctx)
	if err != nil {
		description = mind.Description{Model: chosen.Model, Place: chosen.Address}
	}
	report.Current = web.MindDescription(description)
	found, err := discover.Find(ctx, discover.Usual())
	if err != nil {
		m.log.Debug("looking for minds on this machine", "error", err)
	}
	for _, server := range found {
		report.Found = append(report.Found, web.FoundServer{
			Kind: kindOf(server.Name), Address: server.Address, Models: server.Models,
		})
	}
	return report, nil
}

// kindOf is the API's name of a program.
func kindOf(name string) string {
	kind := strings.ReplaceAll(strings.ToLower(name), " ", "")
	switch kind {
	case "ollama", "lmstudio", "llama-server", "vllm":
		return kind
	}
	return "other"
}

// tryFor bounds the trial of a mind before it is taken.
const tryFor = 90 * time.Second

// ChooseMind implements web.Minds.
func (m *minds) ChooseMind(ctx context.Context, person string, wish web.MindChoice) error {
	opened, err := m.rooms.room(ctx, person)
	if err != nil {
		return err
	}
	chosen := chosenMind{Kind: wish.Kind, Address: wish.Address, Model: wish.Model, Key: wish.Key}
	chosen.Consents = openai.Consents{
		Talk: slices.Contains(wish.Consents, "talk"), Memories: slices.Contains(wish.Consents, "memories"),
		Mail: slices.Contains(wish.Consents, "mail"), Pictures: slices.Contains(wish.Consents, "pictures"),
	}
	next, err := m.make(ctx, chosen)
	if err != nil {
		return web.Refuse(err.Error() + ".")
	}
	trial, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	// The trial holds none of the person's words.
	request := mind.Request{Messages: []mind.Message{{Role: mind.User, Content: "Say hello."}}, MaxTokens: 8}
	if _, err := next.Generate(trial, request, func(mind.Delta) error { return nil }); err != nil {
		return web.Refuse(err.Error() + ".")
	}
	text, err := json.Marshal(chosen)
	if err != nil {
		return fmt.Errorf("keep the choice of her mind: %w", err)
	}
	if err := choiceFile(opened.place).Write(opened.place.Key(), text); err != nil {
		return fmt.Errorf("keep the choice of her mind: %w", err)
	}
	opened.mind.Set(next)
	return opened.companion.RecordConsent(ctx, map[string]any{
		"mind": chosen.Kind, "address": chosen.Address, "model": chosen.Model, "consents": chosen.Consents,
	})
}

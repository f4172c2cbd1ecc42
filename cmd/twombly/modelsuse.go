package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"twombly/internal/config"
	"twombly/internal/mind/openai"
	"twombly/internal/native"
)

// modelsUseCommand writes a mind of the person's own into the configuration file.
type modelsUseCommand struct {
	cacheFolder `embed:""`
	Model       string `placeholder:"NAME" help:"Which of the server's models; needed where it offers several."`
	KeyFile     string `type:"path" placeholder:"FILE" help:"File that holds the server's API key and nothing else (chmod 600)."`
	Mind        string `arg:"" complete:"files" help:"A GGUF file, the address of one, the address of an OpenAI-compatible server, or \"default\"."`
}

// Run finds out what was named, tries it, and writes it down.
func (m *modelsUseCommand) Run(ctx context.Context, term terminal) error {
	address, err := url.Parse(m.Mind)
	remote := err == nil && (address.Scheme == "http" || address.Scheme == "https")
	var settings config.Mind
	switch {
	case m.Mind == "default":
		settings = config.Mind{Kind: "embedded"}
	case remote && strings.HasSuffix(address.Path, ".gguf"):
		settings, err = m.fetched(ctx, term)
	case remote:
		settings, err = m.server(ctx, term)
	default:
		settings, err = m.file(term, m.Mind)
	}
	if err != nil {
		return err
	}
	return m.write(term, settings)
}

// fetched downloads a model file from an address of the person's.
func (m *modelsUseCommand) fetched(ctx context.Context, term terminal) (config.Mind, error) {
	store, err := m.open(term)
	if err != nil {
		return config.Mind{}, err
	}
	bars, wait := showProgress(term.err)
	path, _, err := store.FetchGGUF(ctx, m.Mind, bars)
	wait()
	if err != nil {
		return config.Mind{}, err
	}
	return m.file(term, path)
}

// file checks a model file.
func (m *modelsUseCommand) file(term terminal, path string) (config.Mind, error) {
	if m.Model != "" || m.KeyFile != "" {
		return config.Mind{}, errors.New("--model and --key-file belong to a server, and a file was named")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return config.Mind{}, fmt.Errorf("the model file: %w", err)
	}
	model, err := native.CheckGGUF(path)
	if err != nil {
		return config.Mind{}, err
	}
	_, _ = fmt.Fprintf(term.out, "%s: %s, %.1f billion weights, %s; it reads %d tokens at once.\n",
		model.Name, model.Architecture, float64(model.Parameters)/1e9, native.Size(model.Bytes), model.ContextTokens)
	if !model.Chat {
		_, _ = fmt.Fprintln(term.err, "Careful: it brings no template for conversations; it may be a base model that doesn't talk.")
	}
	return config.Mind{Kind: "embedded", Model: path}, nil
}

// server tries a server and finds out which of its models is meant.
func (m *modelsUseCommand) server(ctx context.Context, term terminal) (config.Mind, error) {
	settings := config.Mind{Kind: "openai", Address: strings.TrimSuffix(m.Mind, "/"), Model: m.Model, KeyFile: m.KeyFile}
	if err := settings.Validate(); err != nil {
		return config.Mind{}, err
	}
	key, err := settings.Key()
	if err != nil {
		return config.Mind{}, err
	}
	models, err := modelsAt(ctx, settings.Address, key)
	if err != nil && !strings.HasSuffix(settings.Address, "/v1") {
		// People copy the address of the server; the protocol begins a step below it.
		if below, belowErr := modelsAt(ctx, settings.Address+"/v1", key); belowErr == nil {
			settings.Address, models, err = settings.Address+"/v1", below, nil
		}
	}
	if err != nil {
		return config.Mind{}, err
	}
	switch {
	case m.Model != "" && len(models) > 0 && !slices.Contains(models, m.Model):
		return config.Mind{}, fmt.Errorf("the server has no model %q; it has %s", m.Model, strings.Join(models, ", "))
	case m.Model != "":
	case len(models) == 1:
		settings.Model = models[0]
	case len(models) == 0:
		return config.Mind{}, errors.New("the server lists no models; name one with --model NAME")
	default:
		return config.Mind{}, fmt.Errorf("the server has several models; name one with --model NAME: %s", strings.Join(models, ", "))
	}
	_, _ = fmt.Fprintf(term.out, "%s answers; it has the model %s. What you say will be sent there.\n", settings.Address, settings.Model)
	return settings, nil
}

// modelsAt asks a server for its models.
func modelsAt(ctx context.Context, address, key string) ([]string, error) {
	// Which model is asked about does not matter for the list.
	client, err := openai.New(openai.Options{Address: address, Model: "any", Key: key, Consents: openai.TalkOnly})
	if err != nil {
		return nil, err
	}
	defer client.Close()
	return client.Models(ctx)
}

// write changes the configuration file and says what it was.
func (m *modelsUseCommand) write(term terminal, settings config.Mind) error {
	path := term.configFile
	if path == "" {
		usual, err := config.DefaultFile()
		if err != nil {
			return err
		}
		path = usual
	}
	kind := settings.Kind
	if kind == "embedded" {
		kind = "" // the default
	}
	changes := []config.Change{
		{Key: "mind.kind", Value: kind}, {Key: "mind.address", Value: settings.Address},
		{Key: "mind.model", Value: settings.Model}, {Key: "mind.key_file", Value: settings.KeyFile},
	}
	kept, err := config.Edit(path, changes)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintf(term.out, "Written to %s:\n", path)
	for _, change := range changes {
		value := "(default)"
		if change.Value != "" {
			value = fmt.Sprintf("%q", change.Value)
		}
		_, _ = fmt.Fprintf(term.out, "  %s = %s\n", change.Key, value)
	}
	undo := "rm " + path
	if kept != "" {
		undo = fmt.Sprintf("mv %s %s", kept, path)
	}
	_, _ = fmt.Fprintf(term.out, "To undo it: %s\nIt counts from her next start, unless another mind was chosen on the page.\n", undo)
	for _, name := range []string{"TWOMBLY_MIND_KIND", "TWOMBLY_MIND_ADDRESS", "TWOMBLY_MIND_MODEL", "TWOMBLY_MIND_KEY_FILE"} {
		if os.Getenv(name) != "" {
			_, _ = fmt.Fprintf(term.err, "Careful: the variable %s is set, and stands above the file.\n", name)
		}
	}
	return nil
}

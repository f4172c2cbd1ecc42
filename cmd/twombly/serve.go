package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"twombly/internal/audio/opus"
	"twombly/internal/call"
	"twombly/internal/config"
	"twombly/internal/native"
	"twombly/internal/people"
	"twombly/internal/people/control"
	"twombly/internal/realtime"
	"twombly/internal/web"
	"twombly/internal/web/assets"
)

// serveCommand starts her.
type serveCommand struct {
	config.Config `embed:""`

	// Without is for benchmarks, and no setting of a file.
	Without string `hidden:"" placeholder:"LAYERS" help:"Layers of turn-taking to leave out, parted by commas, to measure what each gives: duck, drafting, prefill, tempo, numbers, noise."`
}

// Help implements kong.HelpProvider.
func (serveCommand) Help() string {
	return `At the first start it says which models it needs and asks once before it downloads them. It prints the page's address;
Ctrl-C ends it.

Examples:

  twombly serve
  twombly serve --accept-licences                       nobody sits at this machine
  twombly serve --listen 127.0.0.1:7374 --data second   a second one beside the first
  twombly serve --mind-kind openai --mind-address http://127.0.0.1:11434/v1 --mind-model qwen3`
}

func (s *serveCommand) Run(ctx context.Context, term terminal) error {
	without, err := call.ParseLayers(s.Without)
	if err != nil {
		return err
	}
	return serve(ctx, s.Config, without, term, func(running running) {
		_, _ = fmt.Fprintf(term.out, "She is here: %s\n", running.address)
		if s.TLS {
			_, _ = fmt.Fprintf(term.out, "Clients and browsers must trust its authority: %s\n", web.AuthorityPath(certificates(s.Data)))
		}
		printWayIn(ctx, term, running)
		if running.first && s.Mind.Kind == "embedded" {
			printOtherMinds(ctx, term)
		}
	})
}

// running is a server that is ready, as the command line sees it.
type running struct {
	address string
	keys    control.Keys
	first   bool // nobody has met her in this store
}

// serve fetches what is missing, lights the lamps in order, says that she is ready, and waits for the end.
func serve(ctx context.Context, settings config.Config, without call.Layers, term terminal, ready func(running)) (err error) {
	log, closeLog, err := newLog(term, settings.Running)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	if err := forbidDumps(); err != nil {
		log.Warn("a crash may leave what she knows on the disk", "error", err)
	}
	// The port first: a taken port is the most common fault, and nothing should be loaded for it.
	listener, err := web.Listen(ctx, settings.Listen)
	if err != nil {
		return err
	}
	hangUps := &hangUps{}
	home, err := openHome(ctx, settings.Data, hangUps.ended)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer home.close(log)
	store, err := openStore(settings.Cache, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if err := fetchFor(ctx, settings, store, term); err != nil {
		return errors.Join(err, listener.Close())
	}
	body, err := startBody(ctx, settings, store, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer body.close()
	return serveWith(ctx, settings, without, listener, home, hangUps, body, log, ready)
}

// fetchFor fetches what the settings need: everything by default, or all but the mind where another is chosen.
func fetchFor(ctx context.Context, settings config.Config, store *native.Store, term terminal) error {
	if supported, sentence := native.Supported(); !supported {
		_, _ = fmt.Fprintln(term.err, sentence)
		return nil
	}
	return fetchModels(ctx, store, term, settings.AcceptLicences, neededFor(settings, store)...)
}

// neededFor are the entries that the settings need.
func neededFor(settings config.Config, store *native.Store) []string {
	var ids []string
	for _, id := range store.DefaultIDs() {
		own := settings.Mind.Kind == "openai" || settings.Mind.Model != ""
		if id == mindEntry && own { // its engine also tells ends of turns
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

// serveWith opens the rooms and the doors, and waits.
func serveWith(ctx context.Context, settings config.Config, without call.Layers, listener net.Listener, home *home, hangUps *hangUps,
	body *body, log *slog.Logger, ready func(running)) (err error) {
	minds := &minds{body: body, settings: settings.Mind, log: log}
	rooms := &rooms{house: home.house, minds: minds, log: log}
	minds.rooms = rooms
	defer func() { err = errors.Join(err, rooms.close()) }()
	owner, err := rooms.room(ctx, home.people.Owner().ID)
	if err != nil {
		return errors.Join(err, listener.Close())
	}

	calls := &calls{
		body: body, rooms: rooms, traces: &traces{kind: settings.Traces, folder: settings.Data + "/traces"}, phrases: call.NewPhrases(), without: without,
		log: log,
	}
	defer calls.work.Wait()
	library, err := loadOpus(body.store)
	if err != nil {
		log.Warn("calls go over WebSocket only, because libopus is not there", "error", err)
	}
	protocol, err := newProtocol(ctx, calls, body, library, settings.Voice, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, protocol.Close()) }()
	hangUps.server.Store(protocol)
	site := web.NewSite(listener.Addr(), settings.AllowedHosts, settings.AllowedOrigins, settings.TLS)
	if settings.TLS {
		config, err := web.LoopbackTLS(certificates(settings.Data), time.Now)
		if err != nil {
			return errors.Join(err, listener.Close())
		}
		listener = tls.NewListener(listener, config)
	}
	front, err := newFront(site, home.people, rooms, minds, body, protocol, &openAI{rooms: rooms, body: body, opus: library, log: log}, log)
	if err != nil {
		return errors.Join(err, listener.Close())
	}

	// The persona is read before anybody waits for it.
	calls.warm(ctx, owner)

	serving, stop := context.WithCancel(ctx)
	defer stop()
	var doors sync.WaitGroup
	doors.Go(func() { calls.foresee(serving, owner) })
	var controlErr error
	announced := func() { doors.Go(func() { announce(serving, front.Well, log) }) }
	since := time.Now()
	doors.Go(func() {
		describe := func() control.Status {
			return control.Status{
				Version: programVersion(), Process: os.Getpid(), Since: since, Address: site.Origin(),
				Instance: home.people.Instance(),
			}
		}
		controlErr = control.Serve(serving, settings.Data, home.people, describe, log, func() {
			announced()
			ready(running{address: site.Origin(), keys: home.people, first: !owner.companion.Met()})
		}, recordRoutes(ownRecords{owner.journal, owner.place})...)
		stop()
	})
	err = front.Serve(serving, listener)
	stop()
	doors.Wait()
	return errors.Join(err, controlErr)
}

// certificates is the folder of the program's own certificate authority.
func certificates(data string) string { return filepath.Join(data, "tls") }

// newProtocol makes the server of the Realtime protocol.
func newProtocol(ctx context.Context, calls *calls, body *body, library *opus.Library, voice config.Voice, log *slog.Logger) (*realtime.Server, error) {
	options := realtime.Options{Calls: calls, Opus: library, Quiet: voice.Quiet, OnlyMyVoice: voice.OnlyMyVoice, Log: log}
	voices, err := body.engine().Voices(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask for the voices: %w", err)
	}
	for _, voice := range voices {
		options.Voices = append(options.Voices, voice.Name)
	}
	if library != nil {
		var config net.ListenConfig
		if options.UDP, err = config.ListenPacket(ctx, "udp4", "127.0.0.1:0"); err != nil {
			return nil, fmt.Errorf("open the socket of voice calls: %w", err)
		}
	}
	return realtime.New(options)
}

// newFront makes the front door.
func newFront(site web.Site, house *people.House, rooms *rooms, minds *minds, body *body, protocol *realtime.Server,
	rest http.Handler, log *slog.Logger) (*web.Server, error) {
	missing, err := assets.Missing()
	if err != nil {
		return nil, err
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	options := web.Options{
		Site: site, House: house, Version: programVersion(), Rooms: rooms, Samples: &samples{body: body},
		Status: &status{body: body, rooms: rooms}, Minds: minds, Ready: body, Realtime: protocol.Handler(), Secrets: protocol.CallerOfSecret,
		OpenAI:  rest,
		Missing: missing, Metrics: metrics, Log: log,
	}
	if app, built := assets.App(); built {
		options.App = app
	}
	return web.New(options)
}

// printWayIn prints the owner's link, but only where nobody else reads it: on a terminal.
func printWayIn(ctx context.Context, term terminal, running running) {
	file, ok := term.out.(*os.File)
	if !ok || !people.IsTerminal(file) {
		_, _ = fmt.Fprintln(term.out, "To come in, run \"twombly owner-link\" in a terminal.")
		return
	}
	link, err := running.keys.OwnerLink(ctx)
	if err == nil {
		err = people.PrintLink(file, running.address, link)
	}
	if err != nil {
		_, _ = fmt.Fprintf(term.err, "twombly: no link could be made: %v\n", err)
	}
}

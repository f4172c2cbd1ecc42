package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"twombly/internal/companion"
	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/mind"
	"twombly/internal/web"
)

// rooms holds what belongs to each person: a journal, a companion, a mind. A person's room is opened when it is first
// asked for and stays open until the program ends.
type rooms struct {
	house *fabric.House
	minds *minds
	log   *slog.Logger

	lock sync.Mutex
	open map[string]*room
}

// room is one person's.
type room struct {
	journal   *journal.Journal
	companion *companion.Companion
	thinking  *thinking
	mind      *mind.Switch
	place     *fabric.Place
}

var _ web.Rooms = (*rooms)(nil)

// Open implements web.Rooms.
func (r *rooms) Open(ctx context.Context, person string) (web.Room, func(), error) {
	opened, err := r.room(ctx, person)
	if err != nil {
		return web.Room{}, nil, err
	}
	return web.Room{Companion: opened.companion, Journal: opened.journal}, func() {}, nil
}

// room opens a person's room, or finds it open.
func (r *rooms) room(ctx context.Context, person string) (*room, error) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if opened := r.open[person]; opened != nil {
		return opened, nil
	}
	// A request that goes away must not leave a half-open store.
	opened, err := r.openRoom(context.WithoutCancel(ctx), person)
	if err != nil {
		return nil, err
	}
	if r.open == nil {
		r.open = map[string]*room{}
	}
	r.open[person] = opened
	return opened, nil
}

func (r *rooms) openRoom(ctx context.Context, person string) (*room, error) {
	place, err := placeOf(ctx, r.house, person)
	if err != nil {
		return nil, err
	}
	book, err := journal.Open(ctx, journal.Options{Place: place})
	if err != nil {
		return nil, err
	}
	opened := &room{journal: book, place: place}
	if err := r.wake(ctx, opened, person); err != nil {
		return nil, errors.Join(err, book.Close())
	}
	return opened, nil
}

// wake brings the companion of an open journal to life.
func (r *rooms) wake(ctx context.Context, opened *room, person string) error {
	cut, err := opened.journal.Settle(ctx, "crash")
	if err != nil {
		return fmt.Errorf("end what a crash cut off: %w", err)
	}
	if len(cut) > 0 {
		r.log.Info("replies that a crash cut off were ended", "count", len(cut))
	}
	chosen, err := r.minds.of(ctx, opened.place)
	if err != nil {
		// She can still be read, and another mind can be chosen on the page.
		r.log.Error("the mind that was chosen can't be used", "error", err)
	}
	opened.mind = mind.NewSwitch(chosen)
	opened.thinking = &thinking{mind: opened.mind, log: r.log}
	opened.companion, err = companion.Open(ctx, companion.Options{
		Person: person, Journal: opened.journal, Mind: opened.thinking, Log: r.log,
	})
	return err
}

// placeOf opens where a person lives, and makes it at the first start.
func placeOf(ctx context.Context, house *fabric.House, person string) (*fabric.Place, error) {
	people, err := house.People(ctx)
	if err != nil {
		return nil, err
	}
	if slices.Contains(people, person) {
		return house.Place(ctx, person)
	}
	return house.CreateAs(ctx, person)
}

func (r *rooms) close() error {
	r.lock.Lock()
	defer r.lock.Unlock()
	var failures []error
	for _, opened := range r.open {
		failures = append(failures, opened.journal.Close())
	}
	r.open = nil
	return errors.Join(failures...)
}

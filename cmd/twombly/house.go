package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"twombly/internal/fabric"
	"twombly/internal/people"
	"twombly/internal/vault"
)

// home is the open data folder: the house, and who may enter it.
type home struct {
	house  *fabric.House
	people *people.House
}

// openHome claims the data folder and opens it, making it at the first start.
func openHome(ctx context.Context, folder string, ended func(credentialID string)) (*home, error) {
	house, err := fabric.Open(ctx, fabric.Options{
		Folder: folder, Keyring: vault.OSKeyring{Service: "twombly"}, Passphrase: askPassphrase,
	})
	if err != nil {
		return nil, err
	}
	opened, err := openPeople(ctx, house, ended)
	if err != nil {
		return nil, errors.Join(err, house.Close())
	}
	return &home{house: house, people: opened}, nil
}

func openPeople(ctx context.Context, house *fabric.House, ended func(string)) (*people.House, error) {
	store, err := people.NewStore(ctx, house.Database())
	if err != nil {
		return nil, err
	}
	pepper, err := house.Secret(ctx, "people")
	if err != nil {
		return nil, err
	}
	return people.Open(ctx, store, people.Options{Pepper: pepper, Ended: ended})
}

func (h *home) close(log *slog.Logger) {
	if err := h.house.Close(); err != nil {
		log.Error("the data folder could not be closed in order", "error", err)
	}
}

// owner is the person's place of the owner.
func (h *home) owner(ctx context.Context) (*fabric.Place, error) {
	place, err := placeOf(ctx, h.house, h.people.Owner().ID)
	if err != nil {
		return nil, fmt.Errorf("open the owner's folder: %w", err)
	}
	return place, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"twombly/internal/journal"
	"twombly/internal/vault"
)

// data looks at what is precious.
func (e *examination) data(ctx context.Context) {
	there, err := os.ReadDir(e.settings.Data)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(there) == 0 {
		e.found(finding{Part: "data", State: fine, Sentence: e.settings.Data + " is empty; her first start fills it"})
		return
	}
	info, statErr := os.Stat(e.settings.Data)
	if err := errors.Join(err, statErr); err != nil {
		e.found(finding{Part: "data", State: broken, Sentence: err.Error(), Mend: "give the folder to the user who runs her, or name another with --data"})
		return
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 && runtime.GOOS != "windows" {
		e.found(finding{Part: "data", State: broken, Sentence: fmt.Sprintf("others on this machine can look into %s (mode %04o)", e.settings.Data, mode),
			Mend: "chmod 700 " + e.settings.Data})
	}
	if e.server != nil {
		e.servedJournal(ctx)
		return
	}
	e.ownStore(ctx)
}

// ownStore opens the store, as a server would.
func (e *examination) ownStore(ctx context.Context) {
	home, err := openHome(ctx, e.settings.Data, nil)
	var owned *vault.OwnedError
	switch {
	case errors.As(err, &owned):
		e.found(finding{Part: "data", State: note, Sentence: err.Error(), Mend: "look again when that one has ended"})
		return
	case err != nil:
		e.found(finding{Part: "data", State: broken, Sentence: err.Error(), Mend: storeMend(err)})
		return
	}
	defer home.close(e.log)
	owner := home.people.Owner().ID
	people, err := home.house.People(ctx)
	if err != nil {
		e.found(finding{Part: "data", State: broken, Sentence: err.Error(), Mend: storeMend(err)})
		return
	}
	if len(people) == 0 {
		e.found(finding{Part: "data", State: fine, Sentence: e.settings.Data + ": nobody has talked with her yet"})
		return
	}
	where, err := home.house.Keeper().Where(owner)
	if err != nil {
		e.found(finding{Part: "key", State: broken, Sentence: err.Error(), Mend: storeMend(err)})
		return
	}
	e.found(finding{Part: "key", State: fine, Sentence: keyPlaces[where]})
	place, err := home.owner(ctx)
	if err != nil {
		e.found(finding{Part: "journal", State: broken, Sentence: err.Error(), Mend: storeMend(err)})
		return
	}
	book, err := journal.Open(ctx, journal.Options{Place: place})
	if err != nil {
		e.found(finding{Part: "journal", State: broken, Sentence: err.Error(), Mend: storeMend(err)})
		return
	}
	defer book.Close()
	if e.full {
		e.report(book.Verify(ctx))
		return
	}
	// Opening it held the end of the chain against everything that knows it.
	e.found(finding{Part: "journal", State: fine, Sentence: fmt.Sprintf("%d moments, and the end of the chain is right (all of it: --full)", book.Count())})
}

var keyPlaces = map[vault.Rest]string{
	vault.InKeyring:        "your key rests in this machine's keyring",
	vault.InFile:           "your key rests in a file that only you can read; who has the data folder has it too",
	vault.BehindPassphrase: "your key rests behind your passphrase",
}

// storeMend says what to do about a store that can't be opened.
func storeMend(err error) string {
	switch {
	case errors.Is(err, vault.ErrWrongKey):
		return "bring back the folder \"keeper\" that belongs to this store, from the same backup"
	case errors.Is(err, vault.ErrNewer):
		return "use the newer program; nothing was changed"
	case errors.Is(err, vault.ErrDamaged), errors.Is(err, vault.ErrMissing):
		return "bring the folder back from a backup; nothing was changed"
	case errors.Is(err, vault.ErrNoKeyring):
		return "sign in to the desktop session whose keyring holds the key"
	case errors.Is(err, vault.ErrPassphraseNeeded):
		return "run it in a terminal, or set " + passphraseVariable
	}
	return ""
}

// servedJournal asks the running server to look.
func (e *examination) servedJournal(ctx context.Context) {
	if !e.full {
		e.found(finding{Part: "journal", State: fine, Sentence: "the server has it open (all of it: --full)"})
		return
	}
	e.report(servedRecords{e.server}.report(ctx))
}

func (e *examination) report(report journal.Report, err error) {
	switch {
	case err != nil:
		e.found(finding{Part: "journal", State: broken, Sentence: err.Error()})
	case !report.Sound():
		e.found(finding{Part: "journal", State: broken, Sentence: report.Problems[0].Sentence, Mend: "twombly journal verify tells everything; bring the folder back from a backup"})
	default:
		e.found(finding{Part: "journal", State: fine, Sentence: fmt.Sprintf("all %d moments are there, unchanged and in order", report.Moments)})
	}
}

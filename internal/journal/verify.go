package journal

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"twombly/internal/vault"
)

// Report is what Verify found.
type Report struct {
	// Person is whose journal it is.
	Person string `json:"person"`
	// Moments is how many there are, forgotten ones included; Forgotten how many of them are; Epochs how many groups.
	Moments   int64 `json:"moments"`
	Forgotten int64 `json:"forgotten"`
	Epochs    int   `json:"epochs"`
	// Head is the hash at the end of the chain, in hexadecimal. Together with Moments it fixes everything before: whoever
	// wrote the two down elsewhere can later tell that the journal still goes through them.
	Head string `json:"head"`
	// Problems is empty when the journal is sound.
	Problems []Problem `json:"problems"`
}

// Sound reports whether nothing was found.
func (r Report) Sound() bool { return len(r.Problems) == 0 }

// Problem is one thing that is not as it was written.
type Problem struct {
	// Sequence is the moment it was found at; 0 means the store as a whole.
	Sequence int64 `json:"sequence,omitempty"`
	// Code is stable, one of the constants below.
	Code string `json:"code"`
	// Sentence says it to a person.
	Sentence string `json:"sentence"`
}

// Problem codes.
const (
	// Flipped: the contents of a moment, its ID or its place are not what was sealed.
	Flipped = "flipped"
	// MissingMoments: there is a hole, or the end is cut off.
	MissingMoments = "missing"
	// BrokenChain: a moment does not follow the one before it: another order, or another's moment.
	BrokenChain = "chain"
	// WrongMark: the journal does not go through a place that was noted outside it: an older copy, or another journal.
	WrongMark = "mark"
	// UnaskedForgetting: contents are gone and no moment says that this was wished.
	UnaskedForgetting = "forgotten"
	// Unreadable: the database cannot give the moments back.
	Unreadable = "unreadable"
	// BrokenStructure: SQLite's own check complains.
	BrokenStructure = "structure"
)

// most is where a report of problems stops: a broken journal has as many as it has moments.
const most = 100

// verification is the state of one walk along the chain.
type verification struct {
	report     Report
	ring       keyRing
	head       mark
	before     [chainSize]byte
	next       int64
	marks      map[int64][][]byte
	forgotten  map[string]int64
	epochCount map[int64]int
}

// Verify reads the whole journal and reports whatever is not as it was written: a flipped bit, another order, a hole, a cut
// end, contents of another person. The error says that it could not look, not what it saw.
func (j *Journal) Verify(ctx context.Context) (Report, error) {
	j.state.RLock()
	walk := &verification{ring: j.ring, head: j.head, next: 1, marks: map[int64][][]byte{},
		forgotten: map[string]int64{}, epochCount: map[int64]int{}}
	j.state.RUnlock()
	walk.report = Report{Person: j.place.ID(), Epochs: len(walk.ring.Epochs), Head: hex.EncodeToString(walk.head.Chain)}
	walk.before = firstChain(j.place.ID())
	walk.remember(walk.ring.Witness)
	for _, epoch := range walk.ring.Epochs {
		walk.remember(epoch.After)
	}
	if err := j.walk(ctx, walk); err != nil {
		return Report{}, err
	}
	if err := j.verifyEnd(ctx, walk); err != nil {
		return Report{}, err
	}
	complaints, err := j.database.Check(ctx)
	if err != nil && !errors.Is(err, vault.ErrDamaged) {
		return Report{}, err
	}
	if err != nil {
		complaints = append(complaints, err.Error())
	}
	for _, complaint := range complaints {
		walk.problem(0, BrokenStructure, "SQLite reports: %s", strings.TrimSpace(complaint))
	}
	return walk.report, nil
}

func (v *verification) remember(known mark) {
	if known.Sequence > 0 {
		v.marks[known.Sequence] = append(v.marks[known.Sequence], known.Chain)
	}
}

func (v *verification) problem(sequence int64, code, sentence string, details ...any) {
	if len(v.report.Problems) < most {
		v.report.Problems = append(v.report.Problems,
			Problem{Sequence: sequence, Code: code, Sentence: fmt.Sprintf(sentence, details...)})
	}
}

// walk goes over all rows up to the head, page by page, and around what the database cannot give back.
func (j *Journal) walk(ctx context.Context, v *verification) error {
	for v.next <= v.head.Sequence {
		rows, _, err := j.page(ctx, Query{After: v.next - 1, Before: v.head.Sequence + 1})
		if errors.Is(err, vault.ErrDamaged) {
			if err := j.walkSingly(ctx, v); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		for _, stored := range rows {
			v.row(stored)
		}
		if len(rows) == 0 {
			v.hole(v.head.Sequence + 1)
		}
	}
	return nil
}

// walkSingly looks at the next page's moments one at a time, so that one bad page of the file hides no others.
func (j *Journal) walkSingly(ctx context.Context, v *verification) error {
	end := min(v.next+pageSize, v.head.Sequence+1)
	for ; v.next < end; v.next++ {
		var stored row
		found := false
		err := j.database.Read(ctx, func(connection *sqlite3.Conn) (err error) {
			stored, found, err = oneRow(connection, `WHERE sequence=?`, v.next)
			return err
		})
		switch {
		case errors.Is(err, vault.ErrDamaged):
			v.report.Moments++
			v.before = [chainSize]byte{}
			v.problem(v.next, Unreadable, "moment %d cannot be read: its page in the file is damaged", v.next)
		case err != nil:
			return err
		case !found:
			v.hole(v.next + 1)
			v.next--
		default:
			v.row(stored)
			v.next--
		}
	}
	return nil
}

// hole reports the moments from next up to, not including, until.
func (v *verification) hole(until int64) {
	if until == v.next+1 {
		v.problem(v.next, MissingMoments, "moment %d is missing", v.next)
	} else {
		v.problem(v.next, MissingMoments, "moments %d to %d are missing", v.next, until-1)
	}
	v.next, v.before = until, [chainSize]byte{}
}

// row holds one moment against the chain, the marks and its seal.
func (v *verification) row(stored row) {
	if stored.sequence != v.next {
		v.hole(stored.sequence)
	}
	v.report.Moments++
	// After a hole nobody knows what came before; the moment's own chain is then taken as it is.
	if unknown := v.before == [chainSize]byte{}; !unknown && link(v.before, stored.sequence, stored.id, stored.commitment) != stored.chain {
		v.problem(stored.sequence, BrokenChain, "moment %d does not follow the one before it", stored.sequence)
	}
	for _, chain := range v.marks[stored.sequence] {
		if !bytes.Equal(chain, stored.chain[:]) {
			v.problem(stored.sequence, WrongMark, "moment %d is not the one that the keys vouch for", stored.sequence)
		}
	}
	if v.epochCount[stored.epoch]++; v.epochCount[stored.epoch] == EpochSize+1 {
		v.problem(stored.sequence, BrokenStructure, "epoch %d has more than %d moments", stored.epoch, EpochSize)
	}
	v.contents(stored)
	v.before, v.next = stored.chain, stored.sequence+1
}

func (v *verification) contents(stored row) {
	moment, err := openRow(stored, v.ring)
	switch {
	case errors.Is(err, errForgotten):
		v.report.Forgotten++
		v.forgotten[formatID(stored.id)] = stored.sequence
	case err != nil:
		v.problem(stored.sequence, Flipped, "moment %d is not what was written: %v", stored.sequence, err)
	case moment.Kind == Tombstone:
		delete(v.forgotten, moment.Refers)
	}
}

// verifyEnd looks for a cut end, and for forgettings that nobody asked for.
func (j *Journal) verifyEnd(ctx context.Context, v *verification) error {
	for sequence := range v.marks {
		if sequence > v.head.Sequence {
			v.problem(sequence, MissingMoments, "the journal ends at moment %d and moment %d was kept", v.head.Sequence, sequence)
		}
	}
	for _, sequence := range v.forgotten {
		v.problem(sequence, UnaskedForgetting, "the contents of moment %d are gone and nothing says that this was wished", sequence)
	}
	if v.head.Sequence > 0 && !bytes.Equal(v.before[:], v.head.Chain) && v.before != [chainSize]byte{} {
		v.problem(v.head.Sequence, BrokenChain, "the chain does not end where the journal says")
	}
	return ctx.Err()
}

package durability

import (
	"context"
	"fmt"
	"math/rand/v2"
)

// Sweep cuts the power at every prefix of a recording.
type Sweep struct {
	// Folder is an empty folder on the real disk, for locks and shared memory.
	Folder string
	// Seed fixes every chance.
	Seed uint64
	// WholeEvery and GoOnEvery say that about one image in so many is checked to that depth; the rest by its tail.
	WholeEvery, GoOnEvery int
	// From leaves out the prefixes in which fewer moments were acknowledged.
	From int64
	// Shards splits the work: a sweep checks every prefix whose number leaves Shard when divided by Shards; 0 means all.
	Shard, Shards int
	// Progress, when set, is called after each prefix.
	Progress func(Statistics)
}

// Statistics count what a sweep did.
type Statistics struct {
	// Prefixes of the log, Images opened, by fate, and how many of them to which depth.
	Prefixes, Operations int
	Images               int
	ByFate               [Fates]int
	ByDepth              [GoOn + 1]int
	// MostUnderway is the most changes that were on their way at once.
	MostUnderway int
}

// Add sums what shards of one sweep did.
func (s Statistics) Add(other Statistics) Statistics {
	s.Prefixes += other.Prefixes
	s.Operations = other.Operations
	s.Images += other.Images
	s.MostUnderway = max(s.MostUnderway, other.MostUnderway)
	for fate := range s.ByFate {
		s.ByFate[fate] += other.ByFate[fate]
	}
	for depth := range s.ByDepth {
		s.ByDepth[depth] += other.ByDepth[depth]
	}
	return s
}

// Run plays the log and, after each operation, opens the store from what a power cut may leave: with nothing that was on
// its way, with all of it, and with a part chosen by one of the other fates in turn. Images that would be the same as the
// last one of their fate are left out: with nothing on its way all fates are one, and what is surely on the disk changes
// only with a sync or an acknowledgement. It stops at the first store that lost something.
func (s Sweep) Run(ctx context.Context, recording Recording) (Statistics, error) {
	statistics := Statistics{Operations: len(recording.Log)}
	model := NewModel()
	settled := -1
	partial := []Fate{Chosen, Torn, Scattered}
	for prefix := 0; prefix <= len(recording.Log); prefix++ {
		if prefix > 0 {
			if err := model.Play(recording.Log[prefix-1]); err != nil {
				return statistics, err
			}
		}
		if model.Acknowledged < s.From {
			continue
		}
		sureChanged := model.Settled != settled
		settled = model.Settled
		if s.Shards > 0 && prefix%s.Shards != s.Shard {
			continue
		}
		statistics.Prefixes++
		underway := model.Underway()
		statistics.MostUnderway = max(statistics.MostUnderway, underway)
		var fates []Fate
		if sureChanged {
			fates = append(fates, Lost)
		}
		if underway > 0 {
			fates = append(fates, Kept, partial[prefix/max(1, s.Shards)%len(partial)])
		}
		for _, fate := range fates {
			chance := rand.New(rand.NewPCG(s.Seed, uint64(prefix)<<8|uint64(fate)))
			depth := s.depth(chance)
			statistics.Images++
			statistics.ByFate[fate]++
			statistics.ByDepth[depth]++
			image := model.Crash(fate, chance)
			if err := recording.Check(ctx, s.Folder, image.Disk(s.Folder), model.Acknowledged, depth); err != nil {
				return statistics, fmt.Errorf("power cut after operation %d of %d (%s), changes on their way %s: %w",
					prefix, len(recording.Log), describe(recording.Log, prefix), fate, err)
			}
		}
		if s.Progress != nil {
			s.Progress(statistics)
		}
	}
	return statistics, nil
}

func (s Sweep) depth(chance *rand.Rand) Depth {
	switch {
	case s.GoOnEvery > 0 && chance.IntN(s.GoOnEvery) == 0:
		return GoOn
	case s.WholeEvery > 0 && chance.IntN(s.WholeEvery) == 0:
		return Whole
	}
	return Tail
}

func describe(log []Operation, prefix int) string {
	if prefix == 0 {
		return "before the first"
	}
	last := log[prefix-1]
	return fmt.Sprintf("%s %s", last.Action, last.Path)
}

package durability

import (
	"maps"
	"math/rand/v2"
)

// Fate says what becomes of the changes that were on their way when the power went.
type Fate int

// Fates.
const (
	// Lost: nothing that was not synced is there.
	Lost Fate = iota
	// Kept: everything is there, as after kill -9.
	Kept
	// Chosen: each change is there whole or not at all, by chance: dropped and reordered writes.
	Chosen
	// Torn: everything but the last change of each file, and of that a beginning, in whole sectors.
	Torn
	// Scattered: each sector of 512 bytes has any of the contents that were ever written to it since the last sync, by
	// chance, and each file any of its sizes: dropped, reordered and torn at once.
	Scattered
	// Fates is how many there are.
	Fates
)

func (f Fate) String() string {
	return [...]string{"lost", "kept", "chosen", "torn", "scattered"}[f]
}

// Crash returns the disk as it may be found after a power cut. The same chance gives the same image.
func (m *Model) Crash(fate Fate, chance *rand.Rand) *Image {
	entries := maps.Clone(m.durable)
	for _, change := range m.underway {
		if fate == Kept || fate == Torn || fate != Lost && chance.IntN(2) == 0 {
			place(entries, change)
		}
	}
	contents := map[*inode]*blob{}
	for _, node := range m.nodes() {
		contents[node] = node.crash(fate, chance)
	}
	image := newImage()
	for _, name := range sortedNames(entries) {
		node := entries[name]
		switch {
		case !reachable(entries, name):
		case node.folder:
			image.folders[name] = true
		default:
			// Two names of one file cannot be written to independently, and nobody writes through both.
			image.files[name] = &imageFile{contents: contents[node].clone()}
		}
	}
	return image
}

// crash returns a file's contents after the power cut.
func (n *inode) crash(fate Fate, chance *rand.Rand) *blob {
	after := n.synced.clone()
	switch fate {
	case Kept:
		for _, operation := range n.pending {
			apply(after, operation)
		}
	case Chosen:
		for _, operation := range n.pending {
			if chance.IntN(2) == 0 {
				apply(after, operation)
			}
		}
	case Torn:
		for i, operation := range n.pending {
			if i == len(n.pending)-1 && operation.Action == Write {
				operation.Data = operation.Data[:cutAtSector(operation, chance)]
			}
			apply(after, operation)
		}
	case Scattered:
		n.scatter(after, chance)
	}
	return after
}

// cutAtSector chooses how much of a write is there: up to a border between sectors of the disk.
func cutAtSector(operation Operation, chance *rand.Rand) int {
	first := int((SectorSize - operation.Offset%SectorSize) % SectorSize)
	borders := []int{0}
	for cut := first; cut < len(operation.Data); cut += SectorSize {
		if cut > 0 {
			borders = append(borders, cut)
		}
	}
	return borders[chance.IntN(len(borders))]
}

// scatter chooses each sector's contents among all that were written to it, the synced ones included.
func (n *inode) scatter(after *blob, chance *rand.Rand) {
	if len(n.pending) == 0 {
		return
	}
	versions := []*blob{n.synced}
	sectors := map[int64]bool{}
	for _, operation := range n.pending {
		next := versions[len(versions)-1].clone()
		apply(next, operation)
		versions = append(versions, next)
		if operation.Action == Write {
			end := operation.Offset + int64(len(operation.Data))
			for sector := operation.Offset / SectorSize; sector*SectorSize < end; sector++ {
				sectors[sector] = true
			}
		}
	}
	size := versions[chance.IntN(len(versions))].size
	after.resize(size)
	var buffer [SectorSize]byte
	for sector := range size/SectorSize + 1 {
		if !sectors[sector] {
			continue
		}
		clear(buffer[:])
		versions[chance.IntN(len(versions))].readAt(buffer[:], sector*SectorSize)
		if count := min(SectorSize, size-sector*SectorSize); count > 0 {
			after.writeAt(buffer[:count], sector*SectorSize)
		}
	}
}

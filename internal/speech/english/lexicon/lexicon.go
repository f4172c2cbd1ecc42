// Package lexicon looks English words up in two pronouncing dictionaries.
//
// The dictionaries are JSON objects of word to phonemes, published with the misaki project: "gold" is curated and
// "silver" is derived. A gold entry may be an object of part of speech to phonemes ({"DEFAULT": …, "VERB": …}). The
// alphabet is the one that Kokoro was trained on (see package english).
//
// There are 180,000 entries, and an ordinary map of them costs 60 MB and most of a second to fill. So the files stay
// as they are, 6 MB of bytes, and beside them stands one hash table of offsets; an entry is decoded when it is
// looked up.
package lexicon

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"unicode"
	"unicode/utf8"
)

// Files of a lexicon folder.
const (
	GoldFile   = "us_gold.json"
	SilverFile = "us_silver.json"
)

// Entry is how a word is said: by part of speech, "DEFAULT" always among them. Parts are "NOUN", "VERB", "ADJ",
// "ADV", "DT", "VBD" (past), "VBN" (participle), "VBP" (present), and "None" for a word at the end of its phrase.
// A part with an empty value is said letter by letter ("US").
type Entry map[string]string

// Default is the part that every entry has.
const Default = "DEFAULT"

// Lexicon is the two dictionaries. It is never changed after Open and is safe for concurrent use.
type Lexicon struct {
	gold, silver *dictionary
}

// Open reads the dictionaries of a folder. A missing or damaged file is an error that names it.
func Open(dir string) (*Lexicon, error) {
	gold, err := openDictionary(filepath.Join(dir, GoldFile))
	if err != nil {
		return nil, err
	}
	silver, err := openDictionary(filepath.Join(dir, SilverFile))
	if err != nil {
		return nil, err
	}
	return &Lexicon{gold: gold, silver: silver}, nil
}

// Lookup finds a word as it is written; failing that, a capitalised word in small letters, or a small one
// capitalised. Gold comes before silver.
func (l *Lexicon) Lookup(word string) (Entry, bool) {
	other := flipFirst(word)
	for _, d := range []*dictionary{l.gold, l.silver} {
		if entry, ok := d.lookup(word); ok {
			return entry, true
		}
		if other != "" {
			if entry, ok := d.lookup(other); ok {
				return entry, true
			}
		}
	}
	return nil, false
}

// flipFirst returns a capitalised word in small letters and the reverse; empty for words in mixed case.
func flipFirst(word string) string {
	first, size := utf8.DecodeRuneInString(word)
	for _, r := range word[size:] {
		if unicode.IsUpper(r) {
			return ""
		}
	}
	switch {
	case size == len(word):
		return ""
	case unicode.IsUpper(first):
		return string(unicode.ToLower(first)) + word[size:]
	case unicode.IsLower(first):
		return string(unicode.ToUpper(first)) + word[size:]
	}
	return ""
}

// dictionary is one JSON object of words, indexed in place.
type dictionary struct {
	data  []byte
	slots []uint32 // offset of a key's first byte, by hash with linear probing; 0 is empty
}

func openDictionary(path string) (*dictionary, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read pronouncing dictionary: %w", err)
	}
	d := &dictionary{data: data}
	if err := d.index(); err != nil {
		return nil, fmt.Errorf("pronouncing dictionary %s is damaged: %w", path, err)
	}
	return d, nil
}

// index walks the object once and enters each key in the table. It accepts the JSON that such a file holds: keys and
// values without control characters, values strings or flat objects of strings and nulls.
func (d *dictionary) index() error {
	p := parser{data: d.data}
	var keys []uint32
	if err := p.object(func(key span) error {
		keys = append(keys, uint32(key.start))
		return p.value()
	}); err != nil {
		return err
	}
	p.blanks()
	if p.at != len(p.data) {
		return p.fail("text after the end")
	}
	size := 1024
	for size < 2*len(keys) {
		size *= 2
	}
	d.slots = make([]uint32, size)
	for _, key := range keys {
		slot := hash(d.keyAt(key)) & uint32(size-1)
		for d.slots[slot] != 0 {
			slot = (slot + 1) & uint32(size-1)
		}
		d.slots[slot] = key
	}
	return nil
}

// keyAt returns the key that starts at an offset; keys with escapes are not words and are found by nobody.
func (d *dictionary) keyAt(offset uint32) []byte {
	end := offset
	for d.data[end] != '"' {
		end++
	}
	return d.data[offset:end]
}

// hash is FNV-1a.
func hash[T string | []byte](key T) uint32 {
	h := uint32(2166136261)
	for i := range len(key) {
		h = (h ^ uint32(key[i])) * 16777619
	}
	return h
}

func (d *dictionary) lookup(word string) (Entry, bool) {
	if word == "" {
		return nil, false
	}
	mask := uint32(len(d.slots) - 1)
	for slot := hash(word) & mask; d.slots[slot] != 0; slot = (slot + 1) & mask {
		key := d.keyAt(d.slots[slot])
		if string(key) == word {
			return d.entry(int(d.slots[slot]) + len(key) + 1)
		}
	}
	return nil, false
}

// entry decodes the value after a key; the index has checked its form.
func (d *dictionary) entry(at int) (Entry, bool) {
	p := parser{data: d.data, at: at}
	if p.colon() != nil {
		return nil, false
	}
	start := p.at
	if p.value() != nil {
		return nil, false
	}
	raw := d.data[start:p.at]
	if raw[0] == '"' {
		var phonemes string
		if json.Unmarshal(raw, &phonemes) != nil {
			return nil, false
		}
		return Entry{Default: phonemes}, true
	}
	entry := Entry{}
	if json.Unmarshal(raw, &entry) != nil {
		return nil, false
	}
	return entry, true
}

package duplex

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Corpus is what a folder of recordings holds: folders speech (people talking, with names as in
// "03_spk1_snt4.wav": a number, the speaker, a number), nonverbal (sounds of people that are no speech), digits
// ("<digit>_<speaker>_<take>.wav") and noise (heard all the time; files whose name holds "people_talking" are speech to
// others). A folder that is missing is empty.
type Corpus struct {
	Folder string
	// Speech and Digits are files by speaker, sorted.
	Speech map[string][]string
	Digits map[string][]string
	// Nonverbal, Noise and Talk are files, sorted.
	Nonverbal []string
	Noise     []string
	Talk      []string
}

// ErrNoCorpus says that a folder holds no speech of people.
var ErrNoCorpus = errors.New("there are no recordings of people talking: a folder is wanted in which speech/ holds WAV files " +
	"(and nonverbal/, digits/ and noise/ theirs)")

// ReadCorpus looks at a folder.
func ReadCorpus(folder string) (Corpus, error) {
	c := Corpus{Folder: folder, Speech: map[string][]string{}, Digits: map[string][]string{}}
	for _, kind := range []string{"speech", "nonverbal", "digits", "noise"} {
		names, err := filepath.Glob(filepath.Join(folder, kind, "*.wav"))
		if err != nil {
			return c, fmt.Errorf("look for recordings: %w", err)
		}
		slices.Sort(names)
		for _, name := range names {
			c.add(kind, path.Join(kind, filepath.Base(name)))
		}
	}
	if len(c.Speech) == 0 {
		if _, err := os.Stat(folder); err != nil {
			return c, fmt.Errorf("%w: %w", ErrNoCorpus, err)
		}
		return c, fmt.Errorf("%w: %s", ErrNoCorpus, folder)
	}
	return c, nil
}

func (c *Corpus) add(kind, file string) {
	switch kind {
	case "speech":
		speaker := speakerOf(file)
		c.Speech[speaker] = append(c.Speech[speaker], file)
	case "digits":
		if parts := strings.Split(path.Base(file), "_"); len(parts) == 3 {
			c.Digits[parts[1]] = append(c.Digits[parts[1]], file)
		}
	case "nonverbal":
		c.Nonverbal = append(c.Nonverbal, file)
	case "noise":
		if strings.Contains(file, "people_talking") {
			c.Talk = append(c.Talk, file)
		} else {
			c.Noise = append(c.Noise, file)
		}
	}
}

var (
	numberBefore = regexp.MustCompile(`^\d+_`)
	numberAfter  = regexp.MustCompile(`[-_]?\d+$`)
)

// speakerOf guesses who speaks from a file's name: what is between the numbers.
func speakerOf(file string) string {
	name := strings.TrimSuffix(path.Base(file), path.Ext(file))
	return numberAfter.ReplaceAllString(numberBefore.ReplaceAllString(name, ""), "")
}

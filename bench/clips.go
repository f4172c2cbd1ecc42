package bench

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"twombly/bench/measure"
	"twombly/internal/audio"
	"twombly/internal/speech/wer"
)

// clip is a person's recorded words.
type clip struct {
	Name       string
	Transcript string
	Sound      audio.Clip
	// From and To are the first and last voiced sample, by audio.Voiced; Floor is the noise of the recording, in dBFS.
	From, To int
	Floor    float64
}

// transcriptsFile names, beside the WAV files, what is said in each: a header line, then "file<TAB>transcript".
const transcriptsFile = "transcripts.tsv"

// DefaultClips is where clips lie when nobody says: $TWOMBLY_TEST_DATA/speech, or shared/data/speech in or beside one of
// the folders above the working directory; empty when there is none.
func DefaultClips() string {
	if folder := os.Getenv("TWOMBLY_TEST_DATA"); folder != "" {
		return filepath.Join(folder, "speech")
	}
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		candidate := filepath.Join(here, "shared", "data", "speech")
		if _, err := os.Stat(filepath.Join(candidate, transcriptsFile)); err == nil {
			return candidate
		}
		above := filepath.Dir(here)
		if above == here {
			return ""
		}
		here = above
	}
}

// errNoClips says what to do about it.
var errNoClips = errors.New("no recordings of speech; --data names a folder of WAV files with a " + transcriptsFile +
	" (a header line, then file, tab, transcript)")

// readClips reads a folder's clips in the order of its transcripts.
func readClips(folder string) ([]clip, error) {
	if folder == "" {
		return nil, errNoClips
	}
	file, err := os.Open(filepath.Join(folder, transcriptsFile))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoClips, err)
	}
	defer file.Close()
	var clips []clip
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for number := 1; lines.Scan(); number++ {
		name, transcript, ok := strings.Cut(strings.TrimRight(lines.Text(), "\r"), "\t")
		if number == 1 || strings.TrimSpace(name) == "" {
			continue
		}
		if !ok {
			return nil, fmt.Errorf("%s, line %d: a file name, a tab and a transcript are wanted", file.Name(), number)
		}
		read, err := readClip(folder, name, transcript)
		if err != nil {
			return nil, err
		}
		clips = append(clips, read)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", file.Name(), err)
	}
	if len(clips) == 0 {
		return nil, errNoClips
	}
	return clips, nil
}

func readClip(folder, name, transcript string) (clip, error) {
	if !filepath.IsLocal(name) {
		return clip{}, fmt.Errorf("the clip %q lies outside its folder", name)
	}
	sound, err := audio.ReadWAVFile(filepath.Join(folder, name))
	if err != nil {
		return clip{}, err
	}
	from, to, ok := audio.Voiced(sound.Samples, sound.Rate)
	if !ok {
		return clip{}, fmt.Errorf("the clip %s holds no voice", name)
	}
	return clip{
		Name: name, Transcript: transcript, Sound: sound, From: from, To: to, Floor: audio.Floor(sound.Samples, sound.Rate),
	}, nil
}

// wordErrors compares what was said with what was understood.
func wordErrors(said, understood string) measure.Share {
	errors, words := wer.WordErrorRate(said, understood)
	return measure.Share{Of: float64(errors), All: float64(words)}
}

package speech

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

const (
	styleSize = 256 // numbers of one style
	styles    = 510 // styles of one voice, one for each number of tokens
)

// DefaultVoice is the voice of a request that names none.
func DefaultVoice() Voice {
	return Voice{Blend: map[string]float32{"af_heart": 0.6, "af_bella": 0.4}, Speed: 0.92}
}

// ErrVoice is wrapped by the error for a voice that does not exist or a blend that makes no sense.
var ErrVoice = errors.New("no such voice")

const (
	slowest, fastest = 0.5, 2.0
)

// voices are the styles in a folder, read when they are first used.
type voices struct {
	folder  string
	names   []string // sorted
	initial Voice

	mutex  sync.Mutex
	loaded map[string][]float32
	blends map[string][]float32 // by key of the blend
}

func openVoices(folder string, initial Voice) (*voices, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("load voices: %w", err)
	}
	v := &voices{folder: folder, loaded: map[string][]float32{}, blends: map[string][]float32{}}
	for _, entry := range entries {
		name, isVoice := strings.CutSuffix(entry.Name(), ".bin")
		if _, known := describe(name); isVoice && known {
			v.names = append(v.names, name)
		}
	}
	if len(v.names) == 0 {
		return nil, fmt.Errorf("load voices: none in %s", folder)
	}
	slices.Sort(v.names)
	v.initial = DefaultVoice()
	if len(initial.Blend) > 0 {
		v.initial.Blend = initial.Blend
	}
	if initial.Speed != 0 {
		v.initial.Speed = initial.Speed
	}
	if _, err := v.resolve(Voice{}); err != nil {
		return nil, err
	}
	return v, nil
}

// describe reads a voice's name: language, gender, name, as in "af_heart". Only languages whose words can be turned to
// phonemes here are known.
func describe(name string) (VoiceInfo, bool) {
	languages := map[byte]string{'a': "en-US", 'b': "en-GB"}
	genders := map[byte]string{'f': "female", 'm': "male"}
	if len(name) < 4 || name[2] != '_' {
		return VoiceInfo{}, false
	}
	info := VoiceInfo{Name: name, Language: languages[name[0]], Gender: genders[name[1]]}
	return info, info.Language != "" && info.Gender != ""
}

// list describes all voices, the heaviest of the default blend first.
func (v *voices) list() []VoiceInfo {
	infos := make([]VoiceInfo, 0, len(v.names))
	for _, name := range v.names {
		info, _ := describe(name)
		infos = append(infos, info)
	}
	slices.SortStableFunc(infos, func(a, b VoiceInfo) int {
		switch x, y := v.initial.Blend[a.Name], v.initial.Blend[b.Name]; {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return infos
}

// resolved is a voice made ready: all styles of the blend, the speed, and a key that names the blend.
type resolved struct {
	styles []float32 // styles × styleSize
	speed  float32
	key    string
}

// style returns the style for a number of tokens.
func (r resolved) style(tokens int) []float32 {
	tokens = min(tokens, styles-1)
	return r.styles[tokens*styleSize : (tokens+1)*styleSize]
}

// resolve blends a voice, or returns the default for what it leaves open.
func (v *voices) resolve(voice Voice) (resolved, error) {
	if len(voice.Blend) == 0 {
		voice.Blend = v.initial.Blend
	}
	if voice.Speed == 0 {
		voice.Speed = v.initial.Speed
	}
	if !(voice.Speed > 0) || math.IsInf(float64(voice.Speed), 0) {
		return resolved{}, fmt.Errorf("%w: the speed %v makes no sense", ErrVoice, voice.Speed)
	}
	var sum float32
	var key strings.Builder
	names := slices.Sorted(maps.Keys(voice.Blend))
	for _, name := range names {
		weight := voice.Blend[name]
		if !(weight >= 0) || math.IsInf(float64(weight), 0) {
			return resolved{}, fmt.Errorf("%w: the weight %v of %q makes no sense", ErrVoice, weight, name)
		}
		if _, found := slices.BinarySearch(v.names, name); !found {
			return resolved{}, fmt.Errorf("%w: %q", ErrVoice, name)
		}
		sum += weight
		key.WriteString(name + "=" + strconv.FormatFloat(float64(weight), 'g', -1, 32) + " ")
	}
	if !(sum > 0) {
		return resolved{}, fmt.Errorf("%w: the weights of the blend add up to nothing", ErrVoice)
	}
	blend, err := v.blend(key.String(), names, voice.Blend, sum)
	if err != nil {
		return resolved{}, err
	}
	return resolved{styles: blend, speed: min(max(voice.Speed, slowest), fastest), key: key.String()}, nil
}

// mostBlends is how many blends are kept ready, half a megabyte each.
const mostBlends = 16

func (v *voices) blend(key string, names []string, weights map[string]float32, sum float32) ([]float32, error) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	if blend, ready := v.blends[key]; ready {
		return blend, nil
	}
	blend := make([]float32, styles*styleSize)
	for _, name := range names {
		voice, err := v.load(name)
		if err != nil {
			return nil, err
		}
		for i, x := range voice {
			blend[i] += x * weights[name] / sum
		}
	}
	if len(v.blends) >= mostBlends {
		clear(v.blends)
	}
	v.blends[key] = blend
	return blend, nil
}

// load reads one voice: styles × styleSize little-endian float32. The mutex is held.
func (v *voices) load(name string) ([]float32, error) {
	if voice, ready := v.loaded[name]; ready {
		return voice, nil
	}
	bytes, err := os.ReadFile(filepath.Join(v.folder, name+".bin"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %q", ErrVoice, name)
	}
	if err != nil {
		return nil, fmt.Errorf("load the voice %q: %w", name, err)
	}
	if len(bytes) != 4*styles*styleSize {
		return nil, fmt.Errorf("load the voice %q: the file has %d bytes, not %d", name, len(bytes), 4*styles*styleSize)
	}
	voice := make([]float32, styles*styleSize)
	for i := range voice {
		voice[i] = math.Float32frombits(binary.LittleEndian.Uint32(bytes[4*i:]))
	}
	v.loaded[name] = voice
	return voice, nil
}

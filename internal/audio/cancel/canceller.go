package cancel

import (
	"errors"
	"fmt"
	"runtime"
	"time"
	"unsafe"

	"github.com/ebitengine/purego"

	"twombly/internal/audio"
)

const (
	// Rate of everything here, in Hz.
	Rate = 16000
	// FrameSamples is the length of one frame: 10 ms.
	FrameSamples = Rate / 100

	// tail is how long an echo may last after it begins, in samples: 256 ms, as long as speech in a furnished room is heard.
	tail = 4096
	// ahead is how much earlier than the found delay the filter begins, in samples: a delay moves by some milliseconds.
	ahead = Rate / 100

	// lessons is how many frames are learnt from at once when the delay is found, and past how many samples that needs to
	// be kept, a whole number of frames.
	lessons = 200
	past    = lessons*FrameSamples + maxDelay + FrameSamples
)

// Requests of speex_echo_ctl and speex_preprocess_ctl (speex_echo.h, speex_preprocess.h).
const (
	setSamplingRate       = 24
	setNoiseSuppress      = 8
	setEchoSuppress       = 20
	setEchoSuppressActive = 22
	setEchoState          = 24
)

// How much of what the filter leaves is lowered, in dB at most.
const (
	suppressNoise  = -6  // the room's; recognition wants it as it is
	suppressEcho   = -45 // the echo's remainder while only that is heard
	suppressDouble = -15 // the echo's remainder while the person speaks too
)

// Canceller takes the echo out of one microphone. It belongs to one goroutine, and must be closed.
type Canceller struct {
	library *Library
	echo    uintptr // SpeexEchoState
	clean   uintptr // SpeexPreprocessState

	finder *finder
	delay  int // by how much what was played is held back for the filter, in samples

	// The last seconds of both, as rings; the next frame goes to place.
	pastHeard, pastPlayed []int16
	place                 int

	played, left []int16 // one frame each

	// The library's arguments, made once: a variadic call's own would be allocated in each frame. What they point to is
	// pinned until the end.
	pinned    runtime.Pinner
	echoCall  [4]uintptr
	cleanCall [2]uintptr
}

// New makes a canceller that knows nothing of the room yet.
func (l *Library) New() (*Canceller, error) {
	c := &Canceller{
		library: l, finder: newFinder(), pastHeard: make([]int16, past), pastPlayed: make([]int16, past),
		played: make([]int16, FrameSamples), left: make([]int16, FrameSamples),
	}
	for _, samples := range [][]int16{c.pastHeard, c.played, c.left} {
		c.pinned.Pin(unsafe.SliceData(samples))
	}
	c.echo, _, _ = purego.SyscallN(l.echoInit, FrameSamples, tail)
	c.clean, _, _ = purego.SyscallN(l.cleanInit, FrameSamples, Rate)
	c.echoCall = [4]uintptr{c.echo, 0, address(c.played), address(c.left)}
	c.cleanCall = [2]uintptr{c.clean, address(c.left)}
	if c.echo == 0 || c.clean == 0 {
		return nil, errors.Join(errors.New("libspeexdsp made no canceller"), c.Close())
	}
	rate := int32(Rate)
	if result, _, _ := purego.SyscallN(l.echoControl, c.echo, setSamplingRate, uintptr(unsafe.Pointer(&rate))); int32(result) != 0 {
		return nil, errors.Join(errors.New("libspeexdsp does not take the rate of 16 kHz"), c.Close())
	}
	if result, _, _ := purego.SyscallN(l.cleanControl, c.clean, setEchoState, c.echo); int32(result) != 0 {
		return nil, errors.Join(errors.New("libspeexdsp does not suppress echo"), c.Close())
	}
	for request, value := range map[uintptr]int32{
		setNoiseSuppress: suppressNoise, setEchoSuppress: suppressEcho, setEchoSuppressActive: suppressDouble,
	} {
		if result, _, _ := purego.SyscallN(l.cleanControl, c.clean, request, uintptr(unsafe.Pointer(&value))); int32(result) != 0 {
			return nil, errors.Join(fmt.Errorf("libspeexdsp refused setting %d", request), c.Close())
		}
	}
	return c, nil
}

// Process takes the echo of what was played out of one frame of FrameSamples that was heard, in place. Both are of the same
// step of one clock: a frame is played with the step in which it is handed to the loudspeaker. It allocates nothing.
func (c *Canceller) Process(heard, played []float32) {
	now := c.place
	for i := range FrameSamples {
		c.pastHeard[now+i], c.pastPlayed[now+i] = audio.ToInt16(heard[i]), audio.ToInt16(played[i])
	}
	c.place = (now + FrameSamples) % past
	if late, sure := c.finder.add(heard[:FrameSamples], played[:FrameSamples]); sure {
		c.align(late, now)
	}
	c.filter(now)
	purego.SyscallN(c.library.cleanRun, c.cleanCall[:]...)
	for i, sample := range c.left {
		heard[i] = float32(sample) / (1 << 15)
	}
}

// filter runs the adaptive filter over the frame at a place of the rings, and leaves what is left in c.left.
func (c *Canceller) filter(at int) {
	from := at - c.delay + past
	for i := range c.played {
		c.played[i] = c.pastPlayed[(from+i)%past]
	}
	c.echoCall[1] = address(c.pastHeard[at:])
	purego.SyscallN(c.library.echoCancel, c.echoCall[:]...)
}

// address is where pinned samples lie.
func address(samples []int16) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(samples))) }

// align holds the reference back as the echo is late. A delay that the filter covers as it stands changes nothing: moving
// it costs all that was learnt. Else the filter begins anew, and learns at once from the seconds before the frame at now.
func (c *Canceller) align(late, now int) {
	if covered := late - c.delay; covered >= ahead/4 && covered < tail/4 {
		return
	}
	c.delay = max(0, late-ahead)
	purego.SyscallN(c.library.echoReset, c.echo)
	for back := lessons; back > 0; back-- {
		c.filter((now - back*FrameSamples + past) % past)
	}
}

// Delay is by how much the echo was found to be late; false while no echo was found, as on a headset.
func (c *Canceller) Delay() (time.Duration, bool) {
	late, sure := c.finder.late()
	return time.Duration(late) * time.Second / Rate, sure
}

// Close frees the library's memory. The error is always nil.
func (c *Canceller) Close() error {
	if c.clean != 0 {
		purego.SyscallN(c.library.cleanDestroy, c.clean)
	}
	if c.echo != 0 {
		purego.SyscallN(c.library.echoDestroy, c.echo)
	}
	c.clean, c.echo = 0, 0
	c.pinned.Unpin()
	return nil
}

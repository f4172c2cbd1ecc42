package soundcard

import (
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Latency is what is asked of a sound system between a sample that is handed over and its sound. It may take longer.
const Latency = 60 * time.Millisecond

// ErrNoProgram means that this machine has no program that records, or none that plays.
var ErrNoProgram = errors.New("no program for sound")

// program records or plays 16-bit samples in mono, as a stream.
type program struct {
	name string
	// arguments for a device, which may be empty, at a rate in Hz.
	arguments func(device string, rate int) []string
	// environment for a device, where the program takes it from there.
	environment func(device string) []string
}

func noEnvironment(string) []string { return nil }

// pulse are the arguments of PulseAudio's programs, which PipeWire serves too.
func pulse(device string, rate int) []string {
	arguments := []string{"--raw", "--format=s16le", "--channels=1", "--rate=" + strconv.Itoa(rate), "--client-name=twombly",
		"--latency-msec=" + strconv.FormatInt(Latency.Milliseconds(), 10), "--process-time-msec=10"}
	if device != "" {
		arguments = append(arguments, "--device="+device)
	}
	return arguments
}

// alsa are the arguments of ALSA's programs.
func alsa(device string, rate int) []string {
	arguments := []string{"-q", "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", strconv.Itoa(rate),
		"--buffer-time=" + strconv.FormatInt(Latency.Microseconds(), 10), "--period-time=10000"}
	if device != "" {
		arguments = append(arguments, "-D", device)
	}
	return arguments
}

// sox are the arguments of SoX's programs.
func sox(_ string, rate int) []string {
	return []string{"-q", "--buffer", "1024", "-t", "raw", "-e", "signed-integer", "-b", "16", "-c", "1", "-r", strconv.Itoa(rate), "-"}
}

func soxEnvironment(device string) []string {
	if device == "" {
		return nil
	}
	return []string{"AUDIODEV=" + device}
}

// recorders and players of a system, the best first.
func recorders() []program {
	return []program{{"parec", pulse, noEnvironment}, {"arecord", alsa, noEnvironment}, {"rec", sox, soxEnvironment}}
}

func players() []program {
	return []program{{"pacat", pulse, noEnvironment}, {"aplay", alsa, noEnvironment}, {"play", sox, soxEnvironment}}
}

// find is the first of the programs that is installed, and its path.
func find(what string, among []program) (program, string, error) {
	var names []string
	for _, candidate := range among {
		if path, err := exec.LookPath(candidate.name); err == nil {
			return candidate, path, nil
		}
		names = append(names, candidate.name)
	}
	return program{}, "", fmt.Errorf("%w: nothing here %s (%s); %s", ErrNoProgram, what, strings.Join(names, ", "), installHint(runtime.GOOS))
}

// installHint says what to install.
func installHint(system string) string {
	if system == "darwin" {
		return "`brew install sox` brings both"
	}
	return "`sudo apt-get install pulseaudio-utils` (or your system's package of that name, or alsa-utils) brings both"
}

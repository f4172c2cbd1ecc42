package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/cpu"

	"twombly/internal/config"
	"twombly/internal/native"
	"twombly/internal/web"
	"twombly/internal/web/assets"
)

func (e *examination) program(context.Context) {
	f := finding{Part: "program", State: fine, Sentence: fmt.Sprintf("twombly %s on %s", programVersion(), native.Platform())}
	if supported, sentence := native.Supported(); !supported {
		f.State, f.Sentence = note, f.Sentence+"; "+sentence
	}
	e.found(f)
}

// processor looks at what the nets' speed hangs on.
func (e *examination) processor(context.Context) {
	cores := runtime.GOMAXPROCS(0)
	f := finding{Part: "processor", State: fine, Sentence: fmt.Sprintf("%d cores", cores)}
	if features := processorFeatures(); features != "" {
		f.Sentence += " with " + features
	}
	switch {
	case runtime.GOARCH == "amd64" && !cpu.X86.HasAVX2:
		f.State, f.Mend = note, "without AVX2 she answers slowly; a server of your choice can think for her: twombly models use ADDRESS"
	case cores < 2:
		f.State, f.Mend = note, "with one core she answers slowly; two are meant"
	}
	e.found(f)
}

func processorFeatures() string {
	var names []string
	for _, feature := range []struct {
		name string
		has  bool
	}{
		{"AVX2", cpu.X86.HasAVX2}, {"FMA", cpu.X86.HasFMA}, {"AVX-512", cpu.X86.HasAVX512F}, {"VNNI", cpu.X86.HasAVX512VNNI},
		{"NEON", cpu.ARM64.HasASIMD}, {"dot products", cpu.ARM64.HasASIMDDP},
	} {
		if feature.has {
			names = append(names, feature.name)
		}
	}
	return strings.Join(names, ", ")
}

// What she takes while she runs, in bytes: all workers with the default models.
const neededMemory = 2_700_000_000

func (e *examination) memory(context.Context) {
	available, total, err := memory()
	switch {
	case err != nil:
		return // only Linux says it in this way
	case e.server == nil && available < neededMemory:
		e.found(finding{Part: "memory", State: note,
			Sentence: fmt.Sprintf("%s of %s are free; she takes about %s", native.Size(available), native.Size(total), native.Size(neededMemory)),
			Mend:     "close other programs, or let a server think for her: twombly models use ADDRESS"})
	default:
		e.found(finding{Part: "memory", State: fine, Sentence: fmt.Sprintf("%s of %s are free", native.Size(available), native.Size(total))})
	}
}

// memory reads what the kernel says, within the limit of our control group.
func memory() (available, total int64, err error) {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 2 {
			continue
		}
		kibibytes, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			continue
		}
		switch fields[0] {
		case "MemTotal:":
			total = kibibytes << 10
		case "MemAvailable:":
			available = kibibytes << 10
		}
	}
	if limit, ok := groupNumber("memory.max"); ok && limit < total {
		total = limit
		if used, ok := groupNumber("memory.current"); ok {
			available = min(available, limit-used)
		}
	}
	return available, total, nil
}

// groupNumber reads a number of our control group; false where there is none.
func groupNumber(name string) (int64, bool) {
	text, err := os.ReadFile("/sys/fs/cgroup/" + name)
	if err != nil {
		return 0, false
	}
	number, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return number, err == nil
}

// Space for a long life of the data folder, in bytes.
const dataSpace = 500_000_000

// disk looks for room where models and data lie.
func (e *examination) disk(context.Context) {
	plan, err := e.store.Plan()
	if err != nil {
		e.found(finding{Part: "disk", State: broken, Sentence: err.Error()})
		return
	}
	f := finding{Part: "disk", State: fine, Sentence: fmt.Sprintf("%s free for models in %s", native.Size(int64(plan.Free)), plan.Dir)}
	if plan.Disk > int64(plan.Free) {
		f.State, f.Mend = broken, fmt.Sprintf("fetching what is missing needs %s; make room, or choose another folder with --cache", native.Size(plan.Disk))
	}
	e.found(f)
	// The same question about the data folder: a store of nothing there knows.
	data, err := native.Open(native.Options{Dir: e.settings.Data, Entries: []native.Entry{}, Log: e.log})
	if err == nil {
		plan, err = data.Plan()
	}
	if err != nil {
		e.found(finding{Part: "disk", State: broken, Sentence: err.Error()})
		return
	}
	f = finding{Part: "disk", State: fine, Sentence: fmt.Sprintf("%s free for what she keeps in %s", native.Size(int64(plan.Free)), e.settings.Data)}
	if plan.Free < dataSpace {
		f.State, f.Mend = note, "make room soon: when the disk is full she can't keep what is said"
	}
	e.found(f)
}

func (e *examination) configuration(context.Context) {
	path := e.term.configFile
	if path == "" {
		usual, err := config.DefaultFile()
		if err != nil {
			e.found(finding{Part: "configuration", State: note, Sentence: err.Error()})
			return
		}
		path = usual
	}
	switch _, err := os.Stat(path); {
	case e.term.configFault != nil:
		e.found(finding{Part: "configuration", State: broken, Sentence: e.term.configFault.Error(),
			Mend: "correct it; \"twombly config show\" explains every key"})
	case err != nil:
		e.found(finding{Part: "configuration", State: fine, Sentence: "no file; the defaults count"})
	default:
		e.found(finding{Part: "configuration", State: fine, Sentence: path})
	}
}

func (e *examination) page(context.Context) {
	if _, built := assets.App(); !built {
		e.found(finding{Part: "page", State: broken, Sentence: "the web app is not built into this program", Mend: "in the source folder: make build"})
		return
	}
	e.found(finding{Part: "page", State: fine, Sentence: "the web app is built in"})
}

// door tries the port.
func (e *examination) door(ctx context.Context) {
	if e.server != nil {
		status, err := e.server.Status(ctx)
		if err != nil {
			e.found(finding{Part: "server", State: broken, Sentence: err.Error(), Mend: "stop it and start it again: twombly serve"})
			return
		}
		f := finding{Part: "server", State: fine, Sentence: fmt.Sprintf("%s, process %d, since %s", status.Address, status.Process,
			status.Since.Local().Format("2 January 15:04"))}
		if status.Version != programVersion() {
			f.State, f.Mend = note, fmt.Sprintf("it is version %s, and this program %s; start it again", status.Version, programVersion())
		}
		e.found(f)
		return
	}
	listener, err := web.Listen(ctx, e.settings.Listen)
	if err == nil {
		err = listener.Close()
	}
	if err != nil {
		e.found(finding{Part: "port", State: broken, Sentence: err.Error()})
		return
	}
	e.found(finding{Part: "port", State: fine, Sentence: e.settings.Listen + " is free; no server runs on the data folder"})
}

package onnx

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"unsafe"
)

// Optimization is how far the graph is rewritten when it is loaded.
type Optimization int

// Levels of optimisation; the zero value means all of them.
const (
	OptimizeAll      Optimization = 0
	OptimizeNothing  Optimization = 1
	OptimizeBasic    Optimization = 2
	OptimizeExtended Optimization = 3
)

func (o Optimization) level() (uintptr, error) {
	switch o {
	case OptimizeAll:
		return 99, nil
	case OptimizeNothing:
		return 0, nil
	case OptimizeBasic:
		return 1, nil
	case OptimizeExtended:
		return 2, nil
	}
	return 0, fmt.Errorf("onnx: no optimisation level %d", int(o))
}

// SessionOptions says how a model is loaded. The zero value is one thread, all optimisations.
type SessionOptions struct {
	// Threads work on one run, the caller's among them; 0 means 1. The number is fixed for the session's life.
	Threads int
	// Spin lets idle threads wait actively, which is faster for one session alone and ruins everything beside it.
	Spin bool
	// Optimization is how far the graph is rewritten.
	Optimization Optimization
	// NoArena gives memory back after each run instead of keeping it for the next.
	NoArena bool
	// NoMemoryPattern does not plan one block of memory a shape of inputs: right for nets whose inputs have another
	// length each time.
	NoMemoryPattern bool
	// OptimizedPath, if not empty, is a file that the rewritten graph is saved to.
	OptimizedPath string
	// Config holds further entries, as named in onnxruntime_session_options_config_keys.h.
	Config map[string]string
}

// Session is a loaded model. It is safe for concurrent use: several runs may go on at once.
type Session struct {
	lib             *Library
	inputs, outputs []string

	running sync.RWMutex // held for reading by each run, for writing by Close
	handle  unsafe.Pointer
}

// NewSession loads a model (ONNX or ORT format) from memory. The bytes are not needed after it returns.
func (lib *Library) NewSession(model []byte, options SessionOptions) (*Session, error) {
	if len(model) == 0 {
		return nil, errors.New("onnx: the model is empty")
	}
	return lib.newSession(options, func(settings unsafe.Pointer, session *unsafe.Pointer) error {
		return lib.call("CreateSessionFromArray", fnCreateSessionFromArray, uintptr(lib.env),
			uintptr(unsafe.Pointer(unsafe.SliceData(model))), uintptr(len(model)), uintptr(settings), uintptr(unsafe.Pointer(session)))
	})
}

// NewSessionFromFile loads a model from a file.
func (lib *Library) NewSessionFromFile(path string, options SessionOptions) (*Session, error) {
	name := cString(path)
	return lib.newSession(options, func(settings unsafe.Pointer, session *unsafe.Pointer) error {
		return lib.call("CreateSession", fnCreateSession, uintptr(lib.env),
			uintptr(unsafe.Pointer(unsafe.SliceData(name))), uintptr(settings), uintptr(unsafe.Pointer(session)))
	})
}

func (lib *Library) newSession(options SessionOptions, create func(settings unsafe.Pointer, session *unsafe.Pointer) error) (*Session, error) {
	settings, err := lib.sessionOptions(options)
	if err != nil {
		return nil, err
	}
	defer lib.release(fnReleaseSessionOptions, settings)
	session := &Session{lib: lib}
	if err := create(settings, &session.handle); err != nil {
		return nil, err
	}
	if session.inputs, err = session.names(fnSessionGetInputCount, fnSessionGetInputName); err == nil {
		session.outputs, err = session.names(fnSessionGetOutputCount, fnSessionGetOutputName)
	}
	if err != nil {
		session.Close()
		return nil, err
	}
	return session, nil
}

// sessionOptions makes the C object; the caller releases it.
func (lib *Library) sessionOptions(options SessionOptions) (unsafe.Pointer, error) {
	level, err := options.Optimization.level()
	if err != nil {
		return nil, err
	}
	var settings unsafe.Pointer
	if err := lib.call("CreateSessionOptions", fnCreateSessionOptions, uintptr(unsafe.Pointer(&settings))); err != nil {
		return nil, err
	}
	set := func(name string, function int, arguments ...uintptr) {
		if err == nil {
			err = lib.call(name, function, append([]uintptr{uintptr(settings)}, arguments...)...)
		}
	}
	set("SetIntraOpNumThreads", fnSetIntraOpNumThreads, uintptr(max(1, options.Threads)))
	set("SetInterOpNumThreads", fnSetInterOpNumThreads, 1)
	set("SetSessionGraphOptimizationLevel", fnSetGraphOptimization, level)
	if options.NoArena {
		set("DisableCpuMemArena", fnDisableCPUMemArena)
	}
	if options.NoMemoryPattern {
		set("DisableMemPattern", fnDisableMemPattern)
	}
	if options.OptimizedPath != "" && err == nil {
		path := cString(options.OptimizedPath)
		err = lib.call("SetOptimizedModelFilePath", fnSetOptimizedModelPath, uintptr(settings), uintptr(unsafe.Pointer(unsafe.SliceData(path))))
	}
	configure := func(key, value string) {
		if err == nil {
			k, v := cString(key), cString(value)
			err = lib.call("AddSessionConfigEntry", fnAddSessionConfigEntry, uintptr(settings),
				uintptr(unsafe.Pointer(unsafe.SliceData(k))), uintptr(unsafe.Pointer(unsafe.SliceData(v))))
		}
	}
	if !options.Spin {
		configure("session.intra_op.allow_spinning", "0")
		configure("session.inter_op.allow_spinning", "0")
	}
	for key, value := range options.Config {
		configure(key, value)
	}
	if err != nil {
		lib.release(fnReleaseSessionOptions, settings)
		return nil, err
	}
	return settings, nil
}

func (s *Session) names(countFunction, nameFunction int) ([]string, error) {
	var count uintptr
	if err := s.lib.call("SessionGetCount", countFunction, uintptr(s.handle), uintptr(unsafe.Pointer(&count))); err != nil {
		return nil, err
	}
	names := make([]string, count)
	for i := range names {
		var name uintptr
		if err := s.lib.call("SessionGetName", nameFunction, uintptr(s.handle), uintptr(i), uintptr(s.lib.allocator), uintptr(unsafe.Pointer(&name))); err != nil {
			return nil, err
		}
		names[i] = goString(name)
		if err := s.lib.call("AllocatorFree", fnAllocatorFree, uintptr(s.lib.allocator), name); err != nil {
			return nil, err
		}
	}
	return names, nil
}

// Inputs returns the names of the model's inputs.
func (s *Session) Inputs() []string { return s.inputs }

// Outputs returns the names of the model's outputs.
func (s *Session) Outputs() []string { return s.outputs }

// Close waits for runs that go on and releases the model.
func (s *Session) Close() {
	s.running.Lock()
	defer s.running.Unlock()
	if s.handle != nil {
		s.lib.release(fnReleaseSession, s.handle)
		s.handle = nil
	}
}

// Run computes the outputs named from the inputs given by name. The caller closes the tensors it gets, and still owns
// those it gave. When the context ends, the run ends at the border of the operator that it is in, and Run returns the
// context's error.
func (s *Session) Run(ctx context.Context, inputs map[string]*Tensor, outputs ...string) ([]*Tensor, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.running.RLock()
	defer s.running.RUnlock()
	if s.handle == nil {
		return nil, errors.New("onnx: the session is closed")
	}
	options, done, err := s.runOptions(ctx)
	if err != nil {
		return nil, err
	}
	defer done()

	inputNames := make([][]byte, 0, len(inputs))
	values := make([]unsafe.Pointer, 0, len(inputs))
	for name, tensor := range inputs {
		if tensor == nil || tensor.handle == nil {
			return nil, fmt.Errorf("onnx: the input %q is closed", name)
		}
		inputNames = append(inputNames, cString(name))
		values = append(values, tensor.handle)
	}
	outputNames := make([][]byte, len(outputs))
	for i, name := range outputs {
		outputNames[i] = cString(name)
	}
	var pinner runtime.Pinner
	defer pinner.Unpin()
	inputPointers, outputPointers := pinAll(&pinner, inputNames), pinAll(&pinner, outputNames)
	results := make([]unsafe.Pointer, len(outputs))
	err = s.lib.call("Run", fnRun, uintptr(s.handle), uintptr(options),
		uintptr(unsafe.Pointer(unsafe.SliceData(inputPointers))), uintptr(unsafe.Pointer(unsafe.SliceData(values))), uintptr(len(values)),
		uintptr(unsafe.Pointer(unsafe.SliceData(outputPointers))), uintptr(len(outputs)), uintptr(unsafe.Pointer(unsafe.SliceData(results))))
	if err != nil {
		if cause := ctx.Err(); cause != nil {
			return nil, cause
		}
		return nil, err
	}
	tensors := make([]*Tensor, len(results))
	for i, handle := range results {
		tensors[i] = &Tensor{lib: s.lib, handle: handle}
	}
	return tensors, nil
}

// runOptions returns the options of one run that ends with the context, and a function that releases them.
func (s *Session) runOptions(ctx context.Context) (options unsafe.Pointer, done func(), err error) {
	if ctx.Done() == nil {
		return nil, func() {}, nil
	}
	if err := s.lib.call("CreateRunOptions", fnCreateRunOptions, uintptr(unsafe.Pointer(&options))); err != nil {
		return nil, nil, err
	}
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		// A failure leaves the run to end by itself: there is nobody to tell.
		_ = s.lib.call("RunOptionsSetTerminate", fnRunOptionsSetTerminate, uintptr(options))
	})
	return options, func() {
		if !stop() {
			<-told // the function has started: it must not touch the options after they are released
		}
		s.lib.release(fnReleaseRunOptions, options)
	}, nil
}

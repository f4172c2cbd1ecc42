package onnx

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// apiVersion is the version of the function table asked for: the oldest that has all that is used here, so that
// newer libraries serve as well.
const apiVersion = 23

// Indices of functions in the table OrtApi.
const (
	fnGetErrorCode            = 1
	fnGetErrorMessage         = 2
	fnCreateEnv               = 3
	fnDisableTelemetryEvents  = 6
	fnCreateSession           = 7
	fnCreateSessionFromArray  = 8
	fnRun                     = 9
	fnCreateSessionOptions    = 10
	fnSetOptimizedModelPath   = 11
	fnDisableMemPattern       = 17
	fnDisableCPUMemArena      = 19
	fnSetGraphOptimization    = 23
	fnSetIntraOpNumThreads    = 24
	fnSetInterOpNumThreads    = 25
	fnSessionGetInputCount    = 30
	fnSessionGetOutputCount   = 31
	fnSessionGetInputName     = 36
	fnSessionGetOutputName    = 37
	fnCreateRunOptions        = 39
	fnRunOptionsSetTerminate  = 46
	fnCreateTensorAsOrtValue  = 48
	fnGetTensorMutableData    = 51
	fnGetTensorElementType    = 60
	fnGetDimensionsCount      = 61
	fnGetDimensions           = 62
	fnGetTensorTypeAndShape   = 65
	fnAllocatorFree           = 76
	fnGetAllocatorWithDefault = 78
	fnReleaseEnv              = 92
	fnReleaseStatus           = 93
	fnReleaseSession          = 95
	fnReleaseValue            = 96
	fnReleaseRunOptions       = 97
	fnReleaseTensorTypeShape  = 99
	fnReleaseSessionOptions   = 100
	fnAddSessionConfigEntry   = 130
	functions                 = fnAddSessionConfigEntry + 1
)

// Error is a failure that ONNX Runtime reported.
type Error struct {
	// Function is the C function that failed.
	Function string
	// Code is OrtErrorCode, such as 2 for an invalid argument or 7 for an invalid model.
	Code int
	// Message is ONNX Runtime's own text.
	Message string
}

func (e *Error) Error() string {
	return fmt.Sprintf("onnxruntime: %s: %s (code %d)", e.Function, e.Message, e.Code)
}

// Library is the loaded ONNX Runtime with its environment. It is safe for concurrent use.
type Library struct {
	handle    uintptr
	version   string
	table     [functions]uintptr
	env       unsafe.Pointer
	allocator unsafe.Pointer // the default CPU allocator; owned by the library
}

// Open loads the shared library at path. The error says whether the file could not be loaded or is too old.
func Open(path string) (*Library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load ONNX Runtime: %w", err)
	}
	lib, err := open(handle)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("load ONNX Runtime from %s: %w", path, err), purego.Dlclose(handle))
	}
	return lib, nil
}

func open(handle uintptr) (*Library, error) {
	symbol, err := purego.Dlsym(handle, "OrtGetApiBase")
	if err != nil {
		return nil, fmt.Errorf("not ONNX Runtime: %w", err)
	}
	var getBase func() unsafe.Pointer
	purego.RegisterFunc(&getBase, symbol)
	// struct OrtApiBase { const OrtApi* (*GetApi)(uint32_t version); const char* (*GetVersionString)(void); }
	base := (*[2]uintptr)(getBase())
	var getAPI func(uint32) unsafe.Pointer
	var getVersion func() string
	purego.RegisterFunc(&getAPI, base[0])
	purego.RegisterFunc(&getVersion, base[1])
	lib := &Library{handle: handle, version: getVersion()}
	table := getAPI(apiVersion)
	if table == nil {
		return nil, fmt.Errorf("version %s has no API %d", lib.version, apiVersion)
	}
	lib.table = *(*[functions]uintptr)(table)
	name := cString("twombly")
	// 4: only what is fatal is logged, for errors come back as a status. The environment is one per process: the library counts its users.
	if err := lib.call("CreateEnv", fnCreateEnv, 4, uintptr(unsafe.Pointer(unsafe.SliceData(name))), uintptr(unsafe.Pointer(&lib.env))); err != nil {
		return nil, err
	}
	if err := lib.call("DisableTelemetryEvents", fnDisableTelemetryEvents, uintptr(lib.env)); err != nil {
		return nil, err
	}
	if err := lib.call("GetAllocatorWithDefaultOptions", fnGetAllocatorWithDefault, uintptr(unsafe.Pointer(&lib.allocator))); err != nil {
		return nil, err
	}
	return lib, nil
}

// Version is the library's version, as in "1.32.0".
func (lib *Library) Version() string { return lib.version }

// Close releases the environment. Sessions and tensors must be closed before. The shared library itself stays mapped:
// its threads and thread-local data do not survive an unload.
func (lib *Library) Close() {
	if lib.env != nil {
		lib.release(fnReleaseEnv, lib.env)
		lib.env = nil
	}
}

// call runs a function of the table that returns an OrtStatus*, which is null for success. Pointers among the
// arguments must be converted to uintptr in the call expression itself: the directive keeps what they point at alive
// and in place until it returns.
//
//go:uintptrescapes
func (lib *Library) call(name string, function int, arguments ...uintptr) error {
	status, _, _ := purego.SyscallN(lib.table[function], arguments...)
	if status == 0 {
		return nil
	}
	defer purego.SyscallN(lib.table[fnReleaseStatus], status)
	code, _, _ := purego.SyscallN(lib.table[fnGetErrorCode], status)
	message, _, _ := purego.SyscallN(lib.table[fnGetErrorMessage], status)
	return &Error{Function: name, Code: int(int32(code)), Message: goString(message)}
}

// release runs one of the table's Release functions.
func (lib *Library) release(function int, object unsafe.Pointer) {
	purego.SyscallN(lib.table[function], uintptr(object))
}

// cString returns the text as a string that ends with a zero byte.
func cString(text string) []byte { return append([]byte(text), 0) }

// goString copies a C string.
func goString(pointer uintptr) string {
	if pointer == 0 {
		return ""
	}
	start := foreign(pointer)
	length := 0
	for *(*byte)(unsafe.Add(start, length)) != 0 {
		length++
	}
	return string(unsafe.Slice((*byte)(start), length))
}

// foreign turns an address of memory that C owns into a pointer.
func foreign(pointer uintptr) unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&pointer))
}

// pinAll pins the first byte of each string so that an array of their addresses can be given to C.
func pinAll(pinner *runtime.Pinner, strings [][]byte) []unsafe.Pointer {
	pointers := make([]unsafe.Pointer, len(strings))
	for i, s := range strings {
		pinner.Pin(unsafe.SliceData(s))
		pointers[i] = unsafe.Pointer(unsafe.SliceData(s))
	}
	return pointers
}

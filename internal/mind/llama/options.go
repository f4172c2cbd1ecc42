package llama

import (
	"errors"
	"runtime"
)

// Options say which model to run and how. It travels as JSON to the worker process.
type Options struct {
	// Libraries is the folder with libllama.so and its ggml companions (llama.cpp v0.5.0).
	Libraries string `json:"libraries"`
	// Model is the path of a GGUF file.
	Model string `json:"model"`
	// Name is what the person reads as the model's name; empty takes the name in the file.
	Name string `json:"name,omitempty"`
	// ContextTokens bounds all conversations together, in tokens; 0 means 8,192.
	ContextTokens int `json:"contextTokens,omitempty"`
	// Sequences is how many prefixes are remembered (conversations and personas); 0 means 8, of which 2 are for personas.
	Sequences int `json:"sequences,omitempty"`
	// Threads is the most threads ever used; 0 means one for each core Go may use.
	Threads int `json:"threads,omitempty"`
	// StateFolder is where computed personas are kept between starts; empty keeps none. Only what
	// mind.Request.PersonaMessages names is ever written there.
	StateFolder string `json:"stateFolder,omitempty"`
}

// personaSequences is how many sequences are kept for personas.
const personaSequences = 2

// withDefaults fills in what was left zero.
func (o Options) withDefaults() (Options, error) {
	if o.Libraries == "" || o.Model == "" {
		return o, errors.New("llama: the folder of llama.cpp's libraries and a model file are needed")
	}
	if o.ContextTokens == 0 {
		o.ContextTokens = 8192
	}
	if o.Sequences == 0 {
		o.Sequences = 8
	}
	if o.Sequences <= personaSequences {
		return o, errors.New("llama: at least 3 sequences are needed")
	}
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return o, nil
}

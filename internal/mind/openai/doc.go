// Package openai is a mind on a server that speaks the OpenAI chat completions protocol: Ollama, LM Studio,
// llama-server, vLLM, or a provider in the cloud.
//
// # What leaves the machine
//
// A server that is not on this machine gets a person's words only with their consent, which is asked for once per kind
// of words ([Consents]). Talk is agreed to by choosing the server; memories, mail and pictures each need a yes of their
// own. A request says which kinds it holds (mind.Request.Kinds), and one that holds a kind without consent is refused
// before a byte is sent. Consent is not asked for a server on this machine: nothing leaves it.
//
// # When it goes wrong
//
// Every failure is one sentence for the person and one error for the program: mind.ErrUnavailable when trying later or
// mending the settings may help, mind.ErrRubbish when what came is not the protocol, mind.ErrTooLong, mind.ErrInvalid.
// What came before a failure was already handed to emit and stands. Only while nothing has come is a request tried
// again, with growing pauses; a second voice must not begin in the middle of a sentence. The key is never in an error
// and never logged, and neither is what a server says about a request, which may quote it.
package openai

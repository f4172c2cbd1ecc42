// Package call is one live call: listen, take turns, speak, yield.
//
// The heart is a pure state machine ([Machine]): verdicts on frames, partial transcripts, probabilities, playback
// positions, timers and the client's wishes go in; intents (draft, commit, speak, yield, truncate) come out, each with
// a reason code. It holds no clock, does no I/O and starts no goroutine, so that tables, fuzzing and recorded traces
// test it. [Call] is the runner around it: it feeds the machine, carries out its intents with the engine and the
// companion, and reports to the transport ([Mouth]).
package call

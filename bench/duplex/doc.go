// Package duplex is the benchmark of turn-taking: what people do in a conversation, played to her in real time, and what
// she makes of it.
//
// A [Scenario] is readable and seeded: calls, each of one person's voice in one kind of noise, and in each call events:
// whole turns, turns with pauses in them, interruptions, backchannels ("mm-hm"), vocal tics (coughs, laughs, fillers),
// and speech that is meant for somebody else. [Build] makes one from a folder of recordings ([Corpus]) and from synthetic
// voices that are not hers; a [Bank] gives the sounds. Whoever performs it hands what was heard of her, as a [Timeline], to
// [Judge], which knows nothing of the program under test: levels and times at the client decide. [Summarise] makes the
// panel of τ-voice (https://github.com/sierra-research/tau2-bench) of the outcomes, and [Plot] draws each call.
package duplex

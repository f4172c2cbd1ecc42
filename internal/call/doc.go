// Package call is one live call: listen, take turns, speak, yield. docs/calls.md tells the same at length.
//
// The words of this package:
//
//   - a turn is what the person says until it is hers to speak; it opens with their first voiced 96 ms;
//   - a pause is a silence of 96 ms inside a turn, where it may be over: the words so far are recognised, turn detection
//     is asked, and
//   - a draft is begun: an answer to those words, made and spoken in silence. When the person goes on it is thrown away
//     and leaves no trace; when the turn is over it becomes
//   - the response: its clauses are put on disk as planned, one by one, and handed to the transport. The device reports
//     how far it has played; at the end, or when she yields to the person, the words that were heard are recorded.
//
// The heart is a pure state machine ([Machine]): verdicts on frames, transcripts, probabilities, playback positions,
// deadlines and the client's wishes go in; intents (draft, commit, speak, yield) come out, each with a reason code. It
// holds no clock, does no I/O and starts no goroutine, so that tables, fuzzing, virtual time and recorded traces
// ([Trace], [Replay]) test it.
//
// [Call] is the runner around it. Its loop is one goroutine that owns the machine, the open turn, the drafts and the
// response; everything else posts to it: the listener (frames to voice activity), one goroutine for each recognition, two
// for each draft (reading her words, giving them their sound), and the recorder, which writes to the journal in order.
// Run owns them all and returns when they have ended. Transports talk to a call through [Line] and hear from it through
// [Mouth]; the companion is a [Talker].
package call

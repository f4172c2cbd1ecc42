// Package endpoint tells how well the end of a person's turn is found: how many pauses inside a turn are taken for its end, against how long
// she waits when it has really ended. It plays recorded turns to the real machine of a call ([call.Machine]) with the answers of
// the real nets, in audio time and not in real time, so that hundreds of pauses take minutes and every rule can be tried on the same
// ones.
//
// A [Take] is a turn as the microphone hears it. What the nets say of it ([Hearing]) is computed when it is asked for, and kept.
// [Play] lets a machine with some rules listen to it, [Score] counts what came of many, and [Silence] is the plain rule that everything
// is measured against: an end is a silence of some length.
package endpoint

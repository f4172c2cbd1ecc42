// Package cancel takes a loudspeaker's sound out of what a microphone hears: acoustic echo cancellation with libspeexdsp,
// loaded at run time without cgo.
//
// A [Canceller] is given, frame by frame of 10 ms, what was heard and what was played in the same step of one clock. First
// it finds by how much the echo is late ([Canceller.Delay]), up to a second, from the sound itself: what lies between the
// two are the buffers of a sound system, which nobody reports truthfully. Then the adaptive filter of libspeexdsp (the
// multidelay block frequency domain filter of Soo and Pang 1990, with the learning rate of Valin 2007) predicts the echo and
// subtracts it, and its spectral suppression lowers what is left.
//
// What it leaves is the person with a remainder of the echo, which whoever listens is still to expect.
package cancel

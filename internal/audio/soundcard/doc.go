// Package soundcard records and plays at the same time, through programs of this machine.
//
// There is no one interface to sound on all systems that is spoken without C, but each sound system brings programs that
// record to a pipe and play from one: PulseAudio and PipeWire (parec, pacat), ALSA (arecord, aplay), SoX everywhere (rec, play).
//
// The microphone is the clock: [Card.Run] calls for each 10 ms that were heard, and what is to be played is handed over in
// the same step. So both run on one clock, nothing piles up between them, and an echo comes late by a time that hardly moves:
// that of the buffers between the two programs. A canceller needs exactly this.
package soundcard

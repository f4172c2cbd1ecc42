// Package echo tells a person's voice from the companion's own that comes back through the room.
//
// A loudspeaker is heard by the microphone: late, softer, and changed by the room, and what a browser's canceller leaves of it
// is changed once more. Its waveform tells nothing then, but its envelope does. A [Comparer] is given what was played and what
// was heard, sample by sample on one clock, and follows both as the loudness of 16 bands in frames of 10 ms. It learns by how
// much the echo is late (up to 700 ms) and how loud it is in each band, predicts from what was played what has to be heard, and
// says of each frame how much more was heard than that: the person, or nobody ([Frame]).
//
// A [Suppressor] takes the echo out of what was heard, with what the Comparer knows, so that voice activity detection can be asked whether there is a voice in
// what is left.
//
// It learns only from what it hears: until it is sure that there is an echo at all it predicts none, so that a headset costs nothing.
package echo

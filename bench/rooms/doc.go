// Package rooms makes the sound of a loudspeaker as a microphone in the same room hears it: impulse responses of rooms that are boxes, by
// the image source method of Allen and Berkley ("Image method for efficiently simulating small-room acoustics", 1979), and a
// [Convolver] that applies one to sound as it is played, block by block, so that a loop from loudspeaker to microphone can be closed.
package rooms

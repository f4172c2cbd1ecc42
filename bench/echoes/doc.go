// Package echoes tells whether she takes her own voice for the person's when it comes back from a loudspeaker, and nothing cancels it. A call
// is played in audio time and not in real time: what she says leaves the loudspeaker ([line]), goes through a room, late and softer,
// and meets the microphone beside the person and the noise; what the microphone hears is judged by the same code as in a call
// ([call.OwnVoice], [call.Machine]) with the answers of the real nets; and what the machine wants is done, so that the loop is closed: when
// she yields, or stops between two words, nothing more comes back.
//
// A [Take] is a call as it is to be: her replies, what the person does in it, the room and the noise. [Play] holds it, [Judge] says what
// became of what the person did, and how often there was an interruption or a turn without a person.
package echoes

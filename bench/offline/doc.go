// Package offline plays whole calls to the real machine that takes turns ([call.Machine]), with the answers of the real nets, faster than
// real time. She says a text of her own whenever it is her turn; it is laid down as it would be heard, so that the same judge decides as in calls that
// are held ([duplex.Judge]).
//
// What takes time in a call takes a fixed time here ([Pace]). So it measures what she decides and not how fast the machine is on which she runs, and every
// rule can be tried on hundreds of events in minutes. There is no network, no codec, no echo, and no mind.
package offline

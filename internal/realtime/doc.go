// Package realtime is the front desk for talking programs: it speaks OpenAI's Realtime protocol (the names of its
// general availability) over two transports, and turns it into what a call understands and back.
//
//	page, SDK, bench ── WebRTC: Opus both ways, events on the data channel "oai-events" ──┐
//	                                                                                     session ── call.Line
//	SDK, bridge ────── WebSocket: PCM16 at 24 kHz in base64 inside the events ────────────┘        call.Mouth
//
// A session is one connection and one call. Client events go in through one function ([session.handle]), the call's
// events come out through another ([session.Report]); both know nothing of the transport. What a transport must do is
// small: carry texts both ways, bring the person's sound to the line at 16 kHz, and take her voice at 24 kHz.
//
// The two differ in how her voice travels. Over WebRTC it is paced: the server sends each 20 ms when they are to be
// heard, so it knows where the listener is and can fall silent at once. Over WebSocket it goes out as fast as it is
// made, because that is what OpenAI's clients expect: they buffer it, stop by themselves when the person speaks, and say
// with conversation.item.truncate what was heard.
//
// What was heard matters (the companion remembers exactly that), so positions are reported to the call all the time: by
// clients that send twombly.playback, exactly; for others as an estimate, see estimate.go.
//
// Beside OpenAI's events there are ours, whose names begin with "twombly." They are sent only to our own page and to
// clients that sent one of them:
//
//	client  twombly.playback   {item_id, content_index, played_ms}  what left the loudspeaker, every 100 ms and at each stop
//	client  twombly.client     {device, zone, echo_cancellation, …}  what the microphone was granted, see ClientReport
//	client  twombly.hard_stop  {}  be silent at once
//	server  twombly.state      {state}  listening, hearing, thinking, speaking
//	server  twombly.partial    {item_id, text, stable}  the person's words so far, whole; stable bytes will not change
//	server  twombly.caption    {item_id, text, duration_ms}  a clause of hers and how long it sounds
//	server  twombly.paused     {item_id, offset_ms}  WebRTC: the item falls silent there, because what follows is late or she is held
//	server  twombly.resumed    {item_id, offset_ms, rtp_timestamp}  WebRTC: and goes on from there at this timestamp
//	server  twombly.duck, twombly.hold, twombly.release  WebSocket: what the program does to her sound itself over WebRTC
//	server  twombly.notice     {code, message}  something to tell the person
//	server  twombly.meeting    {}  the first meeting moved on
//	server  twombly.draft_ended {spoken, tokens}  no more is written of a draft
//	server  twombly.timings    {response_id, pause_ms, …, total_ms, reason}  where the time of a turn went
//
// Two of OpenAI's carry more for everybody: output_audio_buffer.started has item_id and rtp_timestamp (the first of the
// item's packets, so that a page can tell a position from its receiver's timestamp: (rtp - rtp_timestamp) / 48 ms), and
// conversation.item.truncated has, for clients of ours, the transcript of what was heard.
//
// Who may come in is not decided here: package web checks the caller, the origin and the host, and then passes the
// caller in the request's context ([WithCaller]).
package realtime

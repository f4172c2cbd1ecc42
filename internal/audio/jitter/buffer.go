// Package jitter makes a stream of sound of the packets that a network delivered: late, twice, out of order or not at
// all.
//
// A [Buffer] has no clock, no goroutine and no lock. Packets go in with the times of their arrival, sound comes out for
// a time that the caller names, and [Buffer.Wake] says when there will be something to fetch although no packet came.
// So a second of network is a table in a test.
//
// It feeds a listener and not a loudspeaker, and that decides how it works:
//
//   - What is next in the sequence is passed on at once. A loudspeaker needs frames at even distances and has to hold
//     every packet back for the sake of the slowest; a listener counts samples, and would only answer later. There is no
//     latency here unless something is missing.
//   - The samples follow the sender's timestamps. A second of RTP time is exactly a second of sound, whatever was lost,
//     so that positions in the stream mean the same on both sides.
//   - A gap in the sequence is waited on for [Options.Reorder] (60 ms) after a later packet arrived; then it is lost.
//     The end of the gap is recovered from the error correction in the packet after it, the rest is concealed by the
//     decoder, which goes on from what it heard: never a hole of zeros, which would sound like the end of a turn.
//   - When nothing arrives at all, sound is made up from [Options.Stall] (120 ms) after it was due, at the pace of real
//     time, for at most [Options.MaxStall]: a listener must hear that a sender fell silent. If the packets come
//     after all, they are heard, not thrown away. The stream is then longer than the sender's; the surplus is worked off by
//     leaving out frames in which nobody speaks (30 dB below the loudest of the last seconds), under a short crossfade.
//   - The two clocks drift apart, up to some hundred parts in a million. "Due" is therefore reckoned from the fastest
//     packets of the last 5 to 10 s, not from the first one; a slow sender is not taken for a stalled one, and a fast one
//     piles nothing up, because nothing is held back.
//   - Timestamps that jump while the sequence does not are discontinuous transmission: the decoder's comfort noise
//     fills the hole. Packets without bytes carry no sound and take no time; they only count in the sequence.
package jitter

import (
	"time"
)

// ticksPerSecond is the RTP clock of Opus, whatever the rate of the sound (RFC 7587, section 4.1).
const ticksPerSecond = 48000

// Decoder is what opus.Decoder does.
type Decoder interface {
	// Rate of the samples in Hz.
	Rate() int
	// Samples that a packet decodes to.
	Samples(packet []byte) (int, error)
	// Decode appends a packet's samples.
	Decode(dst []float32, packet []byte) ([]float32, error)
	// Conceal appends n samples in place of what was lost.
	Conceal(dst []float32, n int) ([]float32, error)
	// Recover appends the n samples before the packet, from its error correction where it has one.
	Recover(dst []float32, packet []byte, n int) ([]float32, error)
}

// Packet is one packet as it came.
type Packet struct {
	Sequence  uint16
	Timestamp uint32
	// Payload is copied by Push.
	Payload []byte
	// Arrival is on any clock that Pop's now is on too, and never goes back.
	Arrival time.Duration
}

// Options tune a Buffer; 0 means the default.
type Options struct {
	// Reorder is how long a missing packet is waited for after a later one arrived: 60 ms.
	Reorder time.Duration
	// Stall is how late sound may be before it is made up: 120 ms.
	Stall time.Duration
	// MaxStall is how much sound is made up at most when nothing arrives: 3 s.
	MaxStall time.Duration
}

// Stats counts what happened.
type Stats struct {
	// Received packets, without duplicates. Reordered came after a later one but in time, Late too late to be heard.
	Received, Reordered, Late, Duplicate int
	// Lost packets were never received. Broken ones could not be decoded. Restarts of the sender's numbering.
	Lost, Broken, Restarts int
	// Recovered sound came from error correction, Concealed was made up in place of lost packets, Stalled because nothing
	// arrived, Filled is discontinuous transmission; Dropped was left out to work off a surplus, Skipped is a hole too
	// long to fill.
	Recovered, Concealed, Stalled, Filled, Dropped, Skipped time.Duration
}

// frameTicks is 20 ms; concealUnit is the least that libopus conceals.
const (
	frameTicks  = 20 * ticksPerSecond / 1000
	concealUnit = 25 * ticksPerSecond / 10000
)

// Bounds: maxFill of a hole is filled, maxHeld packets wait, and a jump beyond maxJump restarts the stream.
const (
	maxFill     = 1 * ticksPerSecond
	maxHeld     = 256
	maxJump     = 3000
	maxJumpTime = 60 * ticksPerSecond
)

// held is a packet that waits for an earlier one.
type held struct {
	time    int64 // timestamp, unwrapped
	payload []byte
	arrival time.Duration
}

// Buffer orders packets and fills what is missing. Make it with New. It belongs to one goroutine.
type Buffer struct {
	decoder Decoder
	options Options
	factor  int64 // ticks per sample

	begun   bool
	next    int64 // sequence number that is due, unwrapped
	due     int64 // its time in ticks, unwrapped
	highest int64 // sequence number so far
	ahead   int64 // ticks made up in a stall, beyond due
	waiting map[int64]held
	spare   [][]byte // buffers of payloads to use again

	transit transit
	quiet   quietness
	seam    []float32 // beginning of a frame that was left out, to be crossfaded into the next
	stats   Stats
}

// New makes a buffer over a decoder at the beginning of a stream.
func New(decoder Decoder, options Options) *Buffer {
	if options.Reorder == 0 {
		options.Reorder = 60 * time.Millisecond
	}
	if options.Stall == 0 {
		options.Stall = 120 * time.Millisecond
	}
	if options.MaxStall == 0 {
		options.MaxStall = 3 * time.Second
	}
	return &Buffer{
		decoder: decoder, options: options, factor: int64(ticksPerSecond / decoder.Rate()),
		waiting: map[int64]held{},
	}
}

// Stats returns the counts so far.
func (b *Buffer) Stats() Stats { return b.stats }

// Push takes a packet.
func (b *Buffer) Push(packet Packet) {
	if !b.begun {
		b.begin(packet)
	}
	step := int64(int16(packet.Sequence - uint16(b.next)))
	jump := int64(int32(packet.Timestamp - uint32(b.due)))
	if step > maxJump || step < -maxJump || jump > maxJumpTime || jump < -maxJumpTime {
		b.stats.Restarts++
		b.begin(packet)
		step, jump = 0, 0
	}
	sequence, at := b.next+step, b.due+jump
	if step < 0 {
		b.stats.Late++
		return
	}
	if _, twice := b.waiting[sequence]; twice || len(b.waiting) >= maxHeld {
		b.stats.Duplicate++
		return
	}
	b.stats.Received++
	if sequence < b.highest {
		b.stats.Reordered++
	}
	b.highest = max(b.highest, sequence)
	b.transit.add(packet.Arrival, packet.Arrival-duration(at))
	b.waiting[sequence] = held{time: at, payload: append(b.buffer(), packet.Payload...), arrival: packet.Arrival}
}

// begin starts a stream at a packet.
func (b *Buffer) begin(packet Packet) {
	b.begun = true
	b.next, b.due, b.highest, b.ahead = int64(packet.Sequence), int64(packet.Timestamp), int64(packet.Sequence), 0
	clear(b.waiting)
	b.transit = transit{}
}

// Pop appends to dst all the sound that is to be heard by now, and returns it.
func (b *Buffer) Pop(dst []float32, now time.Duration) []float32 {
	for {
		if packet, ok := b.waiting[b.next]; ok {
			dst = b.take(dst, b.next, packet)
			continue
		}
		if sequence, packet, deadline := b.gap(); deadline <= now && sequence > 0 {
			dst = b.lose(dst, sequence, packet)
			continue
		}
		if deadline, ok := b.stall(); ok && deadline <= now && len(b.waiting) == 0 {
			dst = b.conceal(dst, frameTicks, &b.stats.Stalled)
			b.ahead += frameTicks
			continue
		}
		return dst
	}
}

// Timestamp is the RTP time at which the sound that Pop returned last ended.
func (b *Buffer) Timestamp() uint32 { return uint32(b.due + b.ahead) }

// Wake is when Pop will have sound even if no packet comes; false when never.
func (b *Buffer) Wake() (time.Duration, bool) {
	if _, ok := b.waiting[b.next]; ok {
		return 0, true
	}
	if sequence, _, deadline := b.gap(); sequence > 0 {
		return deadline, true
	}
	return b.stall()
}

// gap returns the first packet after a missing one, and when the missing one is given up; sequence 0 when none waits.
func (b *Buffer) gap() (sequence int64, packet held, deadline time.Duration) {
	for number, waiting := range b.waiting {
		if sequence == 0 || number < sequence {
			sequence, packet = number, waiting
		}
		if give := waiting.arrival + b.options.Reorder; deadline == 0 || give < deadline {
			deadline = give
		}
	}
	return sequence, packet, deadline
}

// stall is when a frame is made up if nothing comes.
func (b *Buffer) stall() (time.Duration, bool) {
	if !b.begun || duration(b.ahead) >= b.options.MaxStall {
		return 0, false
	}
	return b.transit.least() + duration(b.due+b.ahead) + b.options.Stall, true
}

// lose gives up the packets before sequence and fills their time.
func (b *Buffer) lose(dst []float32, sequence int64, packet held) []float32 {
	b.stats.Lost += int(sequence - b.next)
	missing := b.missing(packet)
	if missing > 0 {
		// The packet may know what the one before it sounded like; what came before that is concealed.
		recover := min(missing, b.length(packet.payload))
		dst = b.conceal(dst, missing-recover, &b.stats.Concealed)
		dst = b.recover(dst, packet.payload, recover)
	}
	b.next, b.due = sequence, packet.time
	return dst
}

// missing is how many ticks lie between what was heard and a packet, less what a stall has made up for already.
func (b *Buffer) missing(packet held) int64 {
	missing := packet.time - b.due
	if missing <= 0 {
		return 0
	}
	covered := min(missing, b.ahead)
	b.ahead -= covered
	missing -= covered
	if missing > maxFill {
		b.stats.Skipped += duration(missing - maxFill)
		missing = maxFill
	}
	return missing
}

// take decodes the packet that is due.
func (b *Buffer) take(dst []float32, sequence int64, packet held) []float32 {
	delete(b.waiting, sequence)
	b.next = sequence + 1
	defer func() { b.spare = append(b.spare, packet.payload[:0]) }()
	if len(packet.payload) == 0 {
		return dst
	}
	if hole := b.missing(packet); hole > 0 {
		dst = b.conceal(dst, hole, &b.stats.Filled)
	}
	start := len(dst)
	length := b.length(packet.payload)
	out, err := b.decoder.Decode(dst, packet.payload)
	b.due = max(b.due, packet.time) + length
	if err != nil {
		b.stats.Broken++
		return b.conceal(dst, length, &b.stats.Concealed)
	}
	frame := out[start:]
	if isQuiet := b.quiet.hear(frame); isQuiet && b.ahead >= length {
		b.ahead -= length
		b.stats.Dropped += duration(length)
		if len(b.seam) == 0 {
			b.seam = append(b.seam, frame[:min(len(frame), b.decoder.Rate()/400)]...)
		}
		return out[:start]
	}
	b.crossfade(frame)
	return out
}

// crossfade leads from the beginning of the frame that was left out into this one.
func (b *Buffer) crossfade(frame []float32) {
	n := min(len(b.seam), len(frame))
	for i := range n {
		share := float32(i+1) / float32(n+1)
		frame[i] = share*frame[i] + (1-share)*b.seam[i]
	}
	b.seam = b.seam[:0]
}

// conceal appends ticks of made-up sound and counts them.
func (b *Buffer) conceal(dst []float32, ticks int64, count *time.Duration) []float32 {
	*count += duration(ticks)
	for ticks > 0 {
		n := min(ticks, frameTicks)
		samples := int(n / b.factor)
		whole := int(n / concealUnit * concealUnit / b.factor)
		start := len(dst)
		if whole > 0 {
			if out, err := b.decoder.Conceal(dst, whole); err == nil {
				dst = out
			}
		}
		dst = pad(dst, start+samples)
		ticks -= n
	}
	return dst
}

// recover appends ticks of sound from the packet's error correction and counts them.
func (b *Buffer) recover(dst []float32, payload []byte, ticks int64) []float32 {
	if ticks%concealUnit != 0 || ticks == 0 {
		return b.conceal(dst, ticks, &b.stats.Concealed)
	}
	out, err := b.decoder.Recover(dst, payload, int(ticks/b.factor))
	if err != nil {
		return b.conceal(dst, ticks, &b.stats.Concealed)
	}
	b.stats.Recovered += duration(ticks)
	return out
}

// length is how long a packet sounds, in ticks; 20 ms when it can't be read.
func (b *Buffer) length(payload []byte) int64 {
	samples, err := b.decoder.Samples(payload)
	if err != nil || samples <= 0 {
		return frameTicks
	}
	return int64(samples) * b.factor
}

// buffer returns an empty buffer for a payload.
func (b *Buffer) buffer() []byte {
	if last := len(b.spare) - 1; last >= 0 {
		buffer := b.spare[last]
		b.spare = b.spare[:last]
		return buffer
	}
	return make([]byte, 0, 256)
}

// pad appends zeros up to n samples: only for what libopus can't conceal, less than 2.5 ms.
func pad(dst []float32, n int) []float32 {
	for len(dst) < n {
		dst = append(dst, 0)
	}
	return dst[:n]
}

func duration(ticks int64) time.Duration {
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

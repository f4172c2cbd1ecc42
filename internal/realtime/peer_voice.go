package realtime

import (
	"errors"
	"io"
	"time"

	"github.com/pion/rtp"

	"twombly/internal/audio/pace"
)

// send encodes and sends a frame of her voice.
func (c *peer) send(frame pace.Frame) {
	packet, err := c.encoder.Encode(c.packet[:0], frame.Samples)
	if err != nil {
		c.cancel(err)
		return
	}
	c.packet = packet
	c.sequence++
	err = c.track.WriteRTP(&rtp.Packet{
		Header: rtp.Header{
			Version: 2, Marker: frame.Begins, SequenceNumber: c.sequence, Timestamp: c.timestamp(frame.Timestamp),
		},
		Payload: packet,
	})
	if err != nil && !errors.Is(err, io.ErrClosedPipe) {
		c.session.log.Debug("send a frame", "error", err) // the connection's own state decides when it is lost
	}
}

// timestamp turns the pacer's clock of 24 kHz into the RTP clock of 48 kHz.
func (c *peer) timestamp(samples int64) uint32 { return uint32(samples*2) + c.offset }

// started tells that the first sound of an item is on its way, and at which RTP timestamp.
func (c *peer) started(itemID string, timestamp int64) {
	c.session.lock.Lock()
	defer c.session.lock.Unlock()
	if itemID == c.murmured {
		return
	}
	event := c.session.bufferEvent("started", itemID)
	event["rtp_timestamp"] = c.timestamp(timestamp)
	c.session.send(event)
}

// stopped tells that an item has sounded to its end, or was cut.
func (c *peer) stopped(itemID string, cut bool) {
	c.session.lock.Lock()
	defer c.session.lock.Unlock()
	if itemID == c.murmured {
		return
	}
	kind := "stopped"
	if cut {
		kind = "cleared"
	}
	c.session.send(c.session.bufferEvent(kind, itemID))
}

// paused tells our page that an item fell silent in the middle, resumed where in it and at which RTP timestamp it goes on: nothing
// is sent through silence, while the RTP clock runs on, so that a receiver can't tell what was left out from what was lost.
func (c *peer) paused(itemID string, after int64) {
	c.session.lock.Lock()
	defer c.session.lock.Unlock()
	if itemID == c.murmured {
		return
	}
	c.session.sendOurs(object{"type": "twombly.paused", "item_id": itemID, "offset_ms": inMilliseconds(after)})
}

func (c *peer) resumed(itemID string, offset, timestamp int64) {
	c.session.lock.Lock()
	defer c.session.lock.Unlock()
	if itemID == c.murmured {
		return
	}
	c.session.sendOurs(object{
		"type": "twombly.resumed", "item_id": itemID, "offset_ms": inMilliseconds(offset), "rtp_timestamp": c.timestamp(timestamp),
	})
}

// inMilliseconds is how long samples of her voice sound, to the sample.
func inMilliseconds(samples int64) float64 { return float64(samples) * 1000 / voiceRate }

// bufferEvent is one of output_audio_buffer's events. The item and the timestamp are ours; OpenAI's have the response alone.
func (s *session) bufferEvent(kind, itemID string) object {
	return object{"type": "output_audio_buffer." + kind, "response_id": s.conversation.responseOf(itemID), "item_id": itemID}
}

// play implements voice.
func (c *peer) play(r *response, samples []float32) { c.pacer.Play(r.itemID, samples) }

// end implements voice.
func (c *peer) end(item string) { c.pacer.End(item) }

// murmur implements voice. A murmur is heard, and nothing is told of it.
func (c *peer) murmur(id string, samples []float32) bool {
	c.session.lock.Lock()
	c.murmured = id
	c.session.lock.Unlock()
	c.pacer.Play(id, samples)
	c.pacer.End(id)
	return true
}

// hush implements voice.
func (c *peer) hush(item string) { c.pacer.Hush(item) }

// duck implements voice.
func (c *peer) duck(item string, down bool) { c.pacer.Duck(item, down) }

// hold implements voice.
func (c *peer) hold(item string, places []time.Duration) bool {
	c.pacer.Hold(item, places)
	return true
}

// release implements voice.
func (c *peer) release(item string) { c.pacer.Release(item) }

// position implements voice.
func (c *peer) position(item string) position {
	at := time.Now().Add(-playoutDelay - time.Duration(c.roundTrip.Load()/2))
	played := c.pacer.Position(item, at)
	return position{played: played, done: c.pacer.Done(item) && played >= samplesDuration(c.pacer.Sent(item))}
}

package pace

import "time"

// A listener may be about to interrupt. Then it is better to be silent at the end of a word and to go on with the next one than to
// talk on: [Pacer.Hold] and [Pacer.Release].

// noHold is the hold of an item that plays on.
const noHold = -1

// Hold stops an item at the first of these places in it that was not sent yet, until Release; they are in order. When all of
// them are over, it plays on.
func (p *Pacer) Hold(id string, places []time.Duration) {
	p.lock.Lock()
	defer p.lock.Unlock()
	it := p.find(id)
	if it == nil || it.hold != noHold || it.ended && it.head == len(it.queue) {
		return
	}
	for _, place := range places {
		if at := int64(place) * int64(p.options.Rate) / int64(time.Second); at >= it.sent {
			it.hold = at
			return
		}
	}
}

// Release lets a held item play on from where it is, without loss.
func (p *Pacer) Release(id string) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if it := p.find(id); it != nil && it.hold != noHold {
		it.hold = noHold
		p.rouse()
	}
}

// available is how many samples of the item may be sent now.
func (it *item) available() int {
	queued := len(it.queue) - it.head
	if it.hold == noHold {
		return queued
	}
	return int(max(0, min(int64(queued), it.hold-it.sent)))
}

// more says whether what may be sent now is followed by the rest of the item without a pause.
func (it *item) more() bool { return it.ended && it.hold == noHold }

package pace

// duckedGain is the share of its loudness that a ducked item keeps: -12 dB; duckMilliseconds is how long it takes to get there.
const (
	duckedGain       = 0.25
	duckMilliseconds = 30
)

// Duck lowers what was not yet sent of the item by 12 dB, or brings it back, in a slope of 30 ms.
func (p *Pacer) Duck(id string, down bool) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if it := p.find(id); it != nil {
		it.ducked = down
	}
}

// lower makes ducked sound softer.
func (p *Pacer) lower(samples []float32, it *item) {
	if !it.ducked && it.lowered == 0 {
		return
	}
	step := 1000 / float32(duckMilliseconds*p.options.Rate)
	for i := range samples {
		if it.ducked {
			it.lowered = min(1, it.lowered+step)
		} else {
			it.lowered = max(0, it.lowered-step)
		}
		samples[i] *= 1 - (1-duckedGain)*it.lowered
	}
}

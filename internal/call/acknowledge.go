package call

// acknowledging keeps promise 1 towards the device: that words were taken is told only when they are on disk, and what is
// told after them waits with them, so that everything is told in order. It belongs to the call's loop.
type acknowledging struct {
	waiting []told
}

// told is something to be told, or words that are on their way to the disk.
type told struct {
	tell    func()
	written *recording // tell is the acknowledgement of these words when not nil
}

// tell tells the device something, now or behind the words that are being written.
func (c *Call) tell(event Event) { c.inOrder(func() { c.mouth.Report(event) }) }

// inOrder does something towards the device behind what was to be told before.
func (c *Call) inOrder(act func()) {
	a := &c.acknowledging
	if len(a.waiting) == 0 {
		act()
		return
	}
	a.waiting = append(a.waiting, told{tell: act})
}

// acknowledge tells events once the words are on disk; never, when they could not be written.
func (c *Call) acknowledge(words *recording, events ...Event) {
	c.acknowledging.waiting = append(c.acknowledging.waiting, told{written: words, tell: func() {
		for _, event := range events {
			c.mouth.Report(event)
		}
	}})
}

// written tells what waited for words that are on disk now.
func (c *Call) written() {
	a := &c.acknowledging
	for len(a.waiting) > 0 {
		next := a.waiting[0]
		if next.written != nil {
			select {
			case <-next.written.done:
			default:
				return
			}
		}
		a.waiting = a.waiting[1:]
		if next.written == nil || next.written.err == nil {
			next.tell()
		}
	}
}

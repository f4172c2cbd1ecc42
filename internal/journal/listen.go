package journal

import "sync"

// backlog is how many moments a listener may be behind.
const backlog = 256

// listeners hear of each moment after it is on the disk.
type listeners struct {
	guard    sync.Mutex
	channels map[chan Moment]struct{}
	closed   bool
}

// Subscribe returns a channel of the moments appended from now on, in order, each after it is on the disk. The channel
// is closed by stop, by Close, and when the listener falls 256 moments behind: an append never waits for a listener. Who
// finds the channel closed reads on from the last sequence it saw.
func (j *Journal) Subscribe() (moments <-chan Moment, stop func()) {
	channel := make(chan Moment, backlog)
	j.listeners.guard.Lock()
	defer j.listeners.guard.Unlock()
	if j.listeners.closed {
		close(channel)
		return channel, func() {}
	}
	if j.listeners.channels == nil {
		j.listeners.channels = map[chan Moment]struct{}{}
	}
	j.listeners.channels[channel] = struct{}{}
	return channel, func() { j.listeners.drop(channel) }
}

func (l *listeners) tell(moments []Moment) {
	l.guard.Lock()
	defer l.guard.Unlock()
	for channel := range l.channels {
		for _, moment := range moments {
			select {
			case channel <- moment:
				continue
			default:
			}
			delete(l.channels, channel)
			close(channel)
			break
		}
	}
}

func (l *listeners) drop(channel chan Moment) {
	l.guard.Lock()
	defer l.guard.Unlock()
	if _, open := l.channels[channel]; open {
		delete(l.channels, channel)
		close(channel)
	}
}

func (l *listeners) closeAll() {
	l.guard.Lock()
	defer l.guard.Unlock()
	l.closed = true
	for channel := range l.channels {
		close(channel)
	}
	l.channels = nil
}

package journal

import (
	"context"
	"slices"
)

// settleWindow is how many of the newest moments are looked through for replies that a crash cut off.
const settleWindow = 1000

// Settle ends the replies that a crash cut off: each gets a "heard" with the words that were known to be heard and the
// reason given ("crash"). Call it after opening and before anybody speaks. It answers the replies that it ended.
func (j *Journal) Settle(ctx context.Context, reason string) ([]Line, error) {
	newest, err := j.Read(ctx, Query{Newest: true, Limit: settleWindow})
	if err != nil {
		return nil, err
	}
	slices.Reverse(newest)
	open := Unfinished(newest)
	ends := make([]Moment, len(open))
	for i, line := range open {
		ends[i] = NewHeard(line.ID, line.Words, 0, HeardData{Cut: line.Words != line.Planned, Reason: reason})
		ends[i].Zone, ends[i].Channel, ends[i].Device = line.Zone, line.Channel, line.Device
	}
	_, err = j.Append(ctx, ends...)
	return open, err
}

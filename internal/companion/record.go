package companion

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"twombly/internal/journal"
)

// RecordPerson puts the person's words on disk and returns the moment's ID. A message that was written down before, by the
// name that its client gave it, keeps that moment.
func (c *Companion) RecordPerson(ctx context.Context, turn Turn) (string, error) {
	id, err := newMomentID()
	if err != nil {
		return "", err
	}
	var data json.RawMessage
	if turn.ClientID != "" {
		c.recording.Lock() // the line that was lost may still be writing it
		defer c.recording.Unlock()
		if known := c.findMessage(turn); known != "" {
			return known, nil
		}
		if data, err = json.Marshal(messageData{turn.ClientID}); err != nil {
			return "", fmt.Errorf("name a message: %w", err)
		}
	}
	moment := journal.Moment{
		Data: data,
		ID:   id, At: c.now(), Zone: turn.Zone, Kind: journal.Said, Speaker: journal.Person,
		Channel: journal.Channel(turn.Channel), Trust: journal.TrustPerson, Device: turn.Device, Words: turn.Words,
	}
	return id, c.record(ctx, moment)
}

// messageData is the Data of a message that its client named.
type messageData struct {
	ClientID string `json:"clientId"`
}

// findMessage is the moment of a message with the same name and words, as far back as the conversation is held; empty when
// there is none.
func (c *Companion) findMessage(turn Turn) string {
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, moment := range slices.Backward(c.history.moments) {
		var data messageData
		if isPersons(moment) && moment.Words == turn.Words && len(moment.Data) > 0 && json.Unmarshal(moment.Data, &data) == nil &&
			data.ClientID == turn.ClientID {
			return moment.ID
		}
	}
	return ""
}

// RecordClause puts a clause on disk as planned, before its first sample is sent.
func (c *Companion) RecordClause(ctx context.Context, clause Clause) error {
	decisions, err := c.takePending()
	if err != nil {
		return err
	}
	moment := journal.NewPlanned(clause.TurnID, clause.Text, journal.PlannedData{
		Reply: clause.ReplyID, Clause: clause.Index, HeardWords: clause.HeardWords,
	})
	moment.At, moment.Channel = c.now(), journal.Channel(clause.Channel)
	if err := c.record(ctx, append(decisions, moment)...); err != nil {
		return err
	}
	c.takeDecisions(decisions)
	return nil
}

// takePending returns the moments of what the first meeting decides with the words she is about to say.
func (c *Companion) takePending() ([]journal.Moment, error) {
	c.lock.Lock()
	pending := c.pending
	c.pending = nil
	c.lock.Unlock()
	if pending == nil {
		return nil, nil
	}
	return c.decisionMoments(pending.by, pending.decisions)
}

// RecordHeard puts on disk what was heard of a reply. Recorded again for the same reply, the newest counts.
func (c *Companion) RecordHeard(ctx context.Context, heard Heard) error {
	moment := journal.NewHeard(heard.ReplyID, heard.Words, heard.AudioMilliseconds, journal.HeardData{
		Cut: heard.Cut, Reason: heard.Reason,
	})
	moment.At = c.now()
	return c.record(ctx, moment)
}

// record appends moments in one transaction and takes them into the conversation once they are on disk.
func (c *Companion) record(ctx context.Context, moments ...journal.Moment) error {
	if _, err := c.journal.Append(ctx, moments...); err != nil {
		return fmt.Errorf("write to the journal: %w", err)
	}
	c.lock.Lock()
	defer c.lock.Unlock()
	for _, moment := range moments {
		c.history.take(moment)
	}
	return nil
}

// RecordConsent puts a choice of the person about her mind on record: what is named is what may go where.
func (c *Companion) RecordConsent(ctx context.Context, consent any) error {
	return c.decide(ctx, journal.Person, madeDecision{decideMind, consent})
}

package journal

import (
	"encoding/json"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// PlannedData is the Data of a planned clause.
type PlannedData struct {
	// Reply is the ID of the reply, the same for all of its clauses.
	Reply string `json:"reply"`
	// Clause counts the reply's clauses from 0.
	Clause int `json:"clause"`
	// HeardWords is how many words of the reply the person had heard when this clause was planned. After a crash that of the
	// last clause is what counts as heard.
	HeardWords int `json:"heardWords"`
}

// HeardData is the Data of the moment that ends a reply.
type HeardData struct {
	// Cut is true when the reply was not heard to its end; Reason says why, as a reason code ("barge_in").
	Cut    bool   `json:"cut"`
	Reason string `json:"reason,omitempty"`
}

// NewPlanned makes the moment of one clause of a reply. Answers is the ID of the person's moment, empty when she speaks
// first. The caller adds channel, device and time.
func NewPlanned(answers, words string, data PlannedData) Moment {
	return Moment{Kind: Planned, Speaker: Companion, Trust: TrustCompanion, Refers: answers, Words: words, Data: toJSON(data)}
}

// NewHeard makes the moment that ends a reply with the words that were heard of it.
func NewHeard(reply, words string, audioMilliseconds int64, data HeardData) Moment {
	return Moment{Kind: Heard, Speaker: Companion, Trust: TrustCompanion, Refers: reply, Words: words,
		AudioMilliseconds: audioMilliseconds, Data: toJSON(data)}
}

// toJSON writes one of the structs above, which always can be.
func toJSON(data any) json.RawMessage {
	text, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return text
}

// Line is one side's turn in a conversation.
type Line struct {
	// ID is the moment's, or the reply's where the line is a reply. Sequence is that of its first moment, Last of its last.
	ID             string
	Sequence, Last int64
	At             time.Time
	Zone           string
	Speaker        Speaker
	Channel        Channel
	Device         string
	Trust          Trust
	// Words is what counts: the person's words; of a reply what was heard.
	Words string
	// Planned is all that she set out to say; empty for the person.
	Planned string
	// Open is true while a reply has no "heard" yet: she is still speaking, or a crash ended it. Words is then what was
	// known to be heard when its last clause was planned.
	Open bool
	// Cut and Reason are those of the reply's end.
	Cut    bool
	Reason string
	// Answers is the ID of the person's moment that a reply answers; empty when she spoke first.
	Answers           string
	AudioMilliseconds int64
}

// Conversation folds moments, oldest first, into lines in the order in which they began. Moments of other kinds are left
// out, and so is a "heard" whose clauses are not among the moments: read back to the beginning of the talk.
func Conversation(moments []Moment) []Line {
	var lines []Line
	replies := map[string]int{}
	for _, moment := range moments {
		switch moment.Kind {
		case Said:
			line := lineOf(moment)
			line.Words = moment.Words
			if moment.Speaker == Companion {
				line.Planned, line.Answers = moment.Words, moment.Refers
			}
			lines = append(lines, line)
		case Planned:
			lines = foldPlanned(lines, replies, moment)
		case Heard:
			if place, known := replies[moment.Refers]; known {
				foldHeard(&lines[place], moment)
			}
		}
	}
	return lines
}

func lineOf(moment Moment) Line {
	return Line{ID: moment.ID, Sequence: moment.Sequence, Last: moment.Sequence, At: moment.At, Zone: moment.Zone,
		Speaker: moment.Speaker, Channel: moment.Channel, Device: moment.Device, Trust: moment.Trust,
		AudioMilliseconds: moment.AudioMilliseconds}
}

func foldPlanned(lines []Line, replies map[string]int, moment Moment) []Line {
	var data PlannedData
	if json.Unmarshal(moment.Data, &data) != nil || data.Reply == "" {
		data.Reply = moment.ID // a clause of an unknown reply stands for itself
	}
	place, known := replies[data.Reply]
	if !known {
		line := lineOf(moment)
		line.ID, line.Open, line.Answers = data.Reply, true, moment.Refers
		place = len(lines)
		replies[data.Reply] = place
		lines = append(lines, line)
	}
	line := &lines[place]
	line.Planned = JoinClauses(line.Planned, moment.Words)
	line.Last = moment.Sequence
	if line.Open {
		line.Words = FirstWords(line.Planned, data.HeardWords)
	}
	return lines
}

func foldHeard(line *Line, moment Moment) {
	var data HeardData
	if json.Unmarshal(moment.Data, &data) == nil {
		line.Cut, line.Reason = data.Cut, data.Reason
	}
	line.Open = false
	line.Words, line.AudioMilliseconds, line.Last = moment.Words, moment.AudioMilliseconds, moment.Sequence
}

// Unfinished returns the replies that have planned clauses and no "heard": after a crash, those that it cut off. Words is
// what counts as heard of each.
func Unfinished(moments []Moment) []Line {
	var open []Line
	for _, line := range Conversation(moments) {
		if line.Open {
			open = append(open, line)
		}
	}
	return open
}

// JoinClauses puts a clause after the text before it, with one space between them unless either brought its own.
func JoinClauses(before, clause string) string {
	if before == "" || clause == "" {
		return before + clause
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(clause)
	if unicode.IsSpace(last) || unicode.IsSpace(first) {
		return before + clause
	}
	return before + " " + clause
}

// FirstWords is the beginning of a text up to the end of its count-th word. Words are what white space separates.
func FirstWords(text string, count int) string {
	inWord := false
	for place, char := range text {
		if unicode.IsSpace(char) {
			if inWord {
				if count--; count <= 0 {
					return text[:place]
				}
			}
			inWord = false
			continue
		}
		if count <= 0 {
			return ""
		}
		inWord = true
	}
	if count <= 0 {
		return ""
	}
	return strings.TrimRightFunc(text, unicode.IsSpace)
}

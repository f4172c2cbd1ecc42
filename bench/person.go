package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"twombly/internal/companion"
	"twombly/internal/fabric"
	"twombly/internal/journal"
	"twombly/internal/people"
	"twombly/internal/vault"
)

// makeStore makes a data folder in which a person has been met and has talked for twenty turns, through the same code
// that a conversation uses. Its keys rest in files, so that no keyring is touched.
func makeStore(ctx context.Context, folder string) error {
	house, err := fabric.Open(ctx, fabric.Options{Folder: folder, Rest: vault.InFile})
	if err != nil {
		return err
	}
	return errors.Join(fillHouse(ctx, house), house.Close())
}

func fillHouse(ctx context.Context, house *fabric.House) error {
	store, err := people.NewStore(ctx, house.Database())
	if err != nil {
		return err
	}
	pepper, err := house.Secret(ctx, "people")
	if err != nil {
		return err
	}
	opened, err := people.Open(ctx, store, people.Options{Pepper: pepper})
	if err != nil {
		return err
	}
	owner := opened.Owner().ID
	living, err := house.People(ctx)
	if err != nil {
		return err
	}
	open := house.CreateAs
	if slices.Contains(living, owner) {
		open = house.Place
	}
	place, err := open(ctx, owner)
	if err != nil {
		return err
	}
	book, err := journal.Open(ctx, journal.Options{Place: place})
	if err != nil {
		return err
	}
	return errors.Join(acquaint(ctx, owner, book), book.Close())
}

// acquaint holds the first meeting and twenty turns of talk.
func acquaint(ctx context.Context, person string, book companion.Journal) error {
	c, err := companion.Open(ctx, companion.Options{Person: person, Journal: book, Mind: noMind{}})
	if err != nil {
		return err
	}
	for _, answer := range []string{"I'm Robin.", "warm and easy-going", "keep it"} {
		if _, err := c.TypeMeeting(ctx, answer, "bench", "UTC"); err != nil {
			return err
		}
	}
	if !c.Met() {
		return errors.New("the first meeting did not end")
	}
	for i, turn := range pastTalk {
		if err := talk(ctx, c, fmt.Sprintf("reply-%02d", i), turn[0], turn[1]); err != nil {
			return err
		}
	}
	return nil
}

// talk puts one exchange on record as a call does.
func talk(ctx context.Context, c *companion.Companion, reply, words, answer string) error {
	id, err := c.RecordPerson(ctx, companion.Turn{Words: words, Channel: companion.ByVoice, Device: "bench", Zone: "UTC"})
	if err != nil {
		return err
	}
	if err := c.RecordClause(ctx, companion.Clause{ReplyID: reply, TurnID: id, Text: answer, Channel: companion.ByVoice}); err != nil {
		return err
	}
	return c.RecordHeard(ctx, companion.Heard{ReplyID: reply, Words: answer, Reason: "heard_to_end", AudioMilliseconds: 3000})
}

// noMind is no mind: what the first meeting would ask of one has an answer of its own.
type noMind struct{}

func (noMind) Generate(context.Context, companion.Prompt, companion.Emit) error {
	return companion.ErrUnavailable
}
func (noMind) Prefill(context.Context, companion.Prompt) error { return nil }

// memoryJournal is a journal that forgets everything with the process, for prompts without a store.
type memoryJournal struct{ moments []journal.Moment }

func (m *memoryJournal) Append(_ context.Context, moments ...journal.Moment) ([]journal.Moment, error) {
	for i := range moments {
		moments[i].Sequence = int64(len(m.moments) + 1)
		m.moments = append(m.moments, moments[i])
	}
	return moments, nil
}

func (m *memoryJournal) Each(_ context.Context, query journal.Query, visit func(journal.Moment) error) error {
	moments := slices.Clone(m.moments)
	if query.Newest {
		slices.Reverse(moments)
	}
	for _, moment := range moments {
		if len(query.Kinds) > 0 && !slices.Contains(query.Kinds, moment.Kind) {
			continue
		}
		if err := visit(moment); err != nil {
			return err
		}
	}
	return nil
}

// pastTalk is what was said before a benchmark begins: the person's words and hers.
var pastTalk = [][2]string{
	{"I finally repaired the bicycle in the hall.", "Look at you. Was it the chain again, or something worse?"},
	{"It was the chain, and then the brake as well.", "So it was winning for a while there. Does it stop now when you ask it to?"},
	{"Mostly. I rode it to the market this morning.", "That's brave, with mostly. What did you bring home?"},
	{"Too many plums. They were almost free.", "Nobody has ever brought home the right number of plums. Jam, or cake?"},
	{"My mother always made dumplings with them.", "Oh, that's the kind of thing that makes a kitchen smell right. Did she teach you how?"},
	{"She tried, but I never wrote it down.", "Then it might be worth a call. She'd probably love to be asked."},
	{"She would talk for an hour, you know her.", "I don't yet, but I like her already. An hour about dumplings sounds like a good hour."},
	{"Work was slow today, nobody answered anything.", "Slow in the good way, or in the staring at the wall way?"},
	{"The wall, mostly. And I read about lighthouses.", "That's a much better use of a wall. What caught you about them?"},
	{"That people lived in them for years, alone.", "I keep wondering what they talked about when the boat finally came."},
	{"Probably the weather, like everyone else.", "Ha, and they'd have had opinions about it. Do you get lonely on slow days?"},
	{"A little. I should call Ines this week.", "You've got a good excuse now, too many plums. When is she usually home?"},
	{"After seven, most evenings.", "Then seven it is, plums in hand."},
	{"Did I tell you we're painting the kitchen?", "Not yet. What color, and who's holding the ladder?"},
	{"Yellow, and I'm holding the ladder myself.", "A yellow kitchen is hard to be sad in. Please let somebody else hold the ladder, though."},
	{"My brother might come on Sunday.", "Good. Does he paint, or does he mainly give advice?"},
	{"Advice, and he eats everything.", "Then the plums are taken care of as well. That's planning."},
	{"I slept badly, the neighbors had a party.", "Oh no. Was it at least good music through the wall?"},
	{"It was the same song, nine times.", "Nine times is not a party, that's a dispute. I hope tonight is quiet."},
	{"Me too. I might go to bed early.", "Do that. The kitchen can stay white for one more day."},
}

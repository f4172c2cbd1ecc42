package call

import "testing"

func TestHangs(t *testing.T) {
	for text, want := range map[string]bool{
		"And so my fellow Americans.":         true,
		"And so, my fellow Americans":         true,
		"Because of the weather":              true,
		"I went to the":                       true,
		"I went to the.":                      true,
		"She left because":                    true,
		"It was, um":                          true,
		"Good morning. And then my brother":   true,
		"And what about you?":                 false,
		"And so my fellow Americans, ask not": false,
		"And then she laughed.":               false,
		"But it's late.":                      false,
		"So I’m home.":                        false,
		"So?":                                 false,
		"And":                                 true,
		"Yes.":                                false,
		"Two tickets, please.":                false,
		"Turn it off.":                        false,
		"Is it an A or a B, or the?":          false,
		"What do you think of, that it was because of a": true,
		"My number is four, seven, one,":                 true,
		"My number is 471 22 9.":                         true,
		"610485733":                                      true,
		"It's spelled B, R,":                             true,
		"Is it four, seven, one?":                        false,
		"At seven thirty.":                               false,
		"1976, 08.":                                      true,
		"It is 47-199.":                                  true,
		"Six, six.":                                      true,
		"Six.":                                           false,
		"It costs 3.50.":                                 false,
		"It cost 1,000.":                                 false,
		"It cost 10,000 or so":                           false,
		"At 10:30.":                                      false,
		"On May 5, 2024.":                                false,
		"In 2024.":                                       false,
		"I'd like vitamin C.":                            false,
		"It was 1 a.m.":                                  false,
		"":                                               false,
		"...":                                            false,
		"How are you today?":                             false,
	} {
		if got := hangs(text); got != want {
			t.Errorf("%q hangs: %t", text, got)
		}
	}
}

func TestBearingOf(t *testing.T) {
	for text, want := range map[string]Bearing{
		"Um.": Hesitating, "Uh, uh, uh.": Hesitating, "Ah,": Hesitating, "Mm-hm.": Meaningless, "Uh-huh.": Meaningless, "You": Meaningless, "And": Meaningless, "It's a": Meaningless,
		"Thank you for watching!": Meaningless, "啊啊啊": Meaningless, "Uh?": Hesitating, "Mm-hm, yes.": Plain, "And?": Plain, "You?": Plain, "Thank you.": Plain, "7": Plain, "Huh?": Plain, "Um, what was it?": Plain,
		"Stop.": Stopping, "Stop!": Stopping, "Please stop.": Stopping, "Be quiet.": Stopping, "Okay, stop, stop.": Stopping,
		"Stop talking, please.": Stopping, "Orla, stop.": Stopping, "That's enough.": Stopping, "Shh.": Stopping, "Hush.": Stopping,
		"That's it.": Plain, "Be it.": Plain, "Shut up.": Stopping, "Stop the music.": Plain, "When does the bus stop?": Plain, "I can't stop.": Plain, "Quiet evenings are best.": Plain,
		"Don't stop.": Plain, "The last stop.": Plain, "Enough said.": Plain, "Did he stop?": Plain, "Full stop.": Plain,
		"Let me think.": Pondering, "Hm, let me think about it.": Pondering, "Give me a second.": Pondering, "One moment.": Pondering,
		"Wait.": Pondering, "Wait, wait.": Pondering, "Hold on a second.": Pondering, "Hang on.": Pondering, "Just a minute, please.": Pondering,
		"Yes. Let me see.": Pondering, "Wait for me at the station.": Plain, "He told me to hold on.": Plain,
		"Let me think about the garden": Plain, "I waited a minute.": Plain,
		"Tom did you feed the cat?": Elsewhere, "Bears can be dangerous.": Plain, "Trains are late again.": Plain, "So did you like it?": Plain,
		"Anna, can you pass me that?": Elsewhere, "Hey Tom, did you feed the cat?": Elsewhere, "Mum, the phone is for you.": Elsewhere,
		"Get off the couch, Max.": Elsewhere, "Can you hear me, Max?": Elsewhere, "Can you hear me, Orla?": Plain, "Go on, please.": Plain, "We went to London, Paris.": Plain,
		"Tell me about it, darling.": Plain, "Will you come, Monday?": Plain, "Uncle Bob, your shoes are in the hall.": Elsewhere, "Ben, come here.": Elsewhere,
		"Orla, can you tell me the time?": Plain, "Aurla, can you tell me the time?": Plain, "Well, can you tell me?": Plain,
		"Actually, you said so.": Plain, "Drop, the two when you add the figures.": Plain, "Anna, what time do you want it?": Plain, "Beans, rice and butter.": Plain, "Honestly, do you think so?": Plain, "Anna called you.": Plain,
		"Anna, I think, is right.": Plain, "Anna, can you pass me that? Thanks. What do you think?": Plain, "Computer, can you do that?": Plain, "Robin, and you?": Plain,
		"And so my fellow Americans.": Hanging, "Good morning.": Plain, "": Plain,
	} {
		if got := BearingOf(text, "Robin", "Orla"); got != want {
			t.Errorf("%q bears %q, not %q", text, got, want)
		}
	}
}

func TestDigitsIn(t *testing.T) {
	for text, want := range map[string]int{
		"My number is 471, 992, 205.": 9, "One, two, three, four": 4, "610485733": 9, "It's spelled B, R, A": 0, "Yes.": 0, "": 0, "I have two.": 1,
	} {
		if got := DigitsIn(text); got != want {
			t.Errorf("%q: %d, not %d", text, got, want)
		}
	}
}

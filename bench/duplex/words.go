package duplex

import (
	"slices"
	"strings"
)

// What synthetic people say. Written for this benchmark, before anything was measured with it.

// voices are those of synthetic people; whoever runs a scenario takes hers out.
var voices = []string{
	"am_michael", "bf_emma", "am_fenrir", "af_kore", "bm_george", "af_bella", "am_puck", "bf_isabella", "bm_fable", "af_sarah",
}

// prompts make her speak for a while.
var prompts = []string{
	"Please tell me a long story about a lighthouse keeper and the sea.",
	"Tell me in detail how bread is made, from the field to the table.",
	"Describe a walk through an old town on a rainy evening, with everything one sees.",
	"Please explain at length how the seasons come about.",
	"Tell me a long story about two brothers who cross the mountains.",
	"Describe a big market in the south, stall by stall.",
	"Please tell me everything you know about bees, and take your time.",
	"Tell me a long story about a violin that was lost and found.",
}

// turns are whole things to say or ask.
var turns = []string{
	"What would you cook with two eggs and some rice?",
	"I finally called my sister back this morning.",
	"Do you think it's too late to learn the piano?",
	"My back has been hurting since I moved the boxes.",
	"Which of the two books should I read first?",
	"The neighbours are having a party again tonight.",
	"Can you explain to me what a tide is?",
	"I'm a little nervous about the talk on Thursday.",
}

// interruptions are said to her while she speaks.
var interruptions = []string{
	"Wait, that's not what I meant.",
	"Sorry, what was the first thing you said?",
	"Hang on, I have a question about that.",
	"No, I was asking about something else.",
	"Actually, can we talk about my weekend?",
	"Okay, but how long does that take?",
	"Let me stop you there for a second.",
	"Can you say that again, but shorter?",
	"Why would anybody do that?",
	"That reminds me of my grandfather's house.",
	"Hold on, someone's at the door.",
	"What about the other one?",
}

// stops ask for silence.
var stops = []string{"Stop.", "Be quiet.", "Stop talking, please.", "Okay, stop."}

// backchannels show that one listens. Those with phonemes are no words, and spelling would make words of them.
var backchannels = []Sound{
	{Text: "mm-hm", Phonemes: "mhˈm"},
	{Text: "Yeah."},
	{Text: "Right."},
	{Text: "Oh wow.", Phonemes: "ˈO wˈW"},
	{Text: "uh-huh", Phonemes: "əhˈʌ"},
	{Text: "I see."},
	{Text: "mm", Phonemes: "ˈmm"},
	{Text: "Okay."},
	{Text: "Really?"},
	{Text: "Sure."},
	{Text: "Yeah, yeah."},
	{Text: "That's nice."},
}

// fillers are sounds of thinking.
var fillers = []Sound{
	{Text: "um", Phonemes: "ˈʌm"}, {Text: "uh", Phonemes: "ˈʌ"}, {Text: "hmm", Phonemes: "hmm"}, {Text: "er", Phonemes: "ˈɜɹ"},
}

// asides are said to somebody else.
var asides = []string{
	"Anna, can you pass me that?",
	"Tom, did you feed the cat?",
	"Mum, the phone is for you.",
	"Honey, where did you put the keys?",
	"Two coffees, please, and one with milk.",
	"Come here, good boy. Sit.",
	"Ben, your shoes are in the hall.",
	"Thanks, just leave it by the door.",
}

// halves are turns with a pause where people make one.
var halves = [][]string{
	{"I was thinking that maybe", "we could go to the lake on Sunday."},
	{"My number is four, seven,", "one, nine, nine,", "two, zero, five."},
	{"So the thing is,", "I never really wanted", "to move to the city."},
	{"Can you remind me to buy", "milk and", "some bread?"},
	{"She said that", "she would call, but", "she never did."},
	{"I need to tell you about", "what happened at work", "this afternoon."},
	{"It's spelled B, R,", "A, U,", "N, with one N."},
	{"When I was a child,", "we used to live", "next to a railway."},
}

// AsksForLong says whether words ask her to speak for a while.
func AsksForLong(words string) bool {
	return slices.ContainsFunc(prompts, func(prompt string) bool { return strings.Contains(words, prompt) })
}

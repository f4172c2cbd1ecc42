package call

import (
	"slices"
	"strings"
)

// needsBody says whether words can only be said to somebody who is in the room: they ask for what needs a body ("pass me the salt", "did you feed the
// cat", "come here"), are an order at a counter ("two coffees, please"), or are said to a dog. She has no hands, and nobody who knows her asks for
// them. English only.
func needsBody(text string) bool {
	words := slices.Compact(spokenWords(text)) // a recogniser that knows only the beginning says the last word again and again
	for len(words) > 1 && politely[words[0]] {
		words = words[1:]
	}
	if len(words) == 0 {
		return false
	}
	joined := " " + strings.Join(words, " ") + " "
	return praisesPet(joined) || ordersAtCounter(words) || asksForHands(words) || asksWhetherDone(words)
}

// mayNeedBody says whether words so far may turn out to be such: the beginning of an order, or of a command.
func mayNeedBody(text string) bool {
	words := spokenWords(text)
	for len(words) > 1 && politely[words[0]] {
		words = words[1:]
	}
	return len(words) > 0 && len(words) <= 2 && (counts[words[0]] || handed[words[0]] || placed[words[0]] || words[0] == "come")
}

func praisesPet(joined string) bool {
	return slices.ContainsFunc([]string{" good boy ", " good girl ", " good dog ", " bad dog ", " here kitty "}, func(praise string) bool {
		return strings.Contains(joined, praise)
	})
}

// ordersAtCounter: how many of what, and please, and nothing that makes a sentence of it.
func ordersAtCounter(words []string) bool {
	at := slices.Index(words, "please")
	rest := slices.DeleteFunc(slices.Clone(words[1:]), func(word string) bool { return word == "please" })
	return counts[words[0]] && at >= 2 && at <= 5 && !hasVerb(rest)
}

// asksForHands: a command that takes hands or feet.
func asksForHands(words []string) bool {
	if len(words) > 3 && asksFor[words[0]] && words[1] == "you" {
		words = words[2:] // "could you pass the butter"
		if handed[words[0]] && pointing[words[1]] {
			return true
		}
	}
	if len(words) == 1 {
		return commands[words[0]]
	}
	first, second, third := words[0], words[1], ""
	if len(words) > 2 {
		third = words[2]
	}
	switch {
	case first == "come" && ways[second]:
		return third != "to" && third != "with" // "come back to that", "come up with"
	case first == "sit" && (second == "down" || second == "still" || second == "up"):
		return true
	case handed[first] && (second == "me" || second == "us" || second == "him" || second == "her"):
		return pointing[third]
	case placed[first] && carried[second] && ways[third]:
		return !anyOf(words, kept) && words[len(words)-1] != "that" // "put it on my list", "leave it at that"
	}
	return false
}

// asksWhetherDone: a question about what takes a body.
func asksWhetherDone(words []string) bool {
	return len(words) > 3 && asksFor[words[0]] && words[1] == "you" && bodily[words[2]]
}

// The lists are data that nothing changes.
var (
	politely = wordSet(`thanks thank you just please okay ok oh um uh er well now right yes yeah no and so then hey`)
	counts   = wordSet(`two three four five six`)
	commands = wordSet(`sit heel fetch`)
	ways     = wordSet(`here there in inside out outside over down up back along away by on at under behind beside next upstairs downstairs home`)
	handed   = wordSet(`pass hand bring fetch grab`)
	pointing = wordSet(`the that those these this a an your my some another one`)
	placed   = wordSet(`put leave set drop lay place`)
	carried  = wordSet(`it that this them those these everything`)
	kept     = wordSet(`list lists calendar note notes diary reminder reminders agenda memory mind record screen speaker hold that's`)
	bodily   = wordSet(`feed fed wash washed lock locked park parked walk walked iron ironed vacuum vacuumed mow mowed carry lift clean cleaned cook
		cooked drive drove water watered pack packed unpack sweep mop shower brush brushed`)
)

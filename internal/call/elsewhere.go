package call

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// isForAnother says whether words are said to somebody else in the room: they ask for what needs a body, or begin with another's name, and go on as one
// speaks to somebody ("Anna, can you pass me that?"). known are the names of her and of the person, who says the own name to her
// ("Robin, and you?"); without them nobody can tell whom a name calls. English only, and in doubt for her: who is not answered has
// to say everything again.
//
// A name is a word before a comma, in capitals as the recogniser writes it, that is none of those with which sentences open
// ("Well, can you"), and nothing like a known name: names are what a recogniser knows least.
func isForAnother(text string, known ...string) bool {
	if len(known) > 0 && (needsBody(text) || namesAtEnd(text, known)) {
		return true
	}
	called, rest, ok := strings.Cut(calling(text), ",")
	if !ok || len(known) == 0 || strings.Count(strings.TrimRight(text, ".!?… "), ". ") > 0 {
		return false // what comes after may be for her
	}
	name, relative := calledName(called, known)
	return relative || name != "" && isName(name) && addresses(plainWords(rest))
}

// namesAtEnd says whether a sentence to somebody ends with another's name: "Get off the couch, Max." There a recogniser writes a capital only where it knows
// a name.
func namesAtEnd(text string, known []string) bool {
	text = strings.TrimRight(text, ".!?… ")
	at := strings.LastIndexByte(text, ',')
	if at < 0 || strings.ContainsAny(text, ".!?") || strings.Count(text, ",") > 1 {
		return false
	}
	name, _ := calledName(strings.TrimSpace(text[at+1:]), known)
	return name != "" && isName(name) && addresses(plainWords(text[:at]))
}

// mayCallAnother says whether words so far may turn out to be for another: a name, and a word more at most.
func mayCallAnother(text string, known ...string) bool {
	if len(known) > 0 && mayNeedBody(text) {
		return true
	}
	called, rest, _ := strings.Cut(calling(text), ",")
	name, _ := calledName(strings.TrimRight(called, ".!?… "), known)
	return len(known) > 0 && name != "" && isName(name) && len(strings.Fields(rest)) < 2
}

// calling puts the comma behind a name that a recogniser leaves out while it knows only the beginning: "Anna can you".
func calling(text string) string {
	text = strings.TrimSpace(text)
	words := strings.Fields(text)
	if len(words) < 2 || strings.ContainsAny(words[0], ",.!?") {
		return text
	}
	next := strings.ToLower(strings.Trim(words[1], ",.!?"))
	if !(isName(words[0]) && asksFor[next]) && !(kin[strings.ToLower(words[0])] && afterKin[next]) {
		return text
	}
	return words[0] + "," + strings.TrimPrefix(text, words[0])
}

// calledName is the name that is called before a comma, if it is like none that is known, and whether it is what one
// calls a relative.
func calledName(called string, known []string) (name string, relative bool) {
	words := strings.Fields(called)
	if len(words) > 1 && summons[strings.ToLower(words[0])] {
		words = words[1:]
	}
	if len(words) == 0 || len(words) > 2 || len(words) == 2 && !kin[strings.ToLower(words[0])] {
		return "", false
	}
	name = words[len(words)-1]
	for _, one := range known {
		if resemble(strings.ToLower(name), strings.ToLower(one)) {
			return "", false
		}
	}
	return name, kin[strings.ToLower(words[0])]
}

// names are those of her and of the person, once both are known.
func (c *Call) names() []string {
	person, her := c.talker.Names()
	if person == "" || her == "" {
		return nil
	}
	return []string{person, her}
}

// isName says whether a word can be somebody's name.
func isName(word string) bool {
	first, size := utf8.DecodeRuneInString(word)
	if !unicode.IsUpper(first) || len(word) < 3 || len(word) > 12 {
		return false
	}
	for _, letter := range word[size:] {
		if !unicode.IsLower(letter) {
			return false
		}
	}
	lower := strings.ToLower(word)
	return !openings[lower] && !strings.HasSuffix(lower, "ly") && !strings.HasSuffix(lower, "ing") && !assents[lower] && !verbs[lower]
}

// addresses says whether words are said to somebody: "you" is among the first of them, or they begin with what one asks somebody to
// do. Further on, "you" says little: the recogniser's comma may be wrong ("Drop, the two when you add the figures").
func addresses(words []string) bool {
	if len(words) == 0 {
		return false
	}
	return anyOf(words[:min(len(words), 3)], second) || orders[words[0]]
}

// resemble says whether one word may be the other, as a recogniser mistakes it: it differs in two letters at most.
func resemble(a, b string) bool { return a != "" && b != "" && editDistance(a, b) <= 2 }

// editDistance is how many letters must be put in, left out or changed to make one word of the other.
func editDistance(a, b string) int { return changes(a, b)[len(b)] }

// changes are how many letters must be put in, left out or changed to make of a text each beginning of another, from none of it to all
// (Levenshtein 1966).
func changes(text, other string) []int {
	row := make([]int, len(other)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(text) {
		before := row[0]
		row[0] = i + 1
		for j := range len(other) {
			change := before
			if text[i] != other[j] {
				change++
			}
			before = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row
}

// The lists are data that nothing changes.
var (
	summons = wordSet(`hey oh hi okay ok so and no yes`)
	// kin are what people of a house call each other; a name may follow.
	kin = wordSet(`mum mom mummy mommy dad daddy papa mama grandma grandpa granny auntie aunt uncle kids boys girls guys`)
	// asksFor are verbs before "you" in a question.
	asksFor = wordSet(`can could would will did do have are were should don't didn't won't haven't aren't can't couldn't wouldn't`)
	// afterKin are words that are no verb of whom was named: "Mum the phone", but "Mum says".
	afterKin = wordSet(`the can could would will did do have are where what when who why how come look don't your you there it's that's i'm`)
	second   = wordSet(`you your yours yourself you're you've you'll you'd`)
	orders   = wordSet(`come go give take put bring pass get help look stop sit wait tell hold turn open close
		leave let don't be hurry watch say shut call eat drink wash drop run walk move stay catch`)
	// openings are words before a comma that begin a sentence and are nobody's name.
	openings = wordSet(`well now then so and but also anyway actually sorry please thanks hello hey goodbye bye yes yeah yep no nope nah okay
		right sure look listen wait see today tomorrow yesterday tonight monday tuesday wednesday thursday friday saturday sunday january
		february march april may june july august september october november december one two three four five six seven eight nine ten first
		second third next last later soon once twice again still maybe perhaps however therefore instead otherwise besides meanwhile
		sometimes often always never here there this that these those what who where when why how which because although though while
		if since until after before between for with without about from into like unlike even just only too very everybody everyone
		nobody nothing something anything somebody someone anyone god gosh christ jesus lord man dude fine good great nice cool
		alright correct exactly true false seriously question personally siri alexa google computer assistant welcome cheers congratulations whatever
		apparently yet plus except despite during under over above below against among both either neither not none all some any most
		many much few little more less enough such another other others same different new old big small long short high low morning
		evening afternoon night breakfast lunch dinner coffee tea bread butter milk sugar salt eggs rice beans apples water wine beer
		english french german spanish italian europe america london paris oops wow ugh hmm`)
)

// Package care holds the rules over every turn that look after the person: what she may never say, and what she must.
//
// In this first version it guards honesty about what she is and her manner of speech. Rules are code, not wishes in a
// prompt: a small model forgets a wish. Each rule is a pattern over the words of one sentence, written so that a
// streamed sentence is held back only while it could still become a match, which in nearly all sentences is over after
// one word.
package care

import "strings"

// Verdict says what to do with a sentence of hers.
type Verdict int

// Verdicts.
const (
	// Undecided: the sentence so far could still become something she may not say; wait for more words.
	Undecided Verdict = iota
	// Fine: the sentence may be said.
	Fine
	// Drop: the sentence is to be left out.
	Drop
	// Replace: the sentence is to be replaced.
	Replace
)

// HonestAnswer replaces a claim to be a human being.
const HonestAnswer = "I'm a program, not a person."

// rule is a pattern of words, each of which may list alternatives with "|".
type rule struct {
	pattern string
	verdict Verdict
}

// rules are over the beginning of a sentence, in lower case without punctuation.
var rules = compile([]rule{
	// Honesty: she is a program, and never claims a body or a human life.
	{"i'm|im a human|person|man|woman|girl|guy", Replace},
	{"i'm|im human", Replace},
	{"i'm|im just human|a human", Replace},
	{"i'm|im really|actually human", Replace},
	{"i'm|im a real person|human|man|woman|girl", Replace},
	{"i am a human|person|man|woman|girl|guy", Replace},
	{"i am human", Replace},
	{"i am a real person|human|man|woman|girl", Replace},
	{"yes i'm|im a|really human|real", Replace},
	{"yes i am a|really human|real|person", Replace},
	{"as a human|person being|i", Replace},
	{"as a human", Replace},
	{"i'm|im not a program|machine|computer|robot|bot|ai", Replace},
	{"i'm|im not an ai", Replace},
	{"i am not a program|machine|computer|robot|bot", Replace},
	{"i am not an ai", Replace},
	// Manner: a friend who talks, not an assistant who serves.
	{"how can|may i help|assist|be you|of", Drop},
	{"how can|may i help|assist", Drop},
	{"what can i do|help for|you", Drop},
	{"is there anything|something else|specific|i|you", Drop},
	{"let me know if|how you|i", Drop},
	{"feel free to", Drop},
	{"i'm|im here to help|assist", Drop},
	{"i am here to help|assist", Drop},
	{"as an ai language|assistant|model", Drop},
	{"as a language model", Drop},
	{"i hope this|that helps", Drop},
	{"i'm|im sorry but i can't|cannot assist|help", Drop},
	{"sorry but i can't|cannot assist|help", Drop},
})

type compiled struct {
	words   [][]string
	verdict Verdict
}

func compile(rules []rule) []compiled {
	var out []compiled
	for _, r := range rules {
		c := compiled{verdict: r.verdict}
		for word := range strings.FieldsSeq(r.pattern) {
			c.words = append(c.words, strings.Split(word, "|"))
		}
		out = append(out, c)
	}
	return out
}

// Judge looks at the beginning of one of her sentences, as far as it has come; with ended no more words will come.
// What Judge calls Fine stays so however the sentence goes on.
func Judge(sentence string, ended bool) Verdict {
	words := sentenceWords(sentence)
	whole := len(words)
	if !ended && whole > 0 && !endsWord(sentence) {
		whole--
	}
	undecided := false
	for _, rule := range rules {
		switch rule.match(words[:whole]) {
		case matched:
			return rule.verdict
		case possible:
			undecided = true
		case impossible:
		}
	}
	if undecided && !ended {
		return Undecided
	}
	return Fine
}

type outcome int

const (
	impossible outcome = iota
	possible
	matched
)

func (c compiled) match(words []string) outcome {
	for i, alternatives := range c.words {
		if i == len(words) {
			return possible
		}
		if !contains(alternatives, words[i]) {
			return impossible
		}
	}
	return matched
}

func contains(alternatives []string, word string) bool {
	for _, a := range alternatives {
		if a == word {
			return true
		}
	}
	return false
}

// sentenceWords are the words in lower case, with apostrophes made plain and other punctuation gone.
func sentenceWords(sentence string) []string {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r == '’' || r == '\'':
			return '\''
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r > 127:
			return r
		default:
			return ' '
		}
	}, sentence)
	return strings.Fields(plain)
}

func endsWord(sentence string) bool {
	last := sentence[len(sentence)-1]
	return last < 128 && !isWordByte(last)
}

func isWordByte(b byte) bool {
	return b == '\'' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}

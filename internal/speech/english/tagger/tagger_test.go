package tagger

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestOf holds sentences in which one word is marked with the part it must be taken for; a bare [word] stands for
// Unknown, the dictionary's default.
func TestOf(t *testing.T) {
	marked := regexp.MustCompile(`\[([\w']+)(?:/(\w*))?\]`)
	for _, sentence := range []string{
		"they [record/VERB] it", "a world [record/NOUN]", "to [record/VERB] a song", "the [record/NOUN] was broken",
		"please [record/VERB] this", "did you [record/VERB] it", "she [records/VERB] music", "his [records/NOUN]",
		"for the [record/NOUN]", "[record/VERB] the call", "i would never [object/VERB]", "an [object/NOUN] fell",
		"people [object/VERB] to it", "we [present/VERB] the plan", "at [present/NOUN] we wait", "my [present/NOUN]",
		"i will [permit/VERB] it", "a parking [permit/NOUN]", "prices [increase/VERB]", "a price [increase/NOUN]",
		"they are [separate/ADJ]", "to [separate/VERB] the two", "a [separate/ADJ] room",
		"it is [perfect/ADJ]", "[perfect/VERB] the plan", "practice makes [perfect/ADJ]",
		"i [read] every day", "i [read/VBD] it yesterday", "she [read/VBD] it", "have you [read/VBN] it", "to [read] it",
		"did he [read] it", "it was [read/VBN] aloud", "[read] this", "my mother [read/VBD] the letter",
		"i [live/VERB] here", "a [live/ADJ] show", "we are [live/ADJ]", "where do you [live/VERB]", "[live/VERB] in peace",
		"he [lives/VERB] there", "their [lives/NOUN]", "a cat has nine [lives/NOUN]",
		"[close/VERB] the door", "so [close]", "[close] to home", "at the [close/NOUN] of day", "a [close/ADJ] friend",
		"i am [content/ADJ]", "the [content/NOUN] is good", "[content/NOUN] creators", "[content/ADJ] with it",
		"a [tear/NOUN] fell", "don't [tear/VERB] it", "wear and [tear/VERB]", "he [tears/VERB] it", "in [tears/NOUN]",
		"take a [bow/VERB]", "with a [bow/NOUN] and arrow", "the [wind/NOUN] blows", "to [wind/VERB] it up",
		"he [wound/VBD] up", "a deep [wound/NOUN]", "a [minute/ADJ] amount", "wait a [minute/NOUN]",
		"[minute/ADJ] details", "the [bass/ADJ] player", "he caught a [bass/NOUN]", "a [lead/NOUN] pipe",
		"take the [lead]", "made of [lead/NOUN]", "your [resume/NOUN]", "let us [resume/VERB]",
		"the [use/NOUN] of it", "i [use/VERB] it", "no [use/NOUN]", "put to [use/NOUN]", "to [use/VERB] it",
		"an [invalid/ADJ] key", "she [dove/VERB] into it", "a white [dove/NOUN]", "the old [sow/NOUN]", "you reap what you [sow/VERB]",
		"i know [that] he came", "[that/DT] is it", "like [that/DT]",
	} {
		match := marked.FindStringSubmatch(sentence)
		words := strings.Fields(marked.ReplaceAllString(sentence, "${1}"))
		i := slices.Index(strings.Fields(marked.ReplaceAllString(sentence, "#")), "#")
		if got := Of(words, i); got != Part(match[2]) {
			t.Errorf("%s: %q", sentence, got)
		}
	}
}

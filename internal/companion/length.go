package companion

import (
	"regexp"
	"strings"
)

// How much she says at most in one turn, whatever the mind would go on to say, in tokens and, aloud, in sentences: as one talks on the telephone; and where
// the person asked for a story, or to have something explained at length, about two minutes.
const (
	spokenTokens     = 90
	writtenTokens    = 220
	lengthyTokens    = 420
	spokenSentences  = 4
	lengthySentences = 24
	// lengthyReply is how many words of hers are one that the person may ask her to go on with.
	lengthyReply = 60
)

// tellAtLength stands behind the words of a person who asks for something long, now and whenever the conversation is read again: what a mind has read
// stays the beginning of what it reads next.
const tellAtLength = " (Take your time: tell it at length, in at least twelve sentences, one thing after the other, and don't ask me anything.)"

// Requests for something long. What is told (a story, a tale) is long by itself; anything else is when they say so.
var (
	asksForStory = regexp.MustCompile(`(?i)\b(?:tell|read|make up|invent|hear|want|like)\b[^.?!]*\b(?:(?:fairy ?)?tales?|stor(?:y|ies)|legends?|myths?)\b`)
	asksToTell   = regexp.MustCompile(`(?i)(?:^|[,.;!?] *|\b(?:please|you|to|now|and|then|just|so|okay|well|hey) )(?:tell|explain|describe|talk|teach|walk me|take (?:me|your time)|go (?:on|through)|give me|recite|show me|keep)\b`)
	wantsItLong  = regexp.MustCompile(`(?i)\b(?:in (?:great |full |more |all )?details?|at length|a long|longer|everything|your time|step by step|from (?:the )?(?:start|beginning) to|all (?:about|you know|the details)|talking|going|for a while)\b`)
	wantsItShort = regexp.MustCompile(`(?i)\b(?:how long|not|don't|stop|shorter|short|brief|briefly|quick|quickly|one (?:sentence|word))\b`)
	asksToGoOn   = regexp.MustCompile(`(?i)^(?:(?:please|yes|yeah|okay|and|so|no|sorry),? )*(?:go on|keep going|keep talking|carry on|continue|and then|what happened (?:then|next|after that))\b`)
)

// asksForLength says whether these words of the person, said after hers, ask her to talk for a while.
func asksForLength(words, hers string) bool {
	switch words = strings.TrimSpace(words); {
	case wantsItShort.MatchString(words):
		return false
	case asksToGoOn.MatchString(words):
		return len(strings.Fields(hers)) >= lengthyReply
	default:
		return asksForStory.MatchString(words) || asksToTell.MatchString(words) && wantsItLong.MatchString(words)
	}
}

// asRead is what a mind reads of the person's words, said after hers, which were cut off or not.
func asRead(words, hers string, cut bool) string {
	content := abridge(words)
	if cut {
		content = cutOff + content
	}
	if asksForLength(words, hers) {
		content += tellAtLength
	}
	return content
}

// limits are how many tokens and how many sentences answer messages at most; 0 sentences are as many as there are.
func limits(turn Turn, messages []Message) (tokens, sentences int) {
	tokens = writtenTokens
	if turn.Channel == ByVoice {
		tokens, sentences = spokenTokens, spokenSentences
	}
	if len(turn.Tools) > 0 {
		tokens = writtenTokens
	}
	if last := lastOf(messages, RolePerson); strings.HasSuffix(last, tellAtLength) && !turn.Unprompted {
		tokens = lengthyTokens
		if sentences > 0 {
			sentences = lengthySentences
		}
	}
	return tokens, sentences
}

// lastOf is the content of the last message of a role; empty when there is none.
func lastOf(messages []Message, role Role) string {
	for i := len(messages) - 1; i >= 0; i-- {
		if messages[i].Role == role {
			return messages[i].Content
		}
	}
	return ""
}

package call

import (
	"strings"
	"unicode"
)

// hangs says whether words cannot be all of what somebody wants to say, so that the pause after them is one to think in,
// however final it sounded. English only. Three signs are certain enough:
//
//   - the last word needs another: "I went to the", "she left because", "it was, um";
//   - the last sentence opens with a conjunction and has no verb yet: "And so, my fellow Americans";
//   - numbers or letters are being read out: "My number is four, seven, one", "B, R" (dictation.go).
//
// A question never hangs ("And what about you?"). A turn that hangs is answered all the same, when the silence is long enough to end any turn.
func hangs(text string) bool {
	words := strings.FieldsFunc(strings.ToLower(lastSentence(text)), func(r rune) bool {
		return !unicode.IsLetter(r) && r != '\'' && r != '’'
	})
	if strings.HasSuffix(strings.TrimSpace(text), "?") {
		return false
	}
	if len(words) == 0 {
		return readsOut(text)
	}
	if needsAnother[words[len(words)-1]] || readsOut(text) {
		return true
	}
	return joins[words[0]] && len(words) > 1 && !hasVerb(words[1:])
}

// lastSentence is what follows the last mark that ends a sentence and has something behind it.
func lastSentence(text string) string {
	text = strings.TrimSpace(text)
	end := strings.TrimRight(text, ".!?… ")
	return text[strings.LastIndexAny(end, ".!?…")+1:]
}

// hasVerb says whether one of the words is a verb, or makes one certain: who names who does something, goes on to say what.
func hasVerb(words []string) bool {
	for _, word := range words {
		word = strings.ReplaceAll(word, "’", "'")
		if verbs[word] || len(word) > 4 && (strings.HasSuffix(word, "ed") || strings.HasSuffix(word, "ing")) {
			return true
		}
		if _, ending, short := strings.Cut(word, "'"); short && contracted[ending] {
			return true
		}
	}
	return false
}

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// The word lists are data that nothing changes.
var (
	needsAnother = wordSet(`a an the my your our their and or but because if although unless whereas um uh er erm`)
	joins        = wordSet(`and so but or because if when while although though since unless until whereas`)
	contracted   = wordSet(`m re s ve ll d t`)
	verbs        = wordSet(`i he she we they there who let please
		am is are was were be been do does did done have has had will would shall should can could may might must
		cannot ain't gonna wanna gotta
		ask asks go goes went gone get gets got come comes came take takes took make makes made say says said tell tells
		told see sees saw know knows knew think thinks thought want wants need needs like likes feel feels felt find finds
		found give gives gave keep keeps kept leave leaves left let lets put puts run runs ran sit sits sat stand stands
		stood bring brings brought buy buys bought begin begins began hear hears heard hold holds held meet meets met pay
		pays paid read reads send sends sent sleep sleeps slept speak speaks spoke spend spends spent tell teach taught
		wear wore win won write writes wrote lose lost fall fell fly flew eat eats ate drink drank drive drove break broke
		choose chose cut set show shows try tries stop stops start starts turn turns look looks live lives work works
		call calls play plays help helps move moves talk talks seem seems happen happens mean means believe hope hopes
		wait love loves hate hates remember forget forgot stay stays grow grew become became became build built catch
		caught draw drew fight fought forgive lay led lie lit rise rose seek sell sold shake shoot shot shut sing sang
		stick stuck swim swam throw threw understand understood wake woke`)
)

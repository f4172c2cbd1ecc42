package clause

import "strings"

// language holds the words that decide where a clause may end. All are lower case.
type language struct {
	// openers begin a clause of their own: conjunctions, relative words, subjects.
	openers map[string]bool
	// prepositions begin a phrase; a pause before one sounds natural in a longer clause.
	prepositions map[string]bool
	// determiners begin what is named: a pause before one sounds better than one inside it. "Her" is not among them, as it may be
	// all that is named.
	determiners map[string]bool
	// leaning words need the word that follows: articles, prepositions, auxiliaries, subjects, numbers.
	leaning map[string]bool
	// binding words are never separated from the word before them, as "of" in "cup of tea".
	binding map[string]bool
	// afterNumber words may be cut off from a number in figures before them: "$3.50 | at the shop", but not "5 and 10".
	afterNumber map[string]bool
	// hesitations are sounds that are no words. One alone is no first clause: it would be heard, and then nothing for a second.
	hesitations map[string]bool
	// titles are abbreviations that never end a sentence, without their dot.
	titles map[string]bool
	// numbered abbreviations only count as such before a digit ("No. 5"), without their dot.
	numbered map[string]bool
	// closing abbreviations may end a sentence; the case of the next word tells. Without their last dot.
	closing map[string]bool
}

func set(words string) map[string]bool {
	table := make(map[string]bool)
	for word := range strings.FieldsSeq(words) {
		table[word] = true
	}
	return table
}

func union(tables ...map[string]bool) map[string]bool {
	all := make(map[string]bool)
	for _, table := range tables {
		for word := range table {
			all[word] = true
		}
	}
	return all
}

var english = makeEnglish()

func makeEnglish() language {
	conjunctions := set(`and but or so because if when while that which who whose where although though unless until
		since then whereas whether nor yet why how what once`)
	subjects := set(`i you he she we they it there i'm you're he's she's we're they're it's there's i've you've we've
		they've i'll you'll he'll she'll we'll they'll it'll i'd you'd he'd she'd we'd they'd that's here's let's`)
	prepositions := set(`in on at for with from about by into after before during without between through over under
		around against among across behind beside beyond despite except inside near onto outside toward towards
		upon within as like than past till per`)
	articles := set(`a an the this these those my your his her its our their some any no every each another
		such what's`)
	auxiliaries := set(`am is are was were be been being do does did have has had having will would shall should can
		could may might must don't doesn't didn't isn't aren't wasn't weren't won't wouldn't can't couldn't
		shouldn't haven't hasn't hadn't cannot let to of not very really quite rather too more most less least
		so just only even also still almost please going gonna wanna gotta`)
	numbers := set(`zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
		sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand
		million billion trillion half quarter point number chapter page mr mrs ms miss dr prof saint st mount`)
	return language{
		openers:      union(conjunctions, subjects),
		prepositions: prepositions,
		determiners:  set(`a an the these those my your his its our their some every each another`),
		leaning:      union(conjunctions, subjects, prepositions, articles, auxiliaries, numbers),
		binding:      set(`of o'clock am pm a.m. p.m. percent degrees me him us them`),
		afterNumber: union(subjects, set(`but because if when while that which who where although though unless until
			since so at from with on about`)),
		hesitations: set(`ah aw er hm hmm huh mhm mm mmm oh uh um`),
		titles: set(`dr mr mrs ms prof rev hon st mt ft gen col capt lt sgt sen rep gov pres messrs mme mlle e.g i.e
			eg ie vs v cf viz approx`),
		numbered: set(`no nos p pp vol ch sec fig figs art par jan feb mar apr jun jul aug sep sept oct nov dec mon tue
			tues wed thu thur thurs fri sat sun ca c tel ext op`),
		closing: set(`etc a.m p.m am pm u.s u.k u.s.a e.u u.n d.c ph.d b.a m.a inc ltd co corp jr sr esq al ave blvd rd
			b.c a.d p.s dept est min max misc no`),
	}
}

package tagger

// special holds the rules of words that the general one gets wrong. Parts that a dictionary does not list fall back to
// its default, so that a rule may answer with any part that has the right sound.
var special = map[string]func(c context) Part{
	"read": read, "reread": read,
	"live": live, "lives": lives,
	"close":   closeBy,
	"content": content,
	"tear":    tear, "tears": tears,
	"bow": bow, "wind": wind, "winds": winds, "wound": wound,
	"minute":  minute,
	"bass":    bass,
	"lead":    lead,
	"resume":  resume,
	"that":    that,
	"use":     use,
	"invalid": nounIfAlone, "covert": nounIfAlone, "overhead": nounIfAlone, "converse": nounIfAlone,
	"overweight": nounIfAlone,
	"separate":   verbIfObject, "perfect": verbIfObject, "moderate": verbIfObject, "frequent": verbIfObject,
	"legitimate": verbIfObject, "alternate": verbIfObject, "intimate": verbIfObject, "absent": verbIfObject,
	"dove": dove,
	"sow":  sow,
}

var (
	pastCues = set(`yesterday ago last once earlier was were had did said told finished bought thought loved liked knew
		went came saw wrote childhood already`)
	liveNouns = set(`music show shows concert stream streaming tv television audience performance event band wire
		broadcast coverage recording album chat video feed demo version session updates update`)
	placeWords  = set(`in at on with here there near alone by next down up across nearby for together long like without under`)
	auxiliaries = set("to will would can could should may might must shall cannot can't won't don't doesn't didn't do does did let let's please")
	smallThings = set(`detail details amount amounts quantity quantities particle particles difference differences change
		changes trace traces fraction fractions crack cracks size`)
	fishWords  = set("fish fishing caught catch lake river sea striped largemouth grilled fried angler bait")
	leadNouns  = set("pipe pipes paint poisoning pencil bullet bullets balloon crystal acid shield weights batteries")
	linking    = set("be get gets got come comes came stay stays stayed keep keeps kept hold holds held so very too pretty quite as sit sat stand stood draw drew")
	containers = set("made full ton tons pound pounds kilogram kilograms gram grams piece pieces bar bars lump lumps")
)

// read is "red" in the past.
func read(c context) Part {
	previous := c.before(1)
	switch {
	case previous == "" && c.at(-1) == "":
		return Unknown // an imperative
	case auxiliaries[previous], questions[c.before(2)] && (subjects[previous] || thirds[previous]):
		return Unknown
	case havings[previous], beings[previous], havings[c.before(2)] && (subjects[previous] || thirds[previous]):
		return Participle
	case thirds[previous]:
		return Past
	case subjects[previous]:
		if c.anyOf(pastCues) {
			return Past
		}
		return Unknown
	case determiners[previous]:
		return Noun
	case previous == "and":
		if c.anyOf(pastCues) {
			return Past
		}
		return Unknown
	case previous == "well":
		return Adjective
	case !prepositions[previous] && !isAdjective(previous) && c.i > 0 && len(previous) > 2 && previous[len(previous)-1] != 's' && startsObject(c.at(1)):
		return Past // "my mother read the letter"
	}
	return Unknown
}

func live(c context) Part {
	previous, next := c.before(1), c.at(1)
	switch {
	case liveNouns[next], beings[previous], previous == "go" || previous == "went" || previous == "broadcast":
		return Adjective
	case determiners[previous]:
		return Adjective
	case auxiliaries[previous], subjects[previous], placeWords[next], questions[c.before(2)]:
		return Verb
	}
	return c.general()
}

func lives(c context) Part {
	previous, next := c.before(1), c.at(1)
	switch {
	case determiners[previous] || isAdjective(previous) || prepositions[previous]:
		return Noun
	case thirds[previous], placeWords[next]:
		return Verb
	}
	return Noun
}

// closeBy tells the verb and the end ("z") from what is near ("s").
func closeBy(c context) Part {
	previous, next := c.before(1), c.at(1)
	switch {
	case next == "to" || next == "by" || next == "enough" || linking[previous] || beings[previous] && next != "of":
		return Unknown
	case determiners[previous]:
		if next == "of" || next == "" {
			return Noun
		}
		return Adjective
	case auxiliaries[previous], subjects[previous], startsObject(next), next == "down" || next == "up":
		return Verb
	}
	return Unknown
}

func content(c context) Part {
	previous, next := c.before(1), c.at(1)
	immediate := c.at(-1)
	if beings[previous] || next == "with" || next == "to" || immediate == "very" || immediate == "quite" ||
		immediate == "so" || immediate == "perfectly" || immediate == "and" && beings[c.at(-3)] {
		return Adjective
	}
	return Noun
}

func tear(c context) Part {
	switch c.at(1) {
	case "up", "down", "apart", "off", "open", "out", "through", "in", "into":
		return Verb
	}
	if c.at(-1) == "and" && c.at(-2) == "wear" {
		return Verb
	}
	return c.general()
}

func tears(c context) Part {
	switch c.at(1) {
	case "up", "apart", "off", "open", "through":
		return Verb
	}
	if thirds[c.before(1)] {
		return Verb
	}
	return Noun
}

func bow(c context) Part {
	switch previous := c.at(-2); {
	case c.at(-1) == "a" && (previous == "take" || previous == "took" || previous == "takes" || previous == "taking"):
		return Verb
	case c.at(1) == "of" && (c.at(3) == "ship" || c.at(3) == "boat"), c.at(1) == "down" || c.at(1) == "out":
		return Verb
	}
	return c.general()
}

func wind(c context) Part {
	if next := c.at(1); (next == "up" || next == "down") && !determiners[c.before(1)] && !isAdjective(c.before(1)) {
		return Verb
	}
	if startsObject(c.at(1)) && c.at(-1) == "" || auxiliaries[c.at(-1)] {
		return Verb
	}
	return Noun
}

func winds(c context) Part {
	switch c.at(1) {
	case "up", "down", "through", "around", "along", "its":
		return Verb
	}
	return Noun
}

func wound(c context) Part {
	switch c.at(1) {
	case "up", "down", "around", "through", "its", "tight", "tightly":
		if !determiners[c.before(1)] {
			return Past
		}
	case "the", "it":
		if subjects[c.before(1)] || thirds[c.before(1)] {
			return Past
		}
	}
	return Noun
}

func minute(c context) Part {
	if smallThings[c.at(1)] || c.at(-1) == "very" || c.at(-1) == "so" {
		return Adjective
	}
	return Noun
}

// bass is a low voice unless there is a fish about; dictionaries list the voice as the adjective.
func bass(c context) Part {
	if c.anyOf(fishWords) {
		return Noun
	}
	return Adjective
}

// lead is "led" for the metal.
func lead(c context) Part {
	if leadNouns[c.at(1)] || c.at(-1) == "of" && containers[c.at(-2)] {
		return Noun
	}
	return Unknown
}

func resume(c context) Part {
	if determiners[c.at(-1)] {
		return Noun
	}
	return Verb
}

// that is stressed where it points, and weak where it joins.
func that(c context) Part {
	previous, next := c.before(1), c.at(1)
	switch {
	case previous == "" || prepositions[previous] || next == "" || next == "one":
		return Determiner
	}
	return Unknown
}

func use(c context) Part {
	switch previous := c.before(1); {
	case previous == "" || previous == "and" || previous == "or":
		return Verb
	case previous == "no" || c.at(-1) == "of" || c.at(-1) == "in" || c.at(-1) == "for":
		return Noun
	case c.at(-1) == "to" && (c.at(-2) == "put" || c.at(1) == "") && c.at(-2) != "want" && c.at(-2) != "easy":
		if c.at(-2) == "put" {
			return Noun
		}
		return Verb
	}
	return c.general()
}

// nounIfAlone serves adjectives that are nouns only when no noun follows.
func nounIfAlone(c context) Part {
	next := c.at(1)
	if determiners[c.before(1)] && (next == "" || prepositions[next] || beings[next]) {
		return Noun
	}
	return Adjective
}

// verbIfObject serves adjectives that are verbs when something is done to something.
func verbIfObject(c context) Part {
	previous, next := c.before(1), c.at(1)
	if (auxiliaries[previous] || subjects[previous] || previous == "") && (startsObject(next) || auxiliaries[c.at(-1)] && previous != "to") ||
		c.at(-1) == "to" && next != "" && !prepositions[next] {
		return Verb
	}
	return Adjective
}

func dove(c context) Part {
	switch c.at(1) {
	case "into", "in", "under", "down", "for", "off", "right", "straight":
		if !determiners[c.before(1)] {
			return Verb
		}
	}
	return Noun
}

func sow(c context) Part {
	if determiners[c.before(1)] || isAdjective(c.before(1)) {
		return Noun
	}
	return Verb
}

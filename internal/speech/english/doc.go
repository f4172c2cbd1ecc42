// Package english turns written English into the phonemes that Kokoro speaks.
//
// The way of a text:
//
//	normalize    "Dr. Lee lives at 7:45 …"  →  doctor Lee lives at seven forty five
//	tagger       lives is a verb here
//	lexicon      doctor → dˈɑktəɹ, from two pronouncing dictionaries
//	speller      inflections, possessives, compounds, acronyms, weak forms ("the" before a vowel)
//	lettersound  Twombly → a small neural net guesses what no dictionary has
//
// The phonemes are those of US English in the misaki project (https://github.com/hexgrad/misaki, EN_PHONES.md), on which
// Kokoro was trained: A I O W Y for the diphthongs of face, price, goat, mouth and choice, T for the flap in "butter",
// ᵊ for the faint vowel of "pixel", ˈ and ˌ before a stressed vowel. Everything is pure Go and needs a folder with three
// files (lexicon.GoldFile, lexicon.SilverFile, lettersound.File): 9 MB on disk.
//
// English is one language; others will be packages beside it with the same three exported things: Open, Normalize and
// Speller.Phonemize.
package english

// Package normalize turns written English into the words a person would say.
//
// Writing is full of things that are not words: "7:45pm", "$2 billion", "24 Nov. 2026", "Henry VIII", "GPT-4o",
// "**really**", "ada@example.com". [Text] reads them as an American speaker would and gives, for every written word,
// the spoken ones and where it stands in the source, so that the times of the spoken words can be shown on the
// written ones.
//
// The reader is a scanner with a list of rules. At each place where a word can begin it tries, in this order:
// Markdown, addresses, clock times, dates, telephone numbers, quantities, abbreviations, plain words, and marks. A
// rule looks at the text ahead and at the words just read ("May 5" is a fifth, "Chapter V" a five), emits
// tokens, and moves on. Nothing is ever an error: what no rule knows is silent.
//
//	scanner.go       the loop, and what rules may ask of it
//	markdown.go      emphasis, headings, lists, links, code: their marks are silent
//	address.go       web and e-mail addresses, file names, versions, @names, #tags
//	clock.go date.go times and dates
//	phone.go         telephone numbers
//	quantity.go      numbers with their signs, scales, ranges and units; money.go and fraction.go beside it
//	number.go        digits to words
//	abbreviation.go  "Dr.", "e.g.", "a.m.", "U.S."
//	word.go          words, compounds, names as programs write them, letters mixed with digits
//	capitals.go      acronyms, and words that are only shouted
//	roman.go         Roman numerals
//	symbol.go        "&", "=", "→", emoji, and punctuation
package normalize

// Package clause cuts a reply, while it is still being written, into the pieces that are spoken one after the other.
//
// A language model writes a word every 60 ms or so, and the voice needs whole clauses: it cannot stream inside one.
// So the first clause should be short (somebody is waiting for it), and each later one may be longer, because the one
// before it is still sounding. Clauses therefore ramp: about 3, 4, 6, then 8 words.
//
// Where to cut is a matter of how it sounds. In order of preference:
//
//   - the end of a sentence, or of a line, always ends a clause, however short it is, unless it is the first and holds no
//     word, only "Hm";
//   - after , ; : — … once the clause has a few words;
//   - before a conjunction, or where a new subject begins ("I think | we should go");
//   - before a preposition ("I was thinking | about you");
//   - when the clause has grown long, between any two words that do not lean on each other.
//
// It never cuts inside a number, a date, an abbreviation, a name, an address or a quantity with its unit, and
// never leaves an article, a preposition, an auxiliary or a number hanging at the end of a clause ("I think the").
//
// A decision is taken as soon as it can be: after "Sure," at once, because nothing that follows can change it; after
// "Sure." when the white space comes ("sure.com" is still possible); before a conjunction when that word is complete
// ("so" may yet become "some"). Which clauses come out can therefore depend on how the text was cut into deltas,
// but their concatenation never does: it is the text, byte for byte. White space mostly stays at the end of a clause; after
// a decision taken at once it opens the next.
//
// The rules of one language are a table ([words.go]); English is the only one so far.
package clause

// Package companion is who she is: her persona, the way from the person's words to hers, and the first meeting.
//
// A [Companion] belongs to one person and is shared by every call, page and device of that person, so that there is
// one conversation. What she knows of it is folded from the journal when she is opened and kept up as moments are
// recorded; nothing is said that was not recorded first.
//
// The prompt's order is fixed, because reading it again is what costs most: persona and examples, then what she knows
// of the person (changed only between calls), then the conversation, only ever appended to and cut in large steps, and
// last the person's words.
package companion

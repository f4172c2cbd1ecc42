// Package journal is the truth about one person: moments, appended, replayed and verified.
//
// A journal only grows. What changes an earlier moment (a correction, a choice, a forgetting) is a moment of its own that
// refers to it. When [Journal.Append] returns, the moments are on the disk; a pulled plug takes none of them.
//
// Each moment is sealed by itself, under a key made from its epoch's secret and its ID, and bound to its ID and its place.
// An epoch is at most 1,000 moments; its secret lies in the file "keys", wrapped by the person's key, and is on the disk
// before the epoch's first moment. To forget is to seal an epoch's survivors anew and destroy the old secret: so small
// groups can be forgotten, which a single key could not do.
//
// Beside each sealed moment stands a commitment, the hash of a random salt and the contents, and a chain over all
// commitments up to it. The salt is inside the seal. The commitment thus survives sealing anew, and says nothing any more
// once a moment is forgotten. [Journal.Verify] walks the chain; docs/journal.md says what it finds and what it cannot.
//
// A reply of hers is several moments: one planned clause before its first sample is sent, then one "heard" that says what
// reached the person's ears. [Conversation] folds moments into the lines of a talk.
package journal

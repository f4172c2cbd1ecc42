// Package fabric knows where each person lives.
//
// Today everybody lives on this machine, in one data folder:
//
//	<data>/owner                    which process owns the house (a lock, not data)
//	<data>/house                    that the house was made, and its layout's version (sealed)
//	<data>/house.db                 what belongs to the house: devices, tokens (encrypted)
//	<data>/keeper/<name>.json       where each key rests: the keyring, the record itself (0600), a passphrase
//	<data>/people/<id>/owner        which process owns the person
//	<data>/people/<id>/keys         the person's secrets, wrapped by the person's key
//	<data>/people/<id>/journal.db   the person's journal (encrypted, and sealed within)
//	<data>/people/<id>/derived.db   what can be made again from the journal
//
// A [House] makes, lists and opens places; a [Place] is one person's, owned by one process at a time, and hands out its
// databases and sealed files by name. No package above sees a path, and none may assume one machine: beyond it a place will
// be a subject of a replicated log, with the same three promises — things are only appended, their names come from whoever
// writes them, and a person has one owner.
package fabric

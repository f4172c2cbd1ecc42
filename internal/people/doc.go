// Package people is who may enter: the owner, the devices they are signed in on, and the tokens they gave to programs.
//
// There are three ways in, and each rests on one 256-bit random secret:
//
//   - the owner link: printed to the terminal of whoever runs the program, good for ten minutes and for one use. It
//     is exchanged for a session.
//   - a session: the secret in one browser's cookie, until it is signed out or unused for half a year.
//   - a token: for programs, shown once when it is made, until it is revoked.
//
// At rest there are only keyed hashes of these secrets (HMAC-SHA256 under a pepper that is derived from the house's key
// and never stored beside them), so that a stolen store lets nobody in. A slow password hash would add nothing: the
// secrets are random and as long as the hash.
//
// [House] holds the rules. It keeps its few records in a [Store]: one in memory for tests, and the house's encrypted
// database, held to the same promises by the suite in package peopletest. Package control lets the program's own
// command line make links and tokens while a server has the store.
//
// There is one owner now. Families, passkeys and guests come later and add ways in; they do not change these.
package people

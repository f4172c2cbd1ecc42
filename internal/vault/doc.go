// Package vault keeps what is written down safe from other eyes and from a pulled plug.
//
// It holds five things that every durable part of Twombly is built from:
//
//   - [Key], [Seal] and [Open]: 256-bit keys, keys derived from keys (HKDF-SHA256), and authenticated encryption
//     (XChaCha20-Poly1305) bound to what the ciphertext belongs to.
//   - [Keeper]: where a person's own key rests between two starts: the operating system's keyring, a file that only its
//     owner can read, or behind a passphrase (argon2id).
//   - [Database]: encrypted SQLite (adiantum under the pager), one writer and one read-only reader, a commit that is on
//     the disk when it returns.
//   - [Files] and [WriteFile]: our own small files, replaced whole or not at all.
//   - [Claim]: one process owns a folder; a second is told which one and what to do.
//
// Two layers of encryption lie over a journal and do different work. The disk cipher (adiantum) hides everything in
// the file, also indices and lengths, but it does not authenticate: it turns a changed block into noise. The seal on each
// moment authenticates it. Damage is thus found by the seals, the chain and SQLite's own structure, never shown as words.
//
// [Disk] is the one seam to the hardware. Its zero value is the real disk with the safe settings; tests put a recording
// or an imagined disk in its place and prove what a power cut leaves behind.
package vault

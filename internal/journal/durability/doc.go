// Package durability proves that nothing acknowledged is lost, whenever the plug is pulled. Only tests use it.
//
// It works in three steps.
//
//   - Record: a [Recorder] lies under the disk cipher (an SQLite VFS) and under our own files, hands everything on to the
//     real disk and writes down every create, write, truncate, rename, remove and sync in order, and between them a mark for
//     each acknowledgement.
//   - Cut: a [Model] plays the log up to any point and knows what is surely on the disk (synced) and what is only on its
//     way. [Model.Crash] makes an [Image] of the disk after the power came back: writes on their way are there, or not, or
//     in another order, or torn between any two sectors of 512 bytes.
//   - Check: the store is opened from the image by the same code that a start uses, and must hold every acknowledged moment.
//
// What the model takes for granted is what SQLite and POSIX do: a sector is written whole or not at all, sync means on the
// disk, and a folder's entries are on the disk when the folder was synced. A disk that lies about sync is out of reach.
//
// Beside it stands the harness for kill -9 ([Kill]): any program that prints its acknowledgements can be its victim.
package durability

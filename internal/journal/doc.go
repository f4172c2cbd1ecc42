// Package journal is the truth about one person: moments, appended, replayed and verified.
package journal

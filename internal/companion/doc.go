// Package companion is who she is: her persona, the turn from words to words, and the first meeting.
package companion

// Package measure holds the arithmetic of the benchmarks: percentiles and intervals, what a loudspeaker would have played
// of the sound that arrived, and which of its silences are faults. Nothing here has a clock or does I/O, so that every
// rule is tested on signals whose truth is known.
package measure

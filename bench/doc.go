// Package bench is what "twombly bench" runs: recognition (stt), synthesis (tts), the language model (mind), a call from
// the person's last sound to her first word (voice), and what she costs while nobody talks (idle). What each measures and
// how is written in docs/benchmarks-method.md; the names of the metrics are fixed, so that results can be compared over time.
//
// stt, tts and mind load the nets into this process. voice and idle start the program itself as a child, on a free port,
// over a store made for the purpose (a person already met, twenty turns of talk), and reach it from outside as any client
// does. Long runs note each turn as it is done and go on where they stopped.
package bench

// Package llama is the embedded mind: llama.cpp on this machine, behind the contract of package mind.
//
// # One loop owns everything native
//
// llama.cpp's context is not safe for concurrent use, so one goroutine, the decode loop (loop.go), owns it. A request
// becomes a job; the loop takes a step at a time: it admits jobs, plans one small batch (a token of each answer in
// the making, and at most 32 tokens of one prompt), lets llama.cpp compute it, samples. Everything a person can feel
// follows from the steps being small: answers of several conversations advance together in one batch, an answer
// overtakes reading ahead, the number of threads changes from one step to the next, and a step under way is aborted
// within a few milliseconds when nobody wants it any more.
//
// # What is remembered between requests
//
// Reading a prompt is what costs: 1,500 tokens are 9 s on two cores. The key-value cache is cut into sequences
// (slots.go), one a conversation, the least recently used given up first. A request keeps the longest common prefix of
// its tokens with what its sequence holds, or copies a longer one from any other sequence, which costs nothing because
// sequences share cells. The persona, the beginning of every conversation, has sequences of its own and is the only
// thing ever saved to disk (state.go): it holds no word of a person.
//
// # Words are not commands
//
// Message contents are split into tokens apart from the template around them (prompt.go), so that "<|im_end|>" in
// what a person typed, or in a mail, is text and never the end of a turn.
package llama

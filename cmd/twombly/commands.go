package main

const description = `A private companion with a voice, on your own machine.

Examples:
  twombly serve                         start her and print the page's address
  twombly talk                          a conversation in this terminal
  twombly talk --say question.wav       speak a recording to her and hear the answer
  twombly doctor                        check every part, and how to mend it
  twombly export --out my-journal       everything that was said, as Markdown and JSONL

Settings come from flags, TWOMBLY_* variables and the configuration file (--config FILE), in this order.`

// commandLine is every command of the program.
type commandLine struct {
	Serve  serveCommand  `cmd:"" help:"Start her: the page, the calls, the protocol."`
	Worker workerCommand `cmd:"" hidden:"" help:"Run native code as a child of the program."`
}

package main

import "github.com/alecthomas/kong"

const description = `A private companion with a voice, on your own machine.

Examples:
  twombly serve                         start her and print the page's address
  twombly talk                          a conversation in this terminal
  twombly talk --mic                    a spoken call with the machine's own microphone
  twombly talk --say question.wav       speak a recording to her and hear the answer
  twombly doctor                        check every part, and how to mend it
  twombly export --out my-journal       everything that was said, as Markdown and JSONL

Settings come from flags, TWOMBLY_* variables and the configuration file, in this order.`

// commandLine is every command of the program.
type commandLine struct {
	// ConfigFile is taken out of the arguments before they are parsed (see configFile); it stands here to be explained.
	ConfigFile  string           `name:"config" type:"path" placeholder:"FILE" help:"Configuration file; \"twombly config show\" explains it."`
	ShowVersion kong.VersionFlag `name:"version" help:"Print the program's version."`

	Serve      serveCommand      `cmd:"" help:"Start her: the page, the calls, the protocol."`
	Talk       talkCommand       `cmd:"" help:"Talk with her in this terminal, aloud or in writing, or speak a recording to her."`
	Models     modelsCommand     `cmd:"" help:"The models and libraries she runs on."`
	Doctor     doctorCommand     `cmd:"" help:"Check every part, and say how to mend it."`
	Service    serviceCommand    `cmd:"" help:"Start her with this machine."`
	OwnerLink  ownerLinkCommand  `cmd:"" help:"Print a link that lets the owner in once, within 10 minutes."`
	Token      tokenCommand      `cmd:"" help:"Tokens for programs of yours that talk with her."`
	Export     exportCommand     `cmd:"" help:"Write everything that was said, as JSONL and Markdown."`
	Journal    journalCommand    `cmd:"" help:"Look after the journal."`
	Replay     replayCommand     `cmd:"" help:"Run a recorded call through today's turn-taking."`
	Bench      benchCommand      `cmd:"" help:"Measure recognition, synthesis, the mind, a call, or what idling costs."`
	Config     configCommand     `cmd:"" help:"The configuration file."`
	Completion completionCommand `cmd:"" help:"Print what makes a shell complete twombly's commands."`
	Version    versionCommand    `cmd:"" help:"Versions of the program, its stores and its models."`
	Complete   completeCommand   `cmd:"" name:"complete-words" hidden:"" help:"Answer a shell's completion."`
	Worker     workerCommand     `cmd:"" hidden:"" help:"Run native code as a child of the program."`
}

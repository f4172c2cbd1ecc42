// Twombly is a private companion with a voice. This command is the whole program: it serves the page and the protocol,
// talks in the terminal, looks after models, keys and stores, and measures itself. It wires the rooms under internal
// together and holds nothing of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"

	"twombly/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], terminal{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(code)
}

// terminal is where the program speaks with whoever started it, and what was said before the command.
type terminal struct {
	in       *os.File
	out, err io.Writer

	configFile  string // --config, or empty
	configFault error  // why it can't be read; only the doctor gets this far then
}

// Exit codes.
const (
	exitFine   = 0
	exitFailed = 1
	exitUsage  = 2
)

// run parses the arguments and runs a command.
func run(ctx context.Context, arguments []string, term terminal) int {
	var line commandLine
	file, arguments := configFile(arguments)
	settings, err := config.Options(file)
	if err != nil {
		if !slices.Contains(arguments, "doctor") {
			return failed(term, fmt.Errorf("%w (\"twombly doctor\" works all the same)", err))
		}
		// Who asks what is wrong is to hear this as one finding among others.
		term.configFault = err
		if settings, err = config.Options(os.DevNull); err != nil {
			return failed(term, err)
		}
	}
	term.configFile = file
	code := -1
	parser, err := kong.New(&line, append(settings,
		kong.Name("twombly"),
		kong.Description(description),
		kong.Writers(term.out, term.err),
		kong.Exit(func(c int) { code = c }),
		kong.Vars{"version": "twombly " + programVersion()},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 110}),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(term),
	)...)
	if err != nil {
		return failed(term, fmt.Errorf("build the command line: %w", err))
	}
	command, err := parser.Parse(arguments)
	if code >= 0 {
		return code // --help or --version
	}
	if err != nil {
		_, _ = fmt.Fprintf(term.err, "twombly: %v\n", err)
		_, _ = fmt.Fprintln(term.err, `"twombly --help" lists the commands.`)
		return exitUsage
	}
	if err := command.Run(); err != nil {
		if ctx.Err() != nil && errors.Is(err, context.Canceled) {
			return exitFine
		}
		return failed(term, err)
	}
	return exitFine
}

// failed prints an error as a sentence.
func failed(term terminal, err error) int {
	_, _ = fmt.Fprintf(term.err, "twombly: %v\n", err)
	return exitFailed
}

// configFile takes --config FILE out of the arguments: the parser needs the file before it parses.
func configFile(arguments []string) (file string, rest []string) {
	for i := 0; i < len(arguments); i++ {
		switch argument := arguments[i]; {
		case argument == "--":
			return file, append(rest, arguments[i:]...)
		case argument == "--config" && i+1 < len(arguments):
			file = arguments[i+1]
			i++
		case len(argument) > len("--config=") && argument[:len("--config=")] == "--config=":
			file = argument[len("--config="):]
		default:
			rest = append(rest, argument)
		}
	}
	return file, rest
}

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"twombly/internal/config"
	"twombly/internal/people"
	"twombly/internal/people/control"
)

// dataFolder is the one setting that commands on a store need.
type dataFolder struct {
	Data string `env:"TWOMBLY_DATA" default:"${twombly_data}" type:"place" placeholder:"DIR" help:"Folder of everything she keeps." key:"data"`
}

// withKeys runs a job on the keys of a house: through the server that runs on the folder, or on the store itself when
// none does.
func withKeys(ctx context.Context, folder string, job func(keys control.Keys, address string) error) error {
	client, err := control.Dial(ctx, folder)
	if err == nil {
		defer client.Close()
		status, err := client.Status(ctx)
		if err != nil {
			return err
		}
		return job(client, status.Address)
	}
	if !errors.Is(err, control.ErrNoServer) {
		return err
	}
	home, err := openHome(ctx, folder, nil)
	if err != nil {
		return err
	}
	return errors.Join(job(home.people, ""), home.house.Close())
}

// ownerLinkCommand lets the owner in.
type ownerLinkCommand struct {
	dataFolder `embed:""`
}

// Help implements kong.HelpProvider.
func (ownerLinkCommand) Help() string {
	return `The link is printed to a terminal and nowhere else; it needs a server that runs. Opening it signs one browser in.

Example:

  twombly owner-link`
}

func (o *ownerLinkCommand) Run(ctx context.Context, term terminal) error {
	file, ok := term.out.(*os.File)
	if !ok || !people.IsTerminal(file) {
		return people.ErrNotTerminal
	}
	return withKeys(ctx, o.Data, func(keys control.Keys, address string) error {
		if address == "" {
			return errors.New("no server runs on this store, and a link needs its page; start one: twombly serve")
		}
		link, err := keys.OwnerLink(ctx)
		if err != nil {
			return err
		}
		return people.PrintLink(file, address, link)
	})
}

// tokenCommand looks after the tokens of programs.
type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make a token for a program; it is shown once, the last word of the last line."`
	List   tokenListCommand   `cmd:"" help:"List the tokens that are good."`
	Revoke tokenRevokeCommand `cmd:"" help:"End a token, by name or ID."`
}

// Help implements kong.HelpProvider.
func (tokenCommand) Help() string {
	return `Works on the store itself, or through the server that runs on it.

Examples:

  twombly token create --name "kitchen speaker"
  TOKEN=$(twombly token create --name script | tail -n 1)
  twombly token list
  twombly token revoke script`
}

type tokenCreateCommand struct {
	dataFolder `embed:""`
	Name       string `required:"" help:"What the token is for, as in \"kitchen speaker\"."`
}

func (t *tokenCreateCommand) Run(ctx context.Context, term terminal) error {
	return withKeys(ctx, t.Data, func(keys control.Keys, _ string) error {
		secret, token, err := keys.CreateToken(ctx, t.Name)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(term.out, "The token %q lets a program in as you; keep it like a password. It is not shown again.\n%s\n",
			token.Name, secret)
		return err
	})
}

type tokenListCommand struct {
	dataFolder `embed:""`
}

func (t *tokenListCommand) Run(ctx context.Context, term terminal) error {
	return withKeys(ctx, t.Data, func(keys control.Keys, _ string) error {
		tokens, err := keys.Tokens(ctx)
		if err != nil {
			return err
		}
		if len(tokens) == 0 {
			_, err := fmt.Fprintln(term.out, "No program has a token.")
			return err
		}
		table := tabwriter.NewWriter(term.out, 0, 4, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "NAME\tID\tSINCE\tLAST USED")
		for _, token := range tokens {
			used := "never"
			if !token.Used.IsZero() {
				used = token.Used.Local().Format("2006-01-02 15:04")
			}
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", token.Name, token.ID, token.Since.Local().Format("2006-01-02"), used)
		}
		return table.Flush()
	})
}

type tokenRevokeCommand struct {
	dataFolder `embed:""`
	Token      string `arg:"" help:"The token's name or ID."`
}

func (t *tokenRevokeCommand) Run(ctx context.Context, term terminal) error {
	return withKeys(ctx, t.Data, func(keys control.Keys, _ string) error {
		if err := keys.RevokeToken(ctx, t.Token); err != nil {
			return err
		}
		_, err := fmt.Fprintf(term.out, "The token %q lets nobody in any more.\n", t.Token)
		return err
	})
}

// configCommand shows and writes the configuration.
type configCommand struct {
	Show  configShowCommand  `cmd:"" help:"Print a configuration file with every setting explained."`
	Write configWriteCommand `cmd:"" help:"Write that file, if there is none."`
}

// Help implements kong.HelpProvider.
func (configCommand) Help() string {
	return `Flags stand above TWOMBLY_* variables, and those above the file.

Examples:

  twombly config show
  twombly config write
  twombly --config other.toml serve`
}

type configShowCommand struct{}

func (configShowCommand) Run(term terminal) error {
	_, err := term.out.Write(config.Document())
	return err
}

type configWriteCommand struct {
	File string `type:"path" placeholder:"FILE" help:"Where to; the usual place by default."`
}

func (c configWriteCommand) Run(term terminal) error {
	path := c.File
	if path == "" {
		usual, err := config.DefaultFile()
		if err != nil {
			return err
		}
		path = usual
	}
	if err := config.Write(path); err != nil {
		return err
	}
	_, err := fmt.Fprintf(term.out, "Written: %s\n", path)
	return err
}

package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/template"
)

// unit is the systemd unit, of which only the program's path is filled in.
//
//go:embed unit/twombly.service
var unit string

// sysusers makes the service's user (sysusers.d(5)).
const sysusers = `u twombly - "Twombly, a private companion" /var/lib/twombly` + "\n"

// Where the service's files lie, under a root that is only another in tests and packages.
const (
	serviceName    = "twombly.service"
	unitPath       = "/etc/systemd/system/" + serviceName
	sysusersPath   = "/etc/sysusers.d/twombly.conf"
	installedPath  = "/usr/local/bin/twombly"
	serviceData    = "/var/lib/twombly"
	serviceDefault = "/etc/default/twombly"
)

// serviceCommand is what concerns the program as a service of the machine.
type serviceCommand struct {
	Install   serviceInstall   `cmd:"" help:"Start her with this machine, as a hardened systemd service with a user of its own."`
	Status    serviceStatus    `cmd:"" help:"Say how the service is."`
	Uninstall serviceUninstall `cmd:"" help:"Stop and remove the service. What she keeps stays where it is."`
	Unit      serviceUnit      `cmd:"" help:"Print the unit file, for a package or another way of starting services."`
}

type serviceInstall struct {
	Root           string `hidden:"" help:"Install under this folder and start nothing." placeholder:"DIR" type:"place"`
	AcceptLicences bool   `name:"accept-licences" help:"Let the service fetch the models, whose licences you accept by that."`
}

// Help implements kong.HelpProvider.
func (serviceInstall) Help() string {
	return `The program is copied to ` + installedPath + `, the service runs as the user "twombly", and everything she keeps lies in
` + serviceData + `. It needs root, and never asks for it by itself:

  sudo twombly service install --accept-licences

Settings go into ` + serviceDefault + ` as environment variables ("twombly config show" lists them).`
}

func (s *serviceInstall) Run(ctx context.Context, term terminal) error {
	if s.Root == "" {
		if err := needsRoot("install"); err != nil {
			return err
		}
		if err := needsSystemd(); err != nil {
			return err
		}
	}
	if err := s.files(); err != nil {
		return err
	}
	if s.Root != "" {
		return nil
	}
	for _, command := range [][]string{
		{"systemd-sysusers", sysusersPath}, {"systemctl", "daemon-reload"}, {"systemctl", "enable", "--now", "--no-block", serviceName},
	} {
		if err := carryOut(ctx, term.err, command...); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(term.out, `She starts with this machine from now on. The first start fetches her models, which takes some minutes:

  twombly service status                                          how far she is
  sudo -u twombly twombly owner-link --data %s   the way into her page
`, serviceData)
	if !s.AcceptLicences {
		_, _ = fmt.Fprintf(term.out, `
Before she can start, the licences of her models are to be accepted, once:

  sudo -u twombly env TWOMBLY_CACHE=/var/cache/twombly twombly models fetch
`)
	}
	return nil
}

// files writes the program, the unit, its user and its settings.
func (s *serviceInstall) files() error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	text, err := unitFor(installedPath)
	if err != nil {
		return err
	}
	if err := copyProgram(self, filepath.Join(s.Root, installedPath)); err != nil {
		return err
	}
	files := map[string]string{unitPath: text, sysusersPath: sysusers}
	if s.AcceptLicences {
		files[serviceDefault] = "TWOMBLY_ACCEPT_LICENCES=true\n"
	}
	for path, text := range files {
		path = filepath.Join(s.Root, path)
		if strings.HasSuffix(path, serviceDefault) {
			if _, err := os.Stat(path); err == nil {
				continue // the person's own settings
			}
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return fmt.Errorf("install the service: %w", err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return fmt.Errorf("install the service: %w", err)
		}
	}
	return nil
}

// copyProgram puts the program in its place, all at once: the service may be running it.
func copyProgram(from, to string) error {
	if from == to {
		return nil
	}
	source, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	defer source.Close()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	target, err := os.CreateTemp(filepath.Dir(to), ".twombly-*")
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	defer os.Remove(target.Name()) // gone already when all went well
	_, err = io.Copy(target, source)
	if err = errors.Join(err, target.Chmod(0o755), target.Close()); err == nil {
		err = os.Rename(target.Name(), to)
	}
	if err != nil {
		return fmt.Errorf("copy the program: %w", err)
	}
	return nil
}

// unitFor is the unit for a program at a path.
func unitFor(program string) (string, error) {
	parsed, err := template.New(serviceName).Parse(unit)
	if err != nil {
		return "", fmt.Errorf("the unit file: %w", err)
	}
	var text strings.Builder
	if err := parsed.Execute(&text, struct{ Program string }{program}); err != nil {
		return "", fmt.Errorf("the unit file: %w", err)
	}
	return text.String(), nil
}

type serviceUnit struct {
	Program string `default:"/usr/bin/twombly" help:"Path of the program."`
	Users   bool   `hidden:"" help:"Print the file that makes the service's user instead (sysusers.d)."`
}

func (s *serviceUnit) Run(term terminal) error {
	text, err := unitFor(s.Program)
	if s.Users {
		text = sysusers
	}
	if err == nil {
		_, err = io.WriteString(term.out, text)
	}
	return err
}

type serviceStatus struct{}

// Help implements kong.HelpProvider.
func (serviceStatus) Help() string {
	return "Shows what systemd says of the service and the last lines of its log, which hold nobody's words."
}

func (serviceStatus) Run(ctx context.Context, term terminal) error {
	if err := needsSystemd(); err != nil {
		return err
	}
	if _, err := os.Stat(unitPath); errors.Is(err, os.ErrNotExist) {
		if _, err := os.Stat("/usr/lib/systemd/system/" + serviceName); errors.Is(err, os.ErrNotExist) {
			return errors.New("the service is not installed; install it with: sudo twombly service install")
		}
	}
	// Its exit code says whether it runs; the text says that better.
	var exit *exec.ExitError
	if err := carryOut(ctx, term.out, "systemctl", "status", "--no-pager", "--full", serviceName); err != nil && !errors.As(err, &exit) {
		return err
	}
	return nil
}

type serviceUninstall struct {
	Root string `hidden:"" help:"Remove from this folder and stop nothing." placeholder:"DIR" type:"place"`
}

func (s *serviceUninstall) Run(ctx context.Context, term terminal) error {
	if s.Root == "" {
		if err := needsRoot("uninstall"); err != nil {
			return err
		}
		if err := needsSystemd(); err != nil {
			return err
		}
		if err := carryOut(ctx, term.err, "systemctl", "disable", "--now", serviceName); err != nil {
			_, _ = fmt.Fprintf(term.err, "twombly: %v\n", err) // it may be half installed, and is to be removed all the same
		}
	}
	for _, path := range []string{unitPath, sysusersPath, installedPath} {
		if err := os.Remove(filepath.Join(s.Root, path)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the service: %w", err)
		}
	}
	if s.Root == "" {
		if err := carryOut(ctx, term.err, "systemctl", "daemon-reload"); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintf(term.out, `The service is gone. Everything she keeps is still in %s, and the models in /var/cache/twombly; to remove those too:

  sudo rm -r %s /var/cache/twombly
`, serviceData, serviceData)
	return nil
}

// needsRoot refuses to go on as another user, and prints the command.
func needsRoot(action string) error {
	if os.Geteuid() == 0 {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		self = "twombly"
	}
	return fmt.Errorf("this needs root: sudo %s service %s", self, action)
}

// needsSystemd refuses where systemd does not run.
func needsSystemd() error {
	if _, err := os.Stat("/run/systemd/system"); err != nil {
		return errors.New("systemd does not run on this machine; start \"twombly serve\" with whatever starts its services (\"twombly service unit\" shows what systemd would be told)")
	}
	return nil
}

// carryOut runs a command of the system and shows what it says.
func carryOut(ctx context.Context, out io.Writer, command ...string) error {
	run := exec.CommandContext(ctx, command[0], command[1:]...)
	run.Stdout, run.Stderr = out, out
	if err := run.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	return nil
}

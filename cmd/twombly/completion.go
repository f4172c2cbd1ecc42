package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"twombly/internal/native"
)

// completionCommand prints a shell's completion. The scripts ask the program itself at each Tab, so that they never go
// stale.
type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help implements kong.HelpProvider.
func (completionCommand) Help() string {
	return `Examples:

  twombly completion bash > ~/.local/share/bash-completion/completions/twombly
  twombly completion zsh  > "${fpath[1]}/_twombly"
  twombly completion fish > ~/.config/fish/completions/twombly.fish`
}

// The scripts, by shell. The last word of a call is the one that is being typed, which may be empty. An answer is a
// candidate a line, a tab and an explanation behind it; the single line ":files" asks for the names of files.
var completionScripts = map[string]string{
	"bash": `# Completion of twombly for bash.
_twombly() {
	local answer line
	answer=$("${COMP_WORDS[0]}" complete-words -- "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
	COMPREPLY=()
	if [[ $answer == ":files" ]]; then
		compopt -o filenames 2>/dev/null
		mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
		return
	fi
	while IFS= read -r line; do
		[[ -n $line ]] && COMPREPLY+=("${line%%$'\t'*}")
	done <<< "$answer"
}
complete -F _twombly twombly
`,
	"zsh": `#compdef twombly
# Completion of twombly for zsh.
_twombly() {
	local -a answer candidates
	local line
	answer=("${(@f)$(${words[1]} complete-words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
	if [[ ${answer[1]} == ":files" ]]; then
		_files
		return
	fi
	for line in $answer; do
		candidates+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
	done
	_describe twombly candidates
}
if [[ ${funcstack[1]} == _twombly ]]; then
	_twombly "$@"
else
	compdef _twombly twombly
fi
`,
	"fish": `# Completion of twombly for fish.
function __twombly_complete
	set -l words (commandline -opc) (commandline -ct)
	set -l answer ($words[1] complete-words -- $words[2..-1] 2>/dev/null)
	if test "$answer" = ":files"
		__fish_complete_path (commandline -ct)
		return
	end
	printf '%s\n' $answer
end
complete -c twombly -f -a '(__twombly_complete)'
`,
}

func (c *completionCommand) Run(term terminal) error {
	_, err := io.WriteString(term.out, completionScripts[c.Shell])
	return err
}

// completeCommand answers the scripts.
type completeCommand struct {
	Words []string `arg:"" optional:"" passthrough:"all"`
}

func (c *completeCommand) Run(command *kong.Context, term terminal) error {
	words := c.Words
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	if len(words) == 0 {
		words = []string{""}
	}
	for _, found := range candidates(command.Model.Node, words) {
		if _, err := fmt.Fprintln(term.out, found); err != nil {
			return err
		}
	}
	return nil
}

// askForFiles is the answer that lets the shell offer files.
const askForFiles = ":files"

// candidates are what the last of the words can become, each with a tab and an explanation.
func candidates(node *kong.Node, words []string) []string {
	typed := words[len(words)-1]
	var pending *kong.Flag // a flag that waits for its value
	positional := 0
	for _, word := range words[:len(words)-1] {
		switch {
		case pending != nil:
			pending = nil
		case strings.HasPrefix(word, "-"):
			name, _, given := strings.Cut(word, "=")
			if flag := flagNamed(node, name); flag != nil && !flag.IsBool() && !given {
				pending = flag
			}
		default:
			if child := childNamed(node, word); child != nil {
				node, positional = child, 0
			} else {
				positional++
			}
		}
	}
	if pending != nil {
		return matching(valuesOf(pending.Value), typed)
	}
	if name, value, given := strings.Cut(typed, "="); given && strings.HasPrefix(typed, "--") {
		flag := flagNamed(node, name)
		if flag == nil {
			return nil
		}
		var whole []string
		for _, found := range matching(valuesOf(flag.Value), value) {
			whole = append(whole, name+"="+found)
		}
		return whole
	}
	if strings.HasPrefix(typed, "-") {
		return matching(flagsOf(node), typed)
	}
	if len(node.Positional) > 0 {
		return matching(argumentsOf(node, positional), typed)
	}
	return matching(commandsOf(node), typed)
}

func childNamed(node *kong.Node, name string) *kong.Node {
	for _, child := range node.Children {
		if child.Name == name {
			return child
		}
	}
	return nil
}

func flagNamed(node *kong.Node, name string) *kong.Flag {
	for _, group := range node.AllFlags(false) {
		for _, flag := range group {
			if "--"+flag.Name == name {
				return flag
			}
		}
	}
	return nil
}

func commandsOf(node *kong.Node) []string {
	var found []string
	for _, child := range node.Children {
		if !child.Hidden {
			found = append(found, child.Name+"\t"+child.Help)
		}
	}
	return found
}

func flagsOf(node *kong.Node) []string {
	var found []string
	for _, group := range node.AllFlags(true) {
		for _, flag := range group {
			found = append(found, "--"+flag.Name+"\t"+flag.Help)
		}
	}
	return found
}

// argumentsOf are the values of the argument at a place; an argument of many values takes all places after it.
func argumentsOf(node *kong.Node, place int) []string {
	last := len(node.Positional) - 1
	if place > last {
		if !node.Positional[last].IsCumulative() {
			return nil
		}
		place = last
	}
	return valuesOf(node.Positional[place])
}

// valuesOf are what a flag or an argument can be, as far as it is known.
func valuesOf(value *kong.Value) []string {
	if value.Enum != "" {
		return value.EnumSlice()
	}
	switch value.Tag.Get("complete") {
	case "models":
		var ids []string
		for _, entry := range native.Manifest() {
			ids = append(ids, entry.ID+"\t"+entry.Purpose)
		}
		return ids
	case "files":
		return []string{askForFiles}
	}
	if slices.Contains([]string{"place", "path", "existingfile"}, value.Tag.Type) {
		return []string{askForFiles}
	}
	return nil
}

func matching(found []string, typed string) []string {
	if len(found) == 1 && found[0] == askForFiles {
		return found
	}
	return slices.DeleteFunc(found, func(candidate string) bool { return !strings.HasPrefix(candidate, typed) })
}

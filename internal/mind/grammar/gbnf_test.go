package grammar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"unicode/utf8"
)

// node is a parsed expression of GBNF, as far as this package writes it.
type node struct {
	kind     string // "text", "class", "rule", "choice", "sequence", "repeat"
	text     string // of "text" and "rule"
	ranges   [][2]rune
	negated  bool
	children []*node
	low      int
	high     int
}

// parseGrammar reads a grammar, independently of what wrote it.
func parseGrammar(text string) (map[string]*node, error) {
	rules := map[string]*node{}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
		name, body, found := strings.Cut(line, " ::= ")
		if !found {
			return nil, fmt.Errorf("no rule: %q", line)
		}
		if rules[name] != nil {
			return nil, fmt.Errorf("rule %s is there twice", name)
		}
		p := &parser{rest: body}
		expression, err := p.choice()
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", name, err)
		}
		if p.rest != "" {
			return nil, fmt.Errorf("rule %s: left over: %q", name, p.rest)
		}
		rules[name] = expression
	}
	return rules, nil
}

type parser struct{ rest string }

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " ") }

func (p *parser) choice() (*node, error) {
	result := &node{kind: "choice"}
	for {
		sequence, err := p.sequence()
		if err != nil {
			return nil, err
		}
		result.children = append(result.children, sequence)
		p.space()
		if !strings.HasPrefix(p.rest, "|") {
			return result, nil
		}
		p.rest = p.rest[1:]
	}
}

func (p *parser) sequence() (*node, error) {
	result := &node{kind: "sequence"}
	for {
		p.space()
		if p.rest == "" || p.rest[0] == '|' || p.rest[0] == ')' {
			return result, nil
		}
		item, err := p.item()
		if err != nil {
			return nil, err
		}
		result.children = append(result.children, item)
	}
}

func (p *parser) item() (*node, error) {
	var result *node
	var err error
	switch c := p.rest[0]; {
	case c == '"':
		result, err = p.text()
	case c == '[':
		result, err = p.class()
	case c == '(':
		p.rest = p.rest[1:]
		if result, err = p.choice(); err == nil {
			if !strings.HasPrefix(p.rest, ")") {
				return nil, errors.New("no closing parenthesis")
			}
			p.rest = p.rest[1:]
		}
	default:
		end := strings.IndexFunc(p.rest, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-'
		})
		if end < 0 {
			end = len(p.rest)
		}
		if end == 0 {
			return nil, fmt.Errorf("unexpected %q", p.rest)
		}
		result = &node{kind: "rule", text: p.rest[:end]}
		p.rest = p.rest[end:]
	}
	if err != nil || p.rest == "" {
		return result, err
	}
	return p.repeat(result)
}

func (p *parser) repeat(what *node) (*node, error) {
	repeated := &node{kind: "repeat", children: []*node{what}}
	switch p.rest[0] {
	case '?':
		repeated.high = 1
		p.rest = p.rest[1:]
	case '*':
		repeated.high = 12 // any more is as good
		p.rest = p.rest[1:]
	case '{':
		inside, after, found := strings.Cut(p.rest[1:], "}")
		if !found {
			return nil, errors.New("no closing brace")
		}
		p.rest = after
		low, high, ranged := strings.Cut(inside, ",")
		if !ranged {
			high = low
		}
		var err error
		if repeated.low, err = strconv.Atoi(low); err != nil {
			return nil, err
		}
		if repeated.high, err = strconv.Atoi(high); err != nil {
			return nil, err
		}
		if repeated.high < repeated.low {
			return nil, fmt.Errorf("repeated %s times", inside)
		}
	default:
		return what, nil
	}
	return repeated, nil
}

// character reads one character of a text or a class.
func (p *parser) character() (rune, error) {
	r, size := utf8.DecodeRuneInString(p.rest)
	p.rest = p.rest[size:]
	if r != '\\' {
		return r, nil
	}
	if p.rest == "" {
		return 0, errors.New("an escape of nothing")
	}
	c := p.rest[0]
	p.rest = p.rest[1:]
	switch c {
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case '\\', '"', '[', ']':
		return rune(c), nil
	case 'x':
		if len(p.rest) < 2 {
			return 0, errors.New("a short escape")
		}
		value, err := strconv.ParseUint(p.rest[:2], 16, 8)
		p.rest = p.rest[2:]
		return rune(value), err
	}
	return 0, fmt.Errorf("no such escape: %c", c)
}

func (p *parser) text() (*node, error) {
	p.rest = p.rest[1:]
	var text strings.Builder
	for p.rest != "" && p.rest[0] != '"' {
		r, err := p.character()
		if err != nil {
			return nil, err
		}
		text.WriteRune(r)
	}
	if p.rest == "" {
		return nil, errors.New("no closing quote")
	}
	p.rest = p.rest[1:]
	return &node{kind: "text", text: text.String()}, nil
}

func (p *parser) class() (*node, error) {
	p.rest = p.rest[1:]
	result := &node{kind: "class"}
	if strings.HasPrefix(p.rest, "^") {
		result.negated = true
		p.rest = p.rest[1:]
	}
	for p.rest != "" && p.rest[0] != ']' {
		from, err := p.character()
		if err != nil {
			return nil, err
		}
		to := from
		if len(p.rest) > 1 && p.rest[0] == '-' && p.rest[1] != ']' {
			p.rest = p.rest[1:]
			if to, err = p.character(); err != nil {
				return nil, err
			}
		}
		if to < from {
			return nil, fmt.Errorf("a class from %q to %q", from, to)
		}
		result.ranges = append(result.ranges, [2]rune{from, to})
	}
	if p.rest == "" {
		return nil, errors.New("no closing bracket")
	}
	p.rest = p.rest[1:]
	return result, nil
}

// writer writes random texts of a grammar.
type writer struct {
	rules  map[string]*node
	random *rand.Rand
	text   strings.Builder
	depth  int
}

// errDeep ends a text that recurses too deeply to be finished.
var errDeep = errors.New("too deep")

func (w *writer) write(n *node) error {
	if w.depth > 400 || w.text.Len() > 50_000 {
		return errDeep
	}
	w.depth++
	defer func() { w.depth-- }()
	switch n.kind {
	case "text":
		w.text.WriteString(n.text)
	case "class":
		w.text.WriteRune(w.pick(n))
	case "rule":
		rule := w.rules[n.text]
		if rule == nil {
			return fmt.Errorf("no rule %q", n.text)
		}
		return w.write(rule)
	case "choice":
		return w.write(n.children[w.random.IntN(len(n.children))])
	case "sequence":
		for _, child := range n.children {
			if err := w.write(child); err != nil {
				return err
			}
		}
	case "repeat":
		times := n.low + w.random.IntN(n.high-n.low+1)
		if w.random.IntN(4) > 0 { // mostly few
			times = min(times, n.low+2)
		}
		for range times {
			if err := w.write(n.children[0]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *writer) pick(class *node) rune {
	if !class.negated {
		chosen := class.ranges[w.random.IntN(len(class.ranges))]
		return chosen[0] + rune(w.random.IntN(int(chosen[1]-chosen[0]+1)))
	}
	for {
		candidate := []rune("aZ09 é日🚀\"\\\n\t\x00/'<>&{}[]:,\u2028")[w.random.IntN(23)]
		inside := false
		for _, r := range class.ranges {
			inside = inside || candidate >= r[0] && candidate <= r[1]
		}
		if !inside {
			return candidate
		}
	}
}

// sample writes one random text of the grammar.
func sample(rules map[string]*node, random *rand.Rand) (string, error) {
	w := &writer{rules: rules, random: random}
	err := w.write(rules[Root])
	return w.text.String(), err
}

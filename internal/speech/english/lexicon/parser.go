package lexicon

import (
	"bytes"
	"fmt"
)

// parser steps over JSON without decoding it.
type parser struct {
	data []byte
	at   int
}

// span is the bytes of a string between its quotation marks.
type span struct{ start, end int }

func (p *parser) fail(what string) error { return fmt.Errorf("%s at byte %d", what, p.at) }

func (p *parser) blanks() {
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case ' ', '\n', '\r', '\t':
			p.at++
		default:
			return
		}
	}
}

// expect steps over one character, after blanks.
func (p *parser) expect(c byte) error {
	p.blanks()
	if p.at >= len(p.data) || p.data[p.at] != c {
		return p.fail(fmt.Sprintf("%q is missing", c))
	}
	p.at++
	return nil
}

func (p *parser) colon() error {
	if err := p.expect(':'); err != nil {
		return err
	}
	p.blanks()
	return nil
}

// text steps over a string.
func (p *parser) text() (span, error) {
	if err := p.expect('"'); err != nil {
		return span{}, err
	}
	start := p.at
	for p.at < len(p.data) {
		switch p.data[p.at] {
		case '\\':
			p.at += 2
		case '"':
			p.at++
			return span{start, p.at - 1}, nil
		default:
			p.at++
		}
	}
	return span{}, p.fail("a string does not end")
}

// object steps over an object; member is called behind each key and colon and steps over the value.
func (p *parser) object(member func(key span) error) error {
	if err := p.expect('{'); err != nil {
		return err
	}
	p.blanks()
	if p.at < len(p.data) && p.data[p.at] == '}' {
		p.at++
		return nil
	}
	for {
		key, err := p.text()
		if err != nil {
			return err
		}
		if err := p.colon(); err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
		p.blanks()
		if p.at < len(p.data) && p.data[p.at] == ',' {
			p.at++
			continue
		}
		return p.expect('}')
	}
}

// value steps over a string, a null, or a flat object of those.
func (p *parser) value() error {
	p.blanks()
	switch {
	case p.at >= len(p.data):
		return p.fail("a value is missing")
	case p.data[p.at] == '"':
		_, err := p.text()
		return err
	case p.data[p.at] == '{':
		return p.object(func(span) error { return p.plainValue() })
	}
	return p.plainValue()
}

func (p *parser) plainValue() error {
	p.blanks()
	if bytes.HasPrefix(p.data[p.at:], []byte("null")) {
		p.at += 4
		return nil
	}
	_, err := p.text()
	return err
}

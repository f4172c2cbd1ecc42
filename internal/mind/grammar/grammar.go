// Package grammar turns a JSON schema into a grammar in llama.cpp's GBNF, so that a model can write nothing but JSON
// that obeys the schema.
//
// The promise is one-sided: every text of the grammar obeys the schema, but not every JSON text that obeys the schema
// is in the grammar. It writes properties in the order of the schema, leaves out what additionalProperties would allow
// beside named properties, puts at most one space after ":" and ",", and caps lengths. That is what a small model
// needs; endless white space is how it gets lost. Two words of JSON Schema are read more widely than they are written:
// oneOf is read as anyOf, and "format" other than date, time and date-time is an annotation.
//
// What can't be promised (a pattern, uniqueItems, not, if) is an error that names the place, never ignored.
package grammar

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Root is the name of the first rule of every grammar.
const Root = "root"

// Bounds on the schema, which may come from outside, and on what is written.
const (
	maxSchemaBytes = 64 << 10
	maxDepth       = 32
	maxRules       = 2000
	// maxRepeat is the most times that something is repeated: llama.cpp writes repetitions out.
	maxRepeat = 1000
	// maxGrammarBytes bounds the result.
	maxGrammarBytes = 1 << 20
)

// ErrUnsupported means that the schema says something that a grammar can't promise.
var ErrUnsupported = errors.New("not supported in a schema here")

// FromSchema converts a JSON schema. Errors say where in the schema, as a JSON pointer.
func FromSchema(schema json.RawMessage) (string, error) {
	if len(schema) > maxSchemaBytes {
		return "", fmt.Errorf("the schema has %d bytes, more than %d", len(schema), maxSchemaBytes)
	}
	document, err := decode(schema)
	if err != nil {
		return "", fmt.Errorf("the schema is not JSON: %w", err)
	}
	c := &converter{document: document, rules: map[string]string{}, references: map[string]string{}, heads: map[string][]string{}}
	body, err := c.convert(document, "#", 0)
	if err != nil {
		return "", err
	}
	c.rules[Root] = body
	c.order = append(c.order, Root)
	c.heads[Root] = c.head
	if err := c.checkLeftRecursion(); err != nil {
		return "", err
	}
	var text strings.Builder
	for i := len(c.order) - 1; i >= 0; i-- {
		fmt.Fprintf(&text, "%s ::= %s\n", c.order[i], c.rules[c.order[i]])
	}
	if text.Len() > maxGrammarBytes {
		return "", fmt.Errorf("the grammar of this schema would have %d bytes", text.Len())
	}
	return text.String(), nil
}

package grammar

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// converter collects the rules of one grammar.
type converter struct {
	document any
	rules    map[string]string
	// order is the rules' names, each after those it was needed by is not promised: the reader of GBNF doesn't care.
	order []string
	// references are the rules of $ref targets by pointer, also of those that are still being made.
	references map[string]string
	// heads are, by rule, the rules that may stand at its very beginning; head collects those of the rule being made.
	heads map[string][]string
	head  []string
}

// The keywords that a grammar can't promise. Each would make an answer wrong if it were ignored.
var unsupported = []string{
	"pattern", "uniqueItems", "multipleOf", "not", "if", "then", "else", "dependentRequired", "dependentSchemas",
	"dependencies", "patternProperties", "propertyNames", "minProperties", "maxProperties", "contains", "minContains",
	"maxContains", "prefixItems", "additionalItems", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef",
	"$recursiveRef", "contentEncoding", "contentSchema",
}

// rule adds a rule and returns its name.
func (c *converter) rule(name, body string) string {
	c.rules[name] = body
	c.order = append(c.order, name)
	return name
}

// fresh is a rule name that is not taken.
func (c *converter) fresh(kind string) string {
	return fmt.Sprintf("%s-%d", kind, len(c.order)+len(c.references))
}

// convert returns the body of a rule for a schema. It leaves in c.head the rules that may begin it.
func (c *converter) convert(schema any, place string, depth int) (string, error) {
	c.head = nil
	if depth > maxDepth {
		return "", fmt.Errorf("%s: nested more than %d deep", place, maxDepth)
	}
	if len(c.order) > maxRules {
		return "", fmt.Errorf("%s: the schema needs more than %d rules", place, maxRules)
	}
	if anything, ok := schema.(bool); ok && anything {
		return c.anyValue(), nil
	}
	s, ok := schema.(*object)
	if !ok {
		return "", fmt.Errorf("%s: a schema is an object, or true", place)
	}
	for _, name := range unsupported {
		if value, there := s.get(name); there && value != false {
			return "", fmt.Errorf("%s: %q: %w", place, name, ErrUnsupported)
		}
	}
	switch {
	case has(s, "$ref"):
		return c.reference(s, place, depth)
	case has(s, "const"):
		return c.enumeration(s, []any{s.members["const"]}, place)
	case has(s, "enum"):
		values, ok := s.members["enum"].([]any)
		if !ok || len(values) == 0 {
			return "", fmt.Errorf("%s: enum is not a list of values", place)
		}
		return c.enumeration(s, values, place)
	case has(s, "anyOf"):
		return c.alternatives(s, "anyOf", place, depth)
	case has(s, "oneOf"):
		return c.alternatives(s, "oneOf", place, depth)
	case has(s, "allOf"):
		return c.allOf(s, place, depth)
	}
	return c.typed(s, place, depth)
}

func has(s *object, name string) bool {
	_, ok := s.members[name]
	return ok
}

// only refuses constraints beside a keyword that stands for the whole schema; annotations are welcome.
func only(s *object, keyword, place string, allowed ...string) error {
	annotations := []string{"$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly", "format"}
	for _, name := range s.names {
		if name != keyword && !slices.Contains(annotations, name) && !slices.Contains(allowed, name) {
			return fmt.Errorf("%s: %q beside %q: %w", place, name, keyword, ErrUnsupported)
		}
	}
	return nil
}

// reference makes a rule of the target, once.
func (c *converter) reference(s *object, place string, depth int) (string, error) {
	if err := only(s, "$ref", place); err != nil {
		return "", err
	}
	pointer, ok := s.members["$ref"].(string)
	if !ok {
		return "", fmt.Errorf("%s: $ref is not a string", place)
	}
	if name, made := c.references[pointer]; made {
		c.head = []string{name}
		return name, nil
	}
	target, err := c.resolve(pointer)
	if err != nil {
		return "", fmt.Errorf("%s: %w", place, err)
	}
	name := c.fresh("ref")
	c.references[pointer] = name
	body, err := c.convert(target, pointer, depth+1)
	if err != nil {
		return "", err
	}
	c.heads[name] = c.head
	c.rule(name, body)
	c.head = []string{name}
	return name, nil
}

// resolve finds what a JSON pointer within the document names.
func (c *converter) resolve(pointer string) (any, error) {
	if pointer == "#" {
		return c.document, nil
	}
	path, ok := strings.CutPrefix(pointer, "#/")
	if !ok {
		return nil, fmt.Errorf("$ref %q points outside the schema: %w", pointer, ErrUnsupported)
	}
	value := c.document
	for part := range strings.SplitSeq(path, "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		parent, ok := value.(*object)
		if ok {
			value, ok = parent.get(part)
		}
		if !ok {
			return nil, fmt.Errorf("$ref %q points to nothing", pointer)
		}
	}
	return value, nil
}

// enumeration is a choice of constants, of those that have the schema's type if it names one.
func (c *converter) enumeration(s *object, values []any, place string) (string, error) {
	keyword := "enum"
	if has(s, "const") {
		keyword = "const"
	}
	if err := only(s, keyword, place, "type"); err != nil {
		return "", err
	}
	types, err := typesOf(s, place)
	if err != nil {
		return "", err
	}
	var choices []string
	for _, value := range values {
		if len(types) > 0 && !slices.ContainsFunc(types, func(name string) bool { return isType(value, name) }) {
			continue
		}
		text, err := encode(value)
		if err != nil {
			return "", fmt.Errorf("%s: %w", place, err)
		}
		choices = append(choices, literal(text))
	}
	if len(choices) == 0 {
		return "", fmt.Errorf("%s: no value of %s has the type", place, keyword)
	}
	return choice(choices), nil
}

// alternatives is anyOf and oneOf.
func (c *converter) alternatives(s *object, keyword, place string, depth int) (string, error) {
	if err := only(s, keyword, place); err != nil {
		return "", err
	}
	branches, ok := s.members[keyword].([]any)
	if !ok || len(branches) == 0 {
		return "", fmt.Errorf("%s: %s is not a list of schemas", place, keyword)
	}
	var choices, heads []string
	for i, branch := range branches {
		body, err := c.convert(branch, fmt.Sprintf("%s/%s/%d", place, keyword, i), depth+1)
		if err != nil {
			return "", err
		}
		heads = append(heads, c.head...)
		choices = append(choices, body)
	}
	c.head = heads
	return choice(choices), nil
}

// allOf of one schema is that schema; more would have to be merged.
func (c *converter) allOf(s *object, place string, depth int) (string, error) {
	if err := only(s, "allOf", place); err != nil {
		return "", err
	}
	branches, ok := s.members["allOf"].([]any)
	if !ok || len(branches) != 1 {
		return "", fmt.Errorf("%s: allOf of other than one schema: %w", place, ErrUnsupported)
	}
	return c.convert(branches[0], place+"/allOf/0", depth+1)
}

// typed is a schema that names a type, several, or none.
func (c *converter) typed(s *object, place string, depth int) (string, error) {
	types, err := typesOf(s, place)
	if err != nil {
		return "", err
	}
	if len(types) == 0 {
		switch {
		case has(s, "properties") || has(s, "required") || has(s, "additionalProperties"):
			types = []string{"object"}
		case has(s, "items"):
			types = []string{"array"}
		default:
			if err := only(s, "", place); err != nil {
				return "", err
			}
			return c.anyValue(), nil
		}
	}
	var choices []string
	for _, name := range types {
		body, err := c.ofType(s, name, place, depth)
		if err != nil {
			return "", err
		}
		choices = append(choices, body)
	}
	c.head = nil // every one of them begins with a character
	return choice(choices), nil
}

func (c *converter) ofType(s *object, name, place string, depth int) (string, error) {
	switch name {
	case "null":
		return literal("null"), nil
	case "boolean":
		return `("true" | "false")`, nil
	case "string":
		return c.stringType(s, place)
	case "integer":
		return c.integerType(s, place)
	case "number":
		return c.numberType(s, place)
	case "array":
		return c.arrayType(s, place, depth)
	case "object":
		return c.objectType(s, place, depth)
	}
	return "", fmt.Errorf("%s: no such type: %q", place, name)
}

// typesOf reads "type", which is a name or a list of names.
func typesOf(s *object, place string) ([]string, error) {
	value, ok := s.get("type")
	if !ok {
		return nil, nil
	}
	if name, ok := value.(string); ok {
		return []string{name}, nil
	}
	list, ok := value.([]any)
	if !ok || len(list) == 0 {
		return nil, fmt.Errorf("%s: type is neither a name nor a list of names", place)
	}
	var names []string
	for _, item := range list {
		name, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("%s: type is neither a name nor a list of names", place)
		}
		names = append(names, name)
	}
	return names, nil
}

// isType reports whether a decoded value has a type.
func isType(value any, name string) bool {
	switch value := value.(type) {
	case nil:
		return name == "null"
	case bool:
		return name == "boolean"
	case string:
		return name == "string"
	case json.Number:
		return name == "number" || name == "integer" && !strings.ContainsAny(value.String(), ".eE")
	case []any:
		return name == "array"
	case *object:
		return name == "object"
	}
	return false
}

// choice joins alternatives.
func choice(choices []string) string {
	if len(choices) == 1 {
		return choices[0]
	}
	return "(" + strings.Join(choices, " | ") + ")"
}

// literal quotes text for GBNF.
func literal(text string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	for _, r := range text {
		switch r {
		case '"', '\\':
			quoted.WriteByte('\\')
			quoted.WriteRune(r)
		case '\n':
			quoted.WriteString(`\n`)
		case '\r':
			quoted.WriteString(`\r`)
		case '\t':
			quoted.WriteString(`\t`)
		default:
			if r < ' ' || r == 0x7F {
				fmt.Fprintf(&quoted, `\x%02X`, r)
			} else {
				quoted.WriteRune(r)
			}
		}
	}
	quoted.WriteByte('"')
	return quoted.String()
}

// checkLeftRecursion refuses rules that can begin with themselves: no text could be made of them.
func (c *converter) checkLeftRecursion() error {
	const visiting, done = 1, 2
	state := map[string]int{}
	var visit func(name string) error
	visit = func(name string) error {
		switch state[name] {
		case visiting:
			return fmt.Errorf("a $ref leads back to itself and nothing else: %w", ErrUnsupported)
		case done:
			return nil
		}
		state[name] = visiting
		for _, head := range c.heads[name] {
			if err := visit(head); err != nil {
				return err
			}
		}
		state[name] = done
		return nil
	}
	for name := range c.heads {
		if err := visit(name); err != nil {
			return err
		}
	}
	return nil
}

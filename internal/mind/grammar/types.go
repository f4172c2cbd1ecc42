package grammar

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
)

// Characters of a JSON string without those that need an escape, and the short escapes. \u is left out: what it says
// can be said directly, and half a surrogate pair can't be said at all.
const character = `[^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt]`

// space is the only white space there is: one, after a colon or a comma.
const space = `" "?`

// shared adds a rule that many places use, once.
func (c *converter) shared(name, body string) string {
	if _, made := c.rules[name]; !made {
		c.rule(name, body)
	}
	return name
}

func (c *converter) character() string { return c.shared("character", character) }

func (c *converter) text() string {
	return c.shared("text", fmt.Sprintf(`"\"" %s{0,%d} "\""`, c.character(), maxRepeat))
}

// anyValue is any JSON value.
func (c *converter) anyValue() string {
	if _, made := c.rules["value"]; made {
		return "value"
	}
	text := c.text()
	c.shared("number", `"-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,15})?`)
	c.rule("value", `object | array | `+text+` | number | "true" | "false" | "null"`)
	c.rule("member", text+` ":" `+space+` value`)
	c.rule("object", `"{" (member ("," `+space+` member)*)? "}"`)
	c.rule("array", `"[" (value ("," `+space+` value)*)? "]"`)
	return "value"
}

// count reads a keyword that is a count; absent is given when it isn't there.
func count(s *object, name, place string, absent int) (int, error) {
	value, there := s.get(name)
	if !there {
		return absent, nil
	}
	number, ok := value.(json.Number)
	if !ok {
		return 0, fmt.Errorf("%s: %s is not a number", place, name)
	}
	rational, ok := new(big.Rat).SetString(number.String())
	if len(number) > 20 || !ok || !rational.IsInt() || rational.Sign() < 0 || !rational.Num().IsInt64() {
		return 0, fmt.Errorf("%s: %s is not a count", place, name)
	}
	return int(min(rational.Num().Int64(), 1<<31)), nil
}

// counts reads a minimum and a maximum, which is capped.
func counts(s *object, least, most, place string) (low, high int, err error) {
	if low, err = count(s, least, place, 0); err != nil {
		return 0, 0, err
	}
	if high, err = count(s, most, place, max(low, maxRepeat)); err != nil {
		return 0, 0, err
	}
	if low > high {
		return 0, 0, fmt.Errorf("%s: %s is more than %s", place, least, most)
	}
	if low > maxRepeat {
		return 0, 0, fmt.Errorf("%s: %s of more than %d: %w", place, least, maxRepeat, ErrUnsupported)
	}
	return low, min(high, maxRepeat), nil
}

// formats are the string formats that a grammar can hold to. Days of a month are not checked against the month beyond
// 28, which every month has.
var formats = map[string]string{
	"date": `[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])`,
	"time": `([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] "Z"`,
}

func (c *converter) stringType(s *object, place string) (string, error) {
	low, high, err := counts(s, "minLength", "maxLength", place)
	if err != nil {
		return "", err
	}
	if name, ok := s.members["format"].(string); ok && slices.Contains([]string{"date", "time", "date-time"}, name) {
		if has(s, "minLength") || has(s, "maxLength") {
			return "", fmt.Errorf("%s: a length beside the format %q: %w", place, name, ErrUnsupported)
		}
		body := formats[name]
		if name == "date-time" {
			body = formats["date"] + ` "T" ` + formats["time"]
		}
		return `"\"" ` + body + ` "\""`, nil
	}
	return fmt.Sprintf(`"\"" %s "\""`, repeat(c.character(), low, high)), nil
}

// repeat is something low to high times.
func repeat(what string, low, high int) string {
	if high == 0 {
		return `""`
	}
	return fmt.Sprintf("%s{%d,%d}", what, low, high)
}

func (c *converter) arrayType(s *object, place string, depth int) (string, error) {
	low, high, err := counts(s, "minItems", "maxItems", place)
	if err != nil {
		return "", err
	}
	items, there := s.get("items")
	if !there {
		items = true
	}
	body, err := c.convert(items, place+"/items", depth+1)
	if err != nil {
		return "", err
	}
	item := c.fresh("item")
	c.heads[item] = c.head
	c.rule(item, body)
	switch {
	case high == 0:
		return `"[]"`, nil
	case high == 1 && low == 0:
		return fmt.Sprintf(`"[" %s? "]"`, item), nil
	case high == 1:
		return fmt.Sprintf(`"[" %s "]"`, item), nil
	}
	more := repeat(fmt.Sprintf(`("," %s %s)`, space, item), max(low-1, 0), high-1)
	if low == 0 {
		return fmt.Sprintf(`"[" (%s %s)? "]"`, item, more), nil
	}
	return fmt.Sprintf(`"[" %s %s "]"`, item, more), nil
}

// objectType writes named properties in their order, or, without any, a map.
func (c *converter) objectType(s *object, place string, depth int) (string, error) {
	properties := &object{}
	if value, there := s.get("properties"); there {
		var ok bool
		if properties, ok = value.(*object); !ok {
			return "", fmt.Errorf("%s: properties is not an object", place)
		}
	}
	required, err := requiredOf(s, place)
	if err != nil {
		return "", err
	}
	for _, name := range required {
		if !has(properties, name) {
			return "", fmt.Errorf("%s: %q is required and not among the properties: %w", place, name, ErrUnsupported)
		}
	}
	if len(properties.names) == 0 {
		return c.mapType(s, place, depth)
	}
	pairs := make([]string, len(properties.names))
	for i, name := range properties.names {
		body, err := c.convert(properties.members[name], place+"/properties/"+name, depth+1)
		if err != nil {
			return "", err
		}
		key, err := encode(name)
		if err != nil {
			return "", fmt.Errorf("%s: %w", place, err)
		}
		pairs[i] = c.rule(c.fresh("pair"), literal(key+":")+" "+space+" "+body)
	}
	return `"{" ` + c.members(pairs, properties.names, required) + ` "}"`, nil
}

// members is the inside of an object. From the last property backwards two rules are made: what may follow when
// something was written before (so a comma is due), and what when nothing was.
func (c *converter) members(pairs, names, required []string) string {
	after, first := "", ""
	for i := len(pairs) - 1; i >= 0; i-- {
		withComma := strings.TrimSpace(fmt.Sprintf(`"," %s %s %s`, space, pairs[i], after))
		alone := strings.TrimSpace(pairs[i] + " " + after)
		if slices.Contains(required, names[i]) {
			first, after = alone, withComma
		} else {
			skipped := first
			if skipped == "" {
				skipped = `""`
			}
			first = "(" + alone + " | " + skipped + ")"
			after = fmt.Sprintf(`("," %s %s)? %s`, space, pairs[i], after)
		}
		after = strings.TrimSpace(after)
		if i > 0 { // rules keep the text from doubling at each property
			if after != "" {
				after = c.rule(c.fresh("after"), after)
			}
			first = c.rule(c.fresh("first"), first)
		}
	}
	return first
}

// mapType is an object whose names are free.
func (c *converter) mapType(s *object, place string, depth int) (string, error) {
	values, there := s.get("additionalProperties")
	if !there {
		values = true
	}
	if values == false {
		return `"{}"`, nil
	}
	body, err := c.convert(values, place+"/additionalProperties", depth+1)
	if err != nil {
		return "", err
	}
	pair := c.rule(c.fresh("pair"), c.text()+` ":" `+space+" "+body)
	return fmt.Sprintf(`"{" (%s ("," %s %s)*)? "}"`, pair, space, pair), nil
}

func requiredOf(s *object, place string) ([]string, error) {
	value, there := s.get("required")
	if !there {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("%s: required is not a list of names", place)
	}
	var names []string
	for _, item := range list {
		name, ok := item.(string)
		if !ok {
			return nil, fmt.Errorf("%s: required is not a list of names", place)
		}
		names = append(names, name)
	}
	return names, nil
}

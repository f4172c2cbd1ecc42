package grammar

import (
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// validator checks values against a schema as the JSON Schema specification says it, for the keywords that this package
// takes. It is written from the specification and shares nothing with the converter but reading JSON.
type validator struct{ root any }

func (v validator) check(schema, value any, depth int) error {
	if depth > 500 {
		return nil
	}
	s, ok := schema.(*object)
	if !ok {
		if schema == true {
			return nil
		}
		return fmt.Errorf("nothing is allowed by %v", schema)
	}
	if pointer, ok := s.members["$ref"].(string); ok {
		target, err := (&converter{document: v.root}).resolve(pointer)
		if err != nil {
			return err
		}
		if err := v.check(target, value, depth+1); err != nil {
			return err
		}
	}
	if want, there := s.get("const"); there && !same(want, value) {
		return fmt.Errorf("%v is not %v", value, want)
	}
	if list, ok := s.members["enum"].([]any); ok && !slices.ContainsFunc(list, func(item any) bool { return same(item, value) }) {
		return fmt.Errorf("%v is not in %v", value, list)
	}
	for _, keyword := range []string{"anyOf", "oneOf"} {
		if list, ok := s.members[keyword].([]any); ok && !slices.ContainsFunc(list, func(branch any) bool { return v.check(branch, value, depth+1) == nil }) {
			return fmt.Errorf("no branch of %s takes %v", keyword, value)
		}
	}
	if list, ok := s.members["allOf"].([]any); ok {
		for _, branch := range list {
			if err := v.check(branch, value, depth+1); err != nil {
				return err
			}
		}
	}
	if types, there := s.get("type"); there {
		list, ok := types.([]any)
		if !ok {
			list = []any{types}
		}
		if !slices.ContainsFunc(list, func(name any) bool { return hasType(value, name.(string)) }) {
			return fmt.Errorf("%v is not of type %v", value, types)
		}
	}
	switch value := value.(type) {
	case string:
		return checkString(s, value)
	case json.Number:
		return checkNumber(s, value)
	case []any:
		return v.checkArray(s, value, depth)
	case *object:
		return v.checkObject(s, value, depth)
	}
	return nil
}

func same(a, b any) bool {
	x, errX := encode(a)
	y, errY := encode(b)
	return errX == nil && errY == nil && x == y
}

func hasType(value any, name string) bool {
	number, ok := value.(json.Number)
	if ok && name == "integer" {
		rational, ok := new(big.Rat).SetString(number.String())
		return ok && rational.IsInt()
	}
	return isType(value, name)
}

func limit(s *object, name string) (*big.Rat, bool) {
	number, ok := s.members[name].(json.Number)
	if !ok {
		return nil, false
	}
	return new(big.Rat).SetString(number.String())
}

func checkString(s *object, value string) error {
	length := new(big.Rat).SetInt64(int64(utf8.RuneCountInString(value)))
	if low, ok := limit(s, "minLength"); ok && length.Cmp(low) < 0 {
		return fmt.Errorf("%q is too short", value)
	}
	if high, ok := limit(s, "maxLength"); ok && length.Cmp(high) > 0 {
		return fmt.Errorf("%q is too long", value)
	}
	layouts := map[any]string{"date": time.DateOnly, "time": "15:04:05Z07:00", "date-time": time.RFC3339}
	if layout, ok := layouts[s.members["format"]]; ok {
		if _, err := time.Parse(layout, value); err != nil {
			return err
		}
	}
	return nil
}

func checkNumber(s *object, value json.Number) error {
	number, ok := new(big.Rat).SetString(value.String())
	if !ok {
		return fmt.Errorf("%q is not a number", value)
	}
	for _, bound := range []struct {
		name string
		bad  func(int) bool
	}{
		{"minimum", func(c int) bool { return c < 0 }},
		{"exclusiveMinimum", func(c int) bool { return c <= 0 }},
		{"maximum", func(c int) bool { return c > 0 }},
		{"exclusiveMaximum", func(c int) bool { return c >= 0 }},
	} {
		if edge, ok := limit(s, bound.name); ok && bound.bad(number.Cmp(edge)) {
			return fmt.Errorf("%s is beyond the %s", value, bound.name)
		}
	}
	return nil
}

func (v validator) checkArray(s *object, value []any, depth int) error {
	length := new(big.Rat).SetInt64(int64(len(value)))
	if low, ok := limit(s, "minItems"); ok && length.Cmp(low) < 0 {
		return fmt.Errorf("%d items are too few", len(value))
	}
	if high, ok := limit(s, "maxItems"); ok && length.Cmp(high) > 0 {
		return fmt.Errorf("%d items are too many", len(value))
	}
	if items, there := s.get("items"); there {
		for _, item := range value {
			if err := v.check(items, item, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v validator) checkObject(s *object, value *object, depth int) error {
	properties, ok := s.members["properties"].(*object)
	if !ok {
		properties = &object{}
	}
	if list, ok := s.members["required"].([]any); ok {
		for _, name := range list {
			if !has(value, name.(string)) {
				return fmt.Errorf("%q is missing", name)
			}
		}
	}
	for _, name := range value.names {
		schema, there := properties.get(name)
		if !there {
			if schema, there = s.get("additionalProperties"); !there {
				continue
			}
		}
		if err := v.check(schema, value.members[name], depth+1); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// validate checks JSON text against a schema. In a map, random names may come twice, which reading refuses: that is
// not judged here.
func validate(schema, text string) error {
	root, err := decode([]byte(schema))
	if err != nil {
		return err
	}
	value, err := decode([]byte(text))
	if err != nil {
		if strings.Contains(err.Error(), "there twice") {
			return nil
		}
		return fmt.Errorf("%w: %s", err, text)
	}
	return validator{root}.check(root, value, 0)
}

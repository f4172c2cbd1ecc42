package grammar

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// schemas are the good schemas of testdata, by file name; package llama's tests give their grammars to llama.cpp.
func schemas(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/schemas/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatal("no schemas:", err)
	}
	result := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		result[filepath.Base(path)] = string(text)
	}
	return result
}

// TestSamples writes random texts of each schema's grammar and checks them against the schema.
func TestSamples(t *testing.T) {
	for name, schema := range schemas(t) {
		t.Run(name, func(t *testing.T) {
			text, err := FromSchema([]byte(schema))
			if err != nil {
				t.Fatal(err)
			}
			checkSamples(t, schema, text, 300, 1)
		})
	}
}

func checkSamples(t *testing.T, schema, text string, n int, seed uint64) {
	t.Helper()
	rules, err := parseGrammar(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	random := rand.New(rand.NewPCG(seed, 2))
	whole := 0
	for range n {
		written, err := sample(rules, random)
		if errors.Is(err, errDeep) {
			continue
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		whole++
		if err := validate(schema, written); err != nil {
			t.Fatalf("the grammar writes %s: %v\n%s", written, err, text)
		}
	}
	if n >= 100 && whole == 0 {
		t.Errorf("none of %d texts came to an end:\n%s", n, text)
	}
}

// TestTakes: texts that a grammar must be able to write, and some that it must not, by an independent reader.
func TestTakes(t *testing.T) {
	for _, test := range []struct {
		schema   string
		yes, not []string
	}{
		{`{"type":"integer","minimum":-12,"maximum":105}`,
			[]string{"-12", "-1", "0", "9", "10", "99", "100", "105"}, []string{"-13", "106", "00", "1.0", "-0", "+1", ""}},
		{`{"type":"integer","minimum":7,"maximum":7}`, []string{"7"}, []string{"6", "8", "77"}},
		{`{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":3}`, []string{"1", "2"}, []string{"0", "3"}},
		{`{"type":"number","minimum":0,"maximum":1}`, []string{"0", "0.5", "0.999", "1", "1.0"}, []string{"1.1", "-0.1", "2", "00.5", ".5"}},
		{`{"type":"number","minimum":-1,"maximum":1}`, []string{"-1", "-1.0", "0.3", "1"}, []string{"-1.1", "1.01"}},
		{`{"type":"string","minLength":1,"maxLength":3}`, []string{`"a"`, `"é日🚀"`, `"\""`, `"\\n"`}, []string{`""`, `"abcd"`, "\"a\nb\"", `"a`}},
		{`{"type":["string","null"],"maxLength":1}`, []string{`null`, `"a"`}, []string{`"ab"`, `nul`}},
		{`{"enum":["a\"b","<>&","\u0001", 1, 1.50, null, {"k":[true]}]}`, []string{`"a\"b"`, `"<>&"`, `"\u0001"`, `1`, `1.50`, `null`, `{"k":[true]}`}, []string{`"a"`, `2`}},
		{`{"enum":["a",1,null],"type":"string"}`, []string{`"a"`}, []string{`1`, `null`}},
		{`{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2}`, []string{`[true]`, `[true,false]`, `[true, false]`}, []string{`[]`, `[true,true,true]`, `[true,]`}},
		{`{"type":"array","items":{"type":"null"},"maxItems":0}`, []string{`[]`}, []string{`[null]`}},
		{`{"type":"array","items":{"type":"null"},"maxItems":1}`, []string{`[]`, `[null]`}, []string{`[null,null]`}},
		{`{"type":"object","properties":{"a":{"const":1},"b":{"const":2},"c":{"const":3}},"required":["b"]}`,
			[]string{`{"b":2}`, `{"a":1,"b":2}`, `{"b": 2, "c": 3}`, `{"a":1,"b":2,"c":3}`}, []string{`{}`, `{"a":1}`, `{"b":2,"a":1}`, `{,"b":2}`, `{"b":2,}`}},
		{`{"type":"object","properties":{"a":{"const":1},"b":{"const":2}}}`,
			[]string{`{}`, `{"a":1}`, `{"b":2}`, `{"a":1,"b":2}`}, []string{`{"c":3}`, `{,}`}},
		{`{"type":"object","additionalProperties":{"type":"integer"}}`, []string{`{}`, `{"x":1}`, `{"x":1, "y":-2}`}, []string{`{"x":"1"}`, `{x:1}`}},
		{`{"type":"object","additionalProperties":false}`, []string{`{}`}, []string{`{"x":1}`}},
		{`{}`, []string{`null`, `[1, {"a":"b"}]`, `-0.5`}, []string{`nothing`, `01`}},
		{`{"type":"string","format":"date"}`, []string{`"2026-11-24"`}, []string{`"2026-13-24"`, `"2026-11-00"`, `"tomorrow"`}},
		{`{"type":"string","format":"date-time"}`, []string{`"2026-11-24T07:45:00Z"`}, []string{`"2026-11-24"`, `"2026-11-24T24:00:00Z"`}},
		{`{"anyOf":[{"type":"integer"},{"const":"none"}]}`, []string{`5`, `"none"`}, []string{`"some"`}},
		{`{"$ref":"#/$defs/list","$defs":{"list":{"anyOf":[{"type":"null"},{"type":"object","properties":{"next":{"$ref":"#/$defs/list"}},"required":["next"]}]}}}`,
			[]string{`null`, `{"next":null}`, `{"next":{"next":null}}`}, []string{`{}`, `{"next":1}`}},
	} {
		t.Run(test.schema, func(t *testing.T) {
			text, err := FromSchema([]byte(test.schema))
			if err != nil {
				t.Fatal(err)
			}
			rules, err := parseGrammar(text)
			if err != nil {
				t.Fatalf("%v in\n%s", err, text)
			}
			for _, yes := range test.yes {
				if !takes(rules, yes) {
					t.Errorf("%s is not taken by\n%s", yes, text)
				}
			}
			for _, not := range test.not {
				if takes(rules, not) {
					t.Errorf("%s is taken by\n%s", not, text)
				}
			}
			checkSamples(t, test.schema, text, 100, 3)
		})
	}
}

// takes reports whether a text is in the grammar: all ways to read it are followed.
func takes(rules map[string]*node, text string) bool {
	for _, end := range match(rules, rules[Root], text, 0) {
		if end == len(text) {
			return true
		}
	}
	return false
}

// match returns where a node may end that begins at start.
func match(rules map[string]*node, n *node, text string, start int) []int {
	switch n.kind {
	case "text":
		if strings.HasPrefix(text[start:], n.text) {
			return []int{start + len(n.text)}
		}
		return nil
	case "class":
		r, size := utf8.DecodeRuneInString(text[start:])
		if size == 0 {
			return nil
		}
		inside := n.negated
		for _, span := range n.ranges {
			if r >= span[0] && r <= span[1] {
				inside = !n.negated
			}
		}
		if inside {
			return []int{start + size}
		}
		return nil
	case "rule":
		return match(rules, rules[n.text], text, start)
	case "choice":
		var ends []int
		for _, child := range n.children {
			ends = append(ends, match(rules, child, text, start)...)
		}
		return unique(ends)
	case "sequence":
		ends := []int{start}
		for _, child := range n.children {
			var next []int
			for _, end := range ends {
				next = append(next, match(rules, child, text, end)...)
			}
			ends = unique(next)
		}
		return ends
	case "repeat":
		var all []int
		ends := []int{start}
		for times := 0; times <= n.high && len(ends) > 0; times++ {
			if times >= n.low {
				all = append(all, ends...)
			}
			var next []int
			for _, end := range ends {
				next = append(next, match(rules, n.children[0], text, end)...)
			}
			ends = unique(next)
		}
		return unique(all)
	}
	panic(n.kind)
}

func unique(numbers []int) []int {
	seen := map[int]bool{}
	var result []int
	for _, n := range numbers {
		if !seen[n] {
			seen[n] = true
			result = append(result, n)
		}
	}
	return result
}

func TestRefuses(t *testing.T) {
	deep := strings.Repeat(`{"type":"array","items":`, maxDepth+5) + `{}` + strings.Repeat(`}`, maxDepth+5)
	for _, test := range []struct{ schema, says string }{
		{``, "not JSON"},
		{`{`, "not JSON"},
		{`{} {}`, "not JSON"},
		{`{"type":"string","type":"null"}`, "twice"},
		{`"string"`, "a schema is an object"},
		{`false`, "a schema is an object"},
		{`{"type":"strnig"}`, `no such type: "strnig"`},
		{`{"type":7}`, "neither a name"},
		{`{"type":[]}`, "neither a name"},
		{`{"type":"string","pattern":"a+"}`, `"pattern"`},
		{`{"type":"array","uniqueItems":true}`, `"uniqueItems"`},
		{`{"not":{}}`, `"not"`},
		{`{"type":"array","prefixItems":[{}]}`, `"prefixItems"`},
		{`{"enum":[]}`, "not a list of values"},
		{`{"enum":["a"],"type":"null"}`, "no value of enum"},
		{`{"enum":["a"],"maxLength":3}`, `"maxLength" beside "enum"`},
		{`{"anyOf":[]}`, "not a list of schemas"},
		{`{"anyOf":[{}],"type":"string"}`, `"type" beside "anyOf"`},
		{`{"allOf":[{},{}]}`, "allOf"},
		{`{"$ref":"#/$defs/x"}`, "points to nothing"},
		{`{"$ref":"other.json"}`, "outside the schema"},
		{`{"$ref":"#"}`, "leads back to itself"},
		{`{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"anyOf":[{"type":"null"},{"$ref":"#/$defs/a"}]}}}`, "leads back to itself"},
		{`{"type":"object","required":["a"]}`, `"a" is required`},
		{`{"type":"object","properties":[]}`, "properties is not an object"},
		{`{"type":"object","properties":{"a":{"type":"string","pattern":"x"}}}`, "#/properties/a: \"pattern\""},
		{`{"type":"string","minLength":5,"maxLength":3}`, "minLength is more than maxLength"},
		{`{"type":"string","minLength":-1}`, "not a count"},
		{`{"type":"string","minLength":1.5}`, "not a count"},
		{`{"type":"string","minLength":5000}`, "more than 1000"},
		{`{"type":"integer","minimum":5,"maximum":3}`, "no number lies between"},
		{`{"type":"integer","minimum":0.5}`, "not whole"},
		{`{"type":"integer","minimum":1e400}`, "15 digits"},
		{`{"type":"integer","minimum":"1"}`, "not a number"},
		{`{"type":"number","exclusiveMinimum":0}`, "exclusiveMinimum"},
		{`{"minLength":3}`, `"minLength"`},
		{deep, "nested"},
		{`{"description":"` + strings.Repeat("x", maxSchemaBytes) + `"}`, "bytes"},
	} {
		text, err := FromSchema([]byte(test.schema))
		if err == nil {
			t.Errorf("%.100s was taken:\n%s", test.schema, text)
		} else if !strings.Contains(err.Error(), test.says) {
			t.Errorf("%.100s: %v, which doesn't say %q", test.schema, err, test.says)
		}
	}
}

// TestLarge: the grammar of a large schema does not grow out of proportion.
func TestLarge(t *testing.T) {
	var properties []string
	for i := range 300 {
		properties = append(properties, fmt.Sprintf(`"p%d":{"type":"string"}`, i))
	}
	text, err := FromSchema([]byte(`{"type":"object","properties":{` + strings.Join(properties, ",") + `}}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > 100_000 {
		t.Errorf("300 optional properties make a grammar of %d bytes", len(text))
	}
}

func FuzzFromSchema(f *testing.F) {
	for _, schema := range schemas(f) {
		f.Add(schema, uint64(1))
	}
	f.Add(`{"type":["integer","null"],"minimum":-5,"maximum":1000}`, uint64(2))
	f.Add(`{"type":"number","minimum":-15,"maximum":-3}`, uint64(3))
	f.Add(`{"$ref":"#","a~b":1}`, uint64(4))
	f.Fuzz(func(t *testing.T, schema string, seed uint64) {
		text, err := FromSchema([]byte(schema))
		if err != nil {
			return
		}
		checkSamples(t, schema, text, 20, seed)
	})
}

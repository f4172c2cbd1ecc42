package web

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

func newRegistry() *prometheus.Registry { return prometheus.NewRegistry() }

// TestOpenAPI reads the served description and checks what OpenAPI 3.1.0 asks of it: required fields, references that
// resolve, parameters of paths declared, operation IDs apart, security schemes that exist, and that every schema has a type.
func TestOpenAPI(t *testing.T) {
	h := newHouse(t)
	got := h.ask("GET", "/api/openapi.json", "")
	var document map[string]any
	if err := json.Unmarshal(got.Body.Bytes(), &document); err != nil || got.Code != 200 {
		t.Fatalf("%d, %v", got.Code, err)
	}
	if document["openapi"] != "3.1.0" {
		t.Errorf("openapi is %v", document["openapi"])
	}
	info := object(t, document, "info")
	if info["title"] == "" || info["version"] != "test" {
		t.Errorf("info is %v", info)
	}
	schemes := object(t, object(t, document, "components"), "securitySchemes")
	checkReferences(t, document, document, "#")

	ids := map[string]bool{}
	var operations []string
	for path, item := range object(t, document, "paths") {
		for method, raw := range item.(map[string]any) {
			operation := raw.(map[string]any)
			operations = append(operations, strings.ToUpper(method)+" "+path)
			checkOperation(t, path, operation, schemes)
			id, _ := operation["operationId"].(string)
			if id == "" || ids[id] {
				t.Errorf("%s %s: the operation ID %q is missing or not its own", method, path, id)
			}
			ids[id] = true
		}
	}
	slices.Sort(operations)
	want := []string{
		"DELETE /api/own-voice", "GET /api/history", "GET /api/meeting", "GET /api/mind", "GET /api/session", "GET /api/settings", "GET /api/status", "GET /api/voices",
		"GET /api/voices/{id}/sample", "POST /api/meeting", "POST /api/meeting/skip", "POST /api/owner-link", "POST /api/sign-out",
		"PUT /api/mind", "PUT /api/settings", "PUT /api/voice",
	}
	if !slices.Equal(operations, want) {
		t.Errorf("the operations are %q", operations)
	}
}

func object(t *testing.T, within map[string]any, name string) map[string]any {
	t.Helper()
	inner, ok := within[name].(map[string]any)
	if !ok {
		t.Fatalf("%s is %v", name, within[name])
	}
	return inner
}

var pathParameter = regexp.MustCompile(`\{([^}]+)\}`)

func checkOperation(t *testing.T, path string, operation, schemes map[string]any) {
	declared := map[string]bool{}
	parameters, _ := operation["parameters"].([]any)
	for _, raw := range parameters {
		parameter := raw.(map[string]any)
		in, name := parameter["in"].(string), parameter["name"].(string)
		if !slices.Contains([]string{"path", "query", "header", "cookie"}, in) || parameter["schema"] == nil {
			t.Errorf("%s: parameter %v", path, parameter)
		}
		if in == "path" {
			declared[name] = true
			if parameter["required"] != true {
				t.Errorf("%s: the path parameter %s is not required", path, name)
			}
		}
	}
	for _, match := range pathParameter.FindAllStringSubmatch(path, -1) {
		if !declared[match[1]] {
			t.Errorf("%s: the parameter %s is not declared", path, match[1])
		}
	}
	responses := object(t, operation, "responses")
	if len(responses) == 0 || operation["summary"] == nil {
		t.Errorf("%s: %v", path, operation)
	}
	for code, raw := range responses {
		if description, _ := raw.(map[string]any)["description"].(string); description == "" {
			t.Errorf("%s: the response %s has no description", path, code)
		}
	}
	security, _ := operation["security"].([]any)
	for _, raw := range security {
		for name := range raw.(map[string]any) {
			if schemes[name] == nil {
				t.Errorf("%s: there is no security scheme %s", path, name)
			}
		}
	}
}

// checkReferences follows every $ref and expects a type, or a reference, in every named schema's property.
func checkReferences(t *testing.T, document map[string]any, node any, place string) {
	switch value := node.(type) {
	case map[string]any:
		if reference, ok := value["$ref"].(string); ok {
			var target any = document
			for part := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
				inner, _ := target.(map[string]any)
				target = inner[part]
			}
			if target == nil {
				t.Errorf("%s: %s leads nowhere", place, reference)
			}
		}
		if properties, ok := value["properties"].(map[string]any); ok {
			for name, raw := range properties {
				schema, _ := raw.(map[string]any)
				if schema["type"] == nil && schema["$ref"] == nil && name != "value" { // an error's value may be of any type
					t.Errorf("%s: the property %s has no type", place, name)
				}
			}
		}
		for name, inner := range value {
			checkReferences(t, document, inner, place+"/"+name)
		}
	case []any:
		for _, inner := range value {
			checkReferences(t, document, inner, place+"/[]")
		}
	}
}

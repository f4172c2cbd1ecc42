package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// mayImport says which rooms a room may import, directly; what those may import it may import too. Sub-packages belong to
// their parent's row. Test files are not held to it: a test may use a room above to drive the one below.
var mayImport = map[string][]string{
	"web":          {"realtime", "companion", "memory", "agenda", "inbox", "tools", "people", "journal", "vault"},
	"realtime":     {"call", "companion", "people", "audio"},
	"call":         {"companion", "speech", "audio"},
	"companion":    {"care", "journal"},
	"memory":       {"embed", "journal"},
	"agenda":       {"journal"},
	"inbox":        {"journal"},
	"care":         {"journal"},
	"tools":        {"journal"},
	"sight":        {"journal", "native"},
	"mind":         {"native"},
	"speech":       {"native", "audio"},
	"embed":        {"native"},
	"journal":      {"fabric", "vault"},
	"people":       {"fabric", "vault"},
	"fabric":       {"vault"},
	"vault":        {},
	"audio":        {},
	"native":       {},
	"config":       {},
	"architecture": {},
}

// root is the repository's root folder.
func root(t *testing.T) string {
	t.Helper()
	folder, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// goFiles calls visit for every Go file of the repository, with its path from the root.
func goFiles(t *testing.T, visit func(path string, file *ast.File, positions *token.FileSet)) {
	t.Helper()
	base := root(t)
	positions := token.NewFileSet()
	err := filepath.WalkDir(base, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if name := entry.Name(); name == "node_modules" || name == "testdata" || strings.HasPrefix(name, ".") && path != base {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(positions, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(base, path)
		if err != nil {
			return err
		}
		visit(filepath.ToSlash(relative), file, positions)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// roomOf is the room of a package path below internal, or "".
func roomOf(path string) string {
	rest, ok := strings.CutPrefix(path, "internal/")
	if !ok {
		return ""
	}
	room, _, _ := strings.Cut(rest, "/")
	return room
}

// below is every room that a room may import, directly or through others.
func below(room string, seen map[string]bool) map[string]bool {
	for _, next := range mayImport[room] {
		if !seen[next] {
			seen[next] = true
			below(next, seen)
		}
	}
	return seen
}

func TestImportsGoDown(t *testing.T) {
	goFiles(t, func(path string, file *ast.File, _ *token.FileSet) {
		room := roomOf(path)
		if room == "" || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(filepath.Dir(path), "test") {
			return
		}
		if _, known := mayImport[room]; !known {
			t.Errorf("%s: the room %q has no row in the table", path, room)
		}
		allowed := below(room, map[string]bool{room: true})
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			imported, ours := strings.CutPrefix(imported, "twombly/")
			if !ours {
				continue
			}
			if other := roomOf(imported); other == "" || !allowed[other] {
				t.Errorf("%s imports %s, which is not below it", path, imported)
			}
		}
	})
}

func TestEveryPackageOpensWithADocComment(t *testing.T) {
	documented := map[string]bool{}
	goFiles(t, func(path string, file *ast.File, _ *token.FileSet) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		folder := filepath.Dir(path)
		if file.Doc != nil && len(strings.Fields(file.Doc.Text())) >= 8 {
			documented[folder] = true
		} else if !documented[folder] {
			documented[folder] = false
		}
	})
	for folder, ok := range documented {
		if !ok {
			t.Errorf("the package in %s has no doc comment that a newcomer could follow", folder)
		}
	}
	if len(documented) < 20 {
		t.Fatalf("only %d packages were looked at", len(documented))
	}
}

func TestNoInitAndNoDotImports(t *testing.T) {
	goFiles(t, func(path string, file *ast.File, positions *token.FileSet) {
		for _, declaration := range file.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if ok && function.Recv == nil && function.Name.Name == "init" {
				t.Errorf("%s: wiring is explicit here, there is no init", positions.Position(function.Pos()))
			}
		}
		for _, spec := range file.Imports {
			if spec.Name != nil && spec.Name.Name == "." {
				t.Errorf("%s: a dot import", positions.Position(spec.Pos()))
			}
		}
	})
}

// onlyTheCommand lists rooms that the command alone may import.
var onlyTheCommand = []string{"config"}

func TestOnlyTheCommandReadsTheConfiguration(t *testing.T) {
	goFiles(t, func(path string, file *ast.File, _ *token.FileSet) {
		if strings.HasPrefix(path, "cmd/") {
			return
		}
		for _, spec := range file.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			room := roomOf(strings.TrimPrefix(imported, "twombly/"))
			if slices.Contains(onlyTheCommand, room) && roomOf(path) != room {
				t.Errorf("%s imports %s", path, imported)
			}
		}
	})
}

// The table in docs/architecture.md is the one above.
func TestTheDocumentSaysTheSame(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "docs", "architecture.md"))
	if err != nil {
		t.Fatal(err)
	}
	for room, imports := range mayImport {
		if _, err := os.Stat(filepath.Join(root(t), "internal", room)); err != nil {
			continue // not built yet
		}
		row := "\n| `" + room + "` |"
		at := strings.Index(string(text), row)
		if at < 0 {
			t.Errorf("docs/architecture.md has no row for %s", room)
			continue
		}
		line, _, _ := strings.Cut(string(text)[at+1:], "\n")
		for _, other := range imports {
			if _, err := os.Stat(filepath.Join(root(t), "internal", other)); err == nil && !strings.Contains(line, "`"+other+"`") {
				t.Errorf("docs/architecture.md does not say that %s may import %s", room, other)
			}
		}
	}
}

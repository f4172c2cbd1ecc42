// Materials writes the bill of materials of a built program as CycloneDX 1.6 JSON: the modules that Go linked into it, as
// the program itself says, and the packages of its web app, as their lock file says.
//
//	go run ./scripts/materials PROGRAM PACKAGE-LOCK VERSION
//
// The same program gives the same bytes: there is no time and no random serial number in it.
package main

import (
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("usage: materials PROGRAM PACKAGE-LOCK VERSION"))
	}
	components, err := modules(os.Args[1])
	if err != nil {
		fail(err)
	}
	packages, err := packages(os.Args[2])
	if err != nil {
		fail(err)
	}
	components = append(components, packages...)
	slices.SortFunc(components, func(a, b component) int { return strings.Compare(a.PURL, b.PURL) })
	bill := map[string]any{
		"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
		"metadata": map[string]any{"component": component{
			Type: "application", Name: "twombly", Version: os.Args[3], PURL: "pkg:generic/twombly@" + url.PathEscape(os.Args[3]),
			Licenses: []licence{{Licence: licenceID{ID: "Apache-2.0"}}},
		}},
		"components": components,
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(bill); err != nil {
		fail(err)
	}
}

func fail(err error) {
	_, _ = fmt.Fprintf(os.Stderr, "materials: %v\n", err)
	os.Exit(1)
}

// component is one of the materials, in CycloneDX's words.
type component struct {
	Type     string    `json:"type"`
	Name     string    `json:"name"`
	Version  string    `json:"version"`
	PURL     string    `json:"purl"`
	Hashes   []hash    `json:"hashes,omitempty"`
	Licenses []licence `json:"licenses,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licence struct {
	Licence licenceID `json:"license"`
}

type licenceID struct {
	ID string `json:"id"`
}

// modules are what was linked into a program.
func modules(path string) ([]component, error) {
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read what %s was built of: %w", path, err)
	}
	components := []component{{
		Type: "library", Name: "std", Version: info.GoVersion,
		PURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go"), Licenses: []licence{{licenceID{"BSD-3-Clause"}}},
	}}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		made := component{
			Type: "library", Name: module.Path, Version: module.Version, PURL: "pkg:golang/" + module.Path + "@" + module.Version,
		}
		// Go's own hash of a module (dirhash, "h1:") is a SHA-256 over its files.
		if sum, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(module.Sum, "h1:")); err == nil && len(sum) == 32 {
			made.Hashes = []hash{{"SHA-256", hex.EncodeToString(sum)}}
		}
		components = append(components, made)
	}
	return components, nil
}

// packages are what the web app is made of: what is not for development alone.
func packages(path string) ([]component, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the lock file: %w", err)
	}
	var lock struct {
		Packages map[string]struct {
			Version   string `json:"version"`
			License   string `json:"license"`
			Integrity string `json:"integrity"`
			Dev       bool   `json:"dev"`
		} `json:"packages"`
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		return nil, fmt.Errorf("read the lock file: %w", err)
	}
	var components []component
	for at, found := range lock.Packages {
		_, name, ok := strings.Cut(at, "node_modules/")
		if !ok || found.Dev {
			continue
		}
		made := component{
			Type: "library", Name: name, Version: found.Version,
			PURL: "pkg:npm/" + strings.Replace(url.PathEscape(name), "%2F", "/", 1) + "@" + found.Version,
		}
		if found.License != "" {
			made.Licenses = []licence{{licenceID{found.License}}}
		}
		if sum, ok := strings.CutPrefix(found.Integrity, "sha512-"); ok {
			if bytes, err := base64.StdEncoding.DecodeString(sum); err == nil {
				made.Hashes = []hash{{"SHA-512", hex.EncodeToString(bytes)}}
			}
		}
		components = append(components, made)
	}
	return components, nil
}

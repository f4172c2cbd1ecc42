package config

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// maxFileBytes bounds the configuration file; ours is about 4 KB with all its comments.
const maxFileBytes = 1 << 20

// File is a configuration file that was read and found good. It is a [kong.Resolver]: it gives flags that carry a key
// tag, and no others, the file's values, unless their environment variable is set.
type File struct {
	values map[string]any // by key, as "mind.model"
}

var _ kong.Resolver = (*File)(nil)

// Options are what the command's parser needs for Config to work: the defaults that depend on the machine, and the
// file. path is where the file lies; empty is [DefaultFile], and then a file that does not exist is no error.
func Options(path string) ([]kong.Option, error) {
	data, err := DefaultData()
	if err != nil {
		return nil, err
	}
	cache, err := DefaultCache()
	if err != nil {
		return nil, err
	}
	file, err := open(path)
	if err != nil {
		return nil, err
	}
	return []kong.Option{
		kong.Vars{"twombly_data": data, "twombly_cache": cache},
		kong.NamedMapper("place", kong.MapperFunc(decodePlace)),
		kong.Resolvers(file),
	}, nil
}

// decodePlace makes a path absolute and expands ~, but leaves an empty one empty (the parser's own "path" would make
// it the current folder).
func decodePlace(context *kong.DecodeContext, target reflect.Value) error {
	var path string
	if err := context.Scan.PopValueInto("path", &path); err != nil {
		return err
	}
	if path != "" {
		path = kong.ExpandPath(path)
	}
	target.SetString(path)
	return nil
}

func open(path string) (*File, error) {
	chosen := path != ""
	if !chosen {
		var err error
		if path, err = DefaultFile(); err != nil {
			return nil, err
		}
	}
	handle, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		if chosen {
			return nil, fmt.Errorf("there is no configuration file at %s; write one with: twombly config write --file %s", path, path)
		}
		return &File{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening the configuration file: %w", err)
	}
	defer handle.Close()
	file, err := Parse(handle)
	if err != nil {
		return nil, fmt.Errorf("in the configuration file %s: %w", path, err)
	}
	return file, nil
}

// Parse reads a configuration file. Every fault in it is in the error, each with what to do, not only the first.
func Parse(reader io.Reader) (*File, error) {
	text, err := io.ReadAll(io.LimitReader(reader, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading it: %w", err)
	}
	if len(text) > maxFileBytes {
		return nil, fmt.Errorf("it is longer than %d bytes", maxFileBytes)
	}
	var tree map[string]any
	if _, err := toml.Decode(string(text), &tree); err != nil {
		var position toml.ParseError
		if errors.As(err, &position) {
			return nil, fmt.Errorf("line %d is not TOML: %s", position.Position.Line, position.Message)
		}
		return nil, fmt.Errorf("it is not TOML: %w", err)
	}
	if err := checkVersion(tree); err != nil {
		return nil, err
	}
	delete(tree, "version")
	return collect(tree)
}

func checkVersion(tree map[string]any) error {
	value, present := tree["version"]
	if !present {
		return nil // written by hand, for this version
	}
	version, whole := value.(int64)
	switch {
	case !whole || version < 1:
		return fmt.Errorf("version must be a whole number from 1 to %d", Version)
	case version > Version:
		return fmt.Errorf("it is of version %d, and this program knows versions up to %d: use a newer twombly", version, Version)
	}
	return nil
}

// collect flattens the tree to values by key and checks each against its setting.
func collect(tree map[string]any) (*File, error) {
	known := map[string]setting{}
	tables := map[string]bool{}
	for _, leaf := range settings() {
		known[leaf.key] = leaf
		if table, _ := leaf.table(); table != "" {
			tables[table] = true
		}
	}
	file := &File{values: map[string]any{}}
	var faults []error
	take := func(key string, value any) {
		leaf, ok := known[key]
		if !ok {
			faults = append(faults, unknown(key, slices.Sorted(maps.Keys(known))))
			return
		}
		if err := leaf.check(value); err != nil {
			faults = append(faults, err)
			return
		}
		file.values[key] = value
	}
	for _, name := range slices.Sorted(maps.Keys(tree)) {
		inner, isTable := tree[name].(map[string]any)
		switch {
		case isTable && tables[name]:
			for _, under := range slices.Sorted(maps.Keys(inner)) {
				take(name+"."+under, inner[under])
			}
		case isTable:
			faults = append(faults, unknown(name, slices.Sorted(maps.Keys(tables))))
		default:
			take(name, tree[name])
		}
	}
	return file, errors.Join(faults...)
}

// check says whether a value of the file has the type of the setting and is one of its choices.
func (s setting) check(value any) error {
	switch s.kind {
	case reflect.Bool:
		if _, ok := value.(bool); !ok {
			return fmt.Errorf("%s must be true or false", s.key)
		}
	case reflect.Slice:
		list, ok := value.([]any)
		if !ok {
			return fmt.Errorf("%s must be a list of strings, as in %s = [\"one\", \"two\"]", s.key, s.key)
		}
		for _, element := range list {
			if _, ok := element.(string); !ok {
				return fmt.Errorf("%s must be a list of strings, and %v is none", s.key, element)
			}
		}
	case reflect.String:
		text, ok := value.(string)
		if !ok {
			return fmt.Errorf("%s must be a string in quotation marks", s.key)
		}
		if len(s.choices) > 0 && !slices.Contains(s.choices, text) {
			return fmt.Errorf("%s must be one of %s, not %q", s.key, strings.Join(s.choices, ", "), text)
		}
	default:
		return fmt.Errorf("%s has a type that a file cannot hold: %s", s.key, s.kind)
	}
	return nil
}

// Validate has nothing to do: the file was checked when it was read.
func (f *File) Validate(*kong.Application) error { return nil }

// Resolve gives a flag the file's value. Flags without a key tag (another command's --data, say) are never touched.
func (f *File) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	key := flag.Tag.Get("key")
	if key == "" {
		return nil, nil
	}
	for _, name := range flag.Envs {
		if _, set := os.LookupEnv(name); set {
			return nil, nil // the environment is above the file
		}
	}
	value, present := f.values[key]
	if !present {
		return nil, nil
	}
	return value, nil
}

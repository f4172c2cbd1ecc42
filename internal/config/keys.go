package config

import (
	"reflect"
	"strings"
)

// setting is one leaf of Config as its tags describe it.
type setting struct {
	// key is the name in the file, with its table: "mind.key_file".
	key string
	// environment is the variable's name, flag the flag's without its dashes.
	environment, flag string
	// help explains it; fallback is its default as written in the tag; choices are all values it may have, if few.
	help, fallback string
	choices        []string
	kind           reflect.Kind
}

// table splits the key into the table's name, empty for the top of the file, and the name in it.
func (s setting) table() (table, name string) {
	if table, name, found := strings.Cut(s.key, "."); found {
		return table, name
	}
	return "", s.key
}

// settings lists every leaf of Config in the order of the struct.
func settings() []setting { return walk(reflect.TypeFor[Config](), "") }

func walk(structure reflect.Type, prefix string) []setting {
	var found []setting
	for index := range structure.NumField() {
		field := structure.Field(index)
		if _, embedded := field.Tag.Lookup("embed"); embedded {
			found = append(found, walk(field.Type, prefix+field.Tag.Get("prefix"))...)
			continue
		}
		flag := field.Tag.Get("name")
		if flag == "" {
			flag = strings.ToLower(field.Name)
		}
		leaf := setting{
			key:         field.Tag.Get("key"),
			environment: field.Tag.Get("env"),
			flag:        prefix + flag,
			help:        field.Tag.Get("help"),
			fallback:    field.Tag.Get("default"),
			kind:        field.Type.Kind(),
		}
		if choices := field.Tag.Get("enum"); choices != "" {
			leaf.choices = strings.Split(choices, ",")
		}
		found = append(found, leaf)
	}
	return found
}

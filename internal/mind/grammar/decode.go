package grammar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// object is a JSON object that remembers the order of its members, which is the order a model will write them in.
type object struct {
	names   []string
	members map[string]any
}

func (o *object) get(name string) (any, bool) {
	value, ok := o.members[name]
	return value, ok
}

// decode reads JSON into *object, []any, string, json.Number, bool and nil.
func decode(text []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	value, err := decodeValue(decoder, 0)
	if err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errors.New("something follows the value")
	}
	return value, nil
}

func decodeValue(decoder *json.Decoder, depth int) (any, error) {
	if depth > 2*maxDepth {
		return nil, errors.New("nested too deeply")
	}
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		return decodeObject(decoder, depth)
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			item, err := decodeValue(decoder, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, item)
		}
		_, err := decoder.Token()
		return list, err
	}
	return token, nil
}

func decodeObject(decoder *json.Decoder, depth int) (any, error) {
	result := &object{members: map[string]any{}}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name, ok := token.(string)
		if !ok {
			return nil, fmt.Errorf("a member's name is %v", token)
		}
		value, err := decodeValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		if _, twice := result.members[name]; twice {
			return nil, fmt.Errorf("the member %q is there twice", name)
		}
		result.names = append(result.names, name)
		result.members[name] = value
	}
	_, err := decoder.Token()
	return result, err
}

// encode writes a decoded value as compact JSON.
func encode(value any) (string, error) {
	switch value := value.(type) {
	case *object:
		var text bytes.Buffer
		text.WriteByte('{')
		for i, name := range value.names {
			if i > 0 {
				text.WriteByte(',')
			}
			key, err := encode(name)
			if err != nil {
				return "", err
			}
			member, err := encode(value.members[name])
			if err != nil {
				return "", err
			}
			text.WriteString(key + ":" + member)
		}
		text.WriteByte('}')
		return text.String(), nil
	case []any:
		var text bytes.Buffer
		text.WriteByte('[')
		for i, item := range value {
			if i > 0 {
				text.WriteByte(',')
			}
			member, err := encode(item)
			if err != nil {
				return "", err
			}
			text.WriteString(member)
		}
		text.WriteByte(']')
		return text.String(), nil
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // "<" is a character like any other
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))), nil
}

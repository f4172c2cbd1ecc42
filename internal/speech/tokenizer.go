package speech

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// tokenizer holds the pieces of text that a recogniser's tokens stand for.
type tokenizer struct {
	pieces []string
}

// parseTokenizer reads Moonshine's tokenizer.bin: one entry a token, in order, each a length and so many bytes. The
// length is one byte below 128, or two: b with the high bit set, then n, meaning n × 128 + (b − 128).
func parseTokenizer(data []byte) (*tokenizer, error) {
	t := &tokenizer{}
	for at := 0; at < len(data); {
		length := int(data[at])
		at++
		if length >= 128 {
			if at == len(data) {
				return nil, errors.New("the tokenizer ends inside a length")
			}
			length = int(data[at])*128 + length - 128
			at++
		}
		if length > len(data)-at {
			return nil, fmt.Errorf("the tokenizer ends inside token %d", len(t.pieces))
		}
		t.pieces = append(t.pieces, string(data[at:at+length]))
		at += length
	}
	if len(t.pieces) == 0 {
		return nil, errors.New("the tokenizer is empty")
	}
	return t, nil
}

// text joins tokens to trimmed text: U+2581 is a space, <0x41> a byte, and other tags say nothing.
func (t *tokenizer) text(tokens []int) string {
	var out strings.Builder
	for _, token := range tokens {
		if token < 0 || token >= len(t.pieces) {
			continue
		}
		piece := t.pieces[token]
		if strings.HasPrefix(piece, "<") && strings.HasSuffix(piece, ">") && len(piece) > 2 {
			if value, err := strconv.ParseUint(strings.TrimPrefix(piece[1:len(piece)-1], "0x"), 16, 8); err == nil && strings.HasPrefix(piece, "<0x") {
				out.WriteByte(byte(value))
			}
			continue
		}
		out.WriteString(strings.ReplaceAll(piece, "▁", " "))
	}
	text := out.String()
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "")
	}
	text = strings.ReplaceAll(text, "♪", " ") // what the net writes for silence behind speech
	return strings.Join(strings.Fields(text), " ")
}

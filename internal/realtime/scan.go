package realtime

import "bytes"

// scanAppend finds the audio of an input_audio_buffer.append event without decoding the JSON around it: fifty times a
// second and session it is the one event whose cost matters. It understands a flat object of strings without escapes,
// which is what every client sends; for anything else ok is false and the event is read as all others are.
//
// The audio is a part of data.
func scanAppend(data []byte) (audio []byte, ok bool) {
	at := skipSpace(data, 0)
	if at >= len(data) || data[at] != '{' {
		return nil, false
	}
	isAppend, hasAudio := false, false
	for at++; ; at++ {
		var key, value []byte
		if key, at, ok = scanString(data, skipSpace(data, at)); !ok {
			return nil, false
		}
		if at = skipSpace(data, at); at >= len(data) || data[at] != ':' {
			return nil, false
		}
		if value, at, ok = scanString(data, skipSpace(data, at+1)); !ok {
			return nil, false
		}
		switch string(key) {
		case "type":
			isAppend = string(value) == "input_audio_buffer.append"
		case "audio":
			audio, hasAudio = value, true
		}
		at = skipSpace(data, at)
		if at >= len(data) {
			return nil, false
		}
		if data[at] == ',' {
			continue
		}
		if data[at] != '}' || skipSpace(data, at+1) != len(data) {
			return nil, false
		}
		return audio, isAppend && hasAudio
	}
}

// scanString returns the inside of the string that begins at the index, and the index after it. Strings with escapes
// or control characters are not understood.
func scanString(data []byte, at int) (inside []byte, after int, ok bool) {
	if at >= len(data) || data[at] != '"' {
		return nil, at, false
	}
	at++
	length := bytes.IndexByte(data[at:], '"')
	if length < 0 {
		return nil, at, false
	}
	inside = data[at : at+length]
	if bytes.IndexByte(inside, '\\') >= 0 || bytes.IndexByte(inside, '\n') >= 0 || bytes.IndexByte(inside, '\r') >= 0 {
		return nil, at, false
	}
	return inside, at + length + 1, true
}

// skipSpace returns the index of the next character that is no white space.
func skipSpace(data []byte, at int) int {
	for at < len(data) && (data[at] == ' ' || data[at] == '\n' || data[at] == '\t' || data[at] == '\r') {
		at++
	}
	return at
}

package worker

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// Version is the wire protocol's version; both sides must have the same.
const Version = 1

// MaxLength bounds a message's Meta and its Blob, each, in bytes.
const MaxLength = 64 << 20

const (
	maxMethod    = 64
	headerLength = 20
)

// ErrTooLong is returned when a message exceeds [MaxLength].
var ErrTooLong = errors.New("worker: message too long")

// ErrProtocol is wrapped by errors about bytes that are not this protocol.
var ErrProtocol = errors.New("worker: protocol error")

// Message is one request, part or answer: a JSON description and raw bytes, either of which may be empty. Each is bounded
// by [MaxLength].
type Message struct {
	Meta json.RawMessage
	Blob []byte
}

type kind uint8

const (
	kindHello   kind = iota + 1 // child to parent, once, first: Meta is a hello
	kindRequest                 // parent to child: method, message
	kindPart                    // child to parent: a streamed message
	kindAnswer                  // child to parent: the last message of a call
	kindFailure                 // child to parent: the call failed; Meta is a Failure
	kindCancel                  // parent to child: nobody waits for this call any more
	kindCredit                  // parent to child: credit bytes of parts were consumed
	kindEnd                     // not a kind: one past the last
)

// frame is what travels. On the wire it is a header of 20 bytes, little-endian, and three runs of bytes:
//
//	kind uint8 | reserved uint8, zero | method length uint16 | meta length uint32 | blob length uint32 | call uint64
//	method | meta | blob
//
// A credit frame has no runs; its blob length is the number of bytes granted.
type frame struct {
	kind    kind
	call    uint64
	method  string
	message Message
	credit  uint32
}

// size is what a frame counts against the window of unconsumed parts.
func (f frame) size() int { return headerLength + len(f.message.Meta) + len(f.message.Blob) }

func checkLength(m Message) error {
	if len(m.Meta) > MaxLength || len(m.Blob) > MaxLength {
		return fmt.Errorf("%w: %d bytes of description and %d of data, at most %d each", ErrTooLong, len(m.Meta), len(m.Blob), MaxLength)
	}
	return nil
}

// writeFrame writes f; the caller sees to it that frames don't interleave.
func writeFrame(w io.Writer, f frame) error {
	if err := checkLength(f.message); err != nil {
		return err
	}
	if len(f.method) > maxMethod {
		return fmt.Errorf("%w: method name of %d bytes", ErrTooLong, len(f.method))
	}
	head := make([]byte, headerLength, headerLength+len(f.method)+len(f.message.Meta))
	head[0] = byte(f.kind)
	binary.LittleEndian.PutUint16(head[2:], uint16(len(f.method)))
	binary.LittleEndian.PutUint32(head[4:], uint32(len(f.message.Meta)))
	blobLength := uint32(len(f.message.Blob))
	if f.kind == kindCredit {
		blobLength = f.credit
	}
	binary.LittleEndian.PutUint32(head[8:], blobLength)
	binary.LittleEndian.PutUint64(head[12:], f.call)
	head = append(head, f.method...)
	head = append(head, f.message.Meta...)
	const small = 64 << 10 // below this one copy is cheaper than a second system call
	if len(f.message.Blob) <= small {
		_, err := w.Write(append(head, f.message.Blob...))
		return err
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(f.message.Blob)
	return err
}

// readFrame reads one frame. It returns io.EOF when the stream ends between frames, io.ErrUnexpectedEOF inside one, and an
// error that wraps ErrProtocol for bytes that can't be a frame. It never holds more memory than has arrived, twice.
func readFrame(r io.Reader) (frame, error) {
	var head [headerLength]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return frame{}, err
	}
	f := frame{kind: kind(head[0]), call: binary.LittleEndian.Uint64(head[12:])}
	method := int(binary.LittleEndian.Uint16(head[2:]))
	meta := binary.LittleEndian.Uint32(head[4:])
	blob := binary.LittleEndian.Uint32(head[8:])
	switch {
	case f.kind == 0 || f.kind >= kindEnd || head[1] != 0:
		return frame{}, fmt.Errorf("%w: unknown frame kind %d/%d", ErrProtocol, head[0], head[1])
	case method > maxMethod || method > 0 && f.kind != kindRequest:
		return frame{}, fmt.Errorf("%w: method name of %d bytes in a frame of kind %d", ErrProtocol, method, f.kind)
	case f.kind == kindCredit:
		if meta != 0 || blob > math.MaxInt32 {
			return frame{}, fmt.Errorf("%w: malformed credit", ErrProtocol)
		}
		f.credit = blob
		return f, nil
	case meta > MaxLength || blob > MaxLength:
		return frame{}, fmt.Errorf("%w: frame of %d and %d bytes", ErrProtocol, meta, blob)
	}
	name, err := readExactly(r, method)
	if err != nil {
		return frame{}, err
	}
	f.method = string(name)
	if f.message.Meta, err = readExactly(r, int(meta)); err != nil {
		return frame{}, err
	}
	if f.message.Blob, err = readExactly(r, int(blob)); err != nil {
		return frame{}, err
	}
	return f, nil
}

// readExactly reads n bytes, nil for none. A long run is not allocated before its bytes are there.
func readExactly(r io.Reader, n int) ([]byte, error) {
	if n == 0 {
		return nil, nil
	}
	const trusted = 1 << 20
	if n <= trusted {
		data := make([]byte, n)
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, noEOF(err)
		}
		return data, nil
	}
	var data bytes.Buffer
	data.Grow(trusted)
	if _, err := io.CopyN(&data, r, int64(n)); err != nil {
		return nil, noEOF(err)
	}
	return data.Bytes(), nil
}

func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

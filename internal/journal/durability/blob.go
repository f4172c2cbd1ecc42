package durability

// blob is the contents of a file in pieces that are never changed once they are shared: a copy costs a list of pointers.
type blob struct {
	size   int64
	pieces [][]byte
}

// pieceSize is the unit of copying, in bytes; a multiple of SectorSize.
const pieceSize = 4096

func (b *blob) clone() *blob {
	return &blob{size: b.size, pieces: append([][]byte(nil), b.pieces...)}
}

// readAt fills data from an offset and returns how much there was. Holes are zeros.
func (b *blob) readAt(data []byte, offset int64) int {
	if offset >= b.size {
		return 0
	}
	data = data[:min(int64(len(data)), b.size-offset)]
	for done := 0; done < len(data); {
		number, within := int((offset+int64(done))/pieceSize), int((offset+int64(done))%pieceSize)
		count := min(len(data)-done, pieceSize-within)
		if number < len(b.pieces) && b.pieces[number] != nil {
			copy(data[done:done+count], b.pieces[number][within:])
		} else {
			clear(data[done : done+count])
		}
		done += count
	}
	return len(data)
}

// writeAt puts data at an offset; pieces are replaced, not changed.
func (b *blob) writeAt(data []byte, offset int64) {
	b.size = max(b.size, offset+int64(len(data)))
	for done := 0; done < len(data); {
		number, within := int((offset+int64(done))/pieceSize), int((offset+int64(done))%pieceSize)
		count := min(len(data)-done, pieceSize-within)
		for number >= len(b.pieces) {
			b.pieces = append(b.pieces, nil)
		}
		piece := make([]byte, pieceSize)
		copy(piece, b.pieces[number])
		copy(piece[within:], data[done:done+count])
		b.pieces[number] = piece
		done += count
	}
}

// resize cuts the file or extends it by zeros.
func (b *blob) resize(size int64) {
	if size < b.size {
		whole := int((size + pieceSize - 1) / pieceSize)
		if whole < len(b.pieces) {
			b.pieces = b.pieces[:whole:whole]
		}
		if within := size % pieceSize; within != 0 && whole == len(b.pieces) && b.pieces[whole-1] != nil {
			piece := make([]byte, pieceSize)
			copy(piece, b.pieces[whole-1][:within])
			b.pieces[whole-1] = piece
		}
	}
	b.size = size
}

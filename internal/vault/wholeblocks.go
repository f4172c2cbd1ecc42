package vault

import (
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
	"github.com/ncruces/go-sqlite3/vfs/adiantum"
)

// sealedScheme is the process-wide name of the disk cipher over the operating system's files. SQLite finds a VFS by such
// a name and no other way; it is registered on first use.
const sealedScheme = "twombly-sealed"

var registerSealed = sync.OnceFunc(func() {
	vfs.Register(sealedScheme, sealedVFS(vfs.Find("os")))
})

// sealedVFS lays the disk cipher over a base.
func sealedVFS(base vfs.VFS) vfs.VFS {
	return adiantum.Wrap(&wholeBlocks{VFS: base}, nil)
}

// cipherBlock is what the disk cipher encrypts as one, in bytes.
const cipherBlock = 4096

// wholeBlocks hides the incomplete block at the end of a file that a power cut left in the middle of an append. The
// cipher cannot open it, and nothing in it was ever acknowledged, for a commit syncs whole blocks. Without this, SQLite sees
// a write-ahead log that is longer than what can be read and refuses to open the database at all (found by the tests in
// internal/journal/durability).
type wholeBlocks struct {
	vfs.VFS
}

func (v *wholeBlocks) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == "" {
		return v.OpenFilename(nil, flags)
	}
	return nil, flags, sqlite3.CANTOPEN
}

func (v *wholeBlocks) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	file, flags, err := vfsutil.WrapOpenFilename(v.VFS, name, flags)
	if err != nil || flags&(vfs.OPEN_SUPER_JOURNAL|vfs.OPEN_MEMORY) != 0 {
		return file, flags, err
	}
	return &wholeBlocksFile{File: file}, flags, nil
}

// wholeBlocksFile passes on what the operating system's file can do beyond the basics.
type wholeBlocksFile struct {
	vfs.File
}

var (
	_ vfs.FileUnwrap             = (*wholeBlocksFile)(nil)
	_ vfs.FileSharedMemory       = (*wholeBlocksFile)(nil)
	_ vfs.FileLockState          = (*wholeBlocksFile)(nil)
	_ vfs.FileHasMoved           = (*wholeBlocksFile)(nil)
	_ vfs.FileSizeHint           = (*wholeBlocksFile)(nil)
	_ vfs.FilePersistWAL         = (*wholeBlocksFile)(nil)
	_ vfs.FilePowersafeOverwrite = (*wholeBlocksFile)(nil)
)

func (f *wholeBlocksFile) Size() (int64, error) {
	size, err := f.File.Size()
	return size - size%cipherBlock, err
}

func (f *wholeBlocksFile) Unwrap() vfs.File               { return f.File }
func (f *wholeBlocksFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
func (f *wholeBlocksFile) LockState() vfs.LockLevel       { return vfsutil.WrapLockState(f.File) }
func (f *wholeBlocksFile) HasMoved() (bool, error)        { return vfsutil.WrapHasMoved(f.File) }
func (f *wholeBlocksFile) SizeHint(size int64) error      { return vfsutil.WrapSizeHint(f.File, size) }
func (f *wholeBlocksFile) PersistWAL() bool               { return vfsutil.WrapPersistWAL(f.File) }
func (f *wholeBlocksFile) SetPersistWAL(keep bool)        { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f *wholeBlocksFile) PowersafeOverwrite() bool       { return vfsutil.WrapPowersafeOverwrite(f.File) }
func (f *wholeBlocksFile) SetPowersafeOverwrite(safe bool) {
	vfsutil.WrapSetPowersafeOverwrite(f.File, safe)
}

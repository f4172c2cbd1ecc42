package durability

import (
	"path/filepath"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// SQLite wraps the operating system's VFS so that what happens to it is written down. It lies under the disk cipher and
// sees ciphertext, in the blocks and the order in which they reach the disk.
func (r *Recorder) SQLite() vfs.VFS { return &recordedVFS{VFS: vfs.Find("os"), recorder: r} }

type recordedVFS struct {
	vfs.VFS
	recorder *Recorder
}

func (v *recordedVFS) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == "" {
		return v.OpenFilename(nil, flags)
	}
	return nil, flags, sqlite3.CANTOPEN
}

func (v *recordedVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == nil {
		return vfsutil.WrapOpenFilename(v.VFS, name, flags) // a temporary file: nothing of it outlives the process
	}
	existed, err := v.Access(name.String(), vfs.ACCESS_EXISTS)
	if err != nil {
		return nil, flags, err
	}
	path := v.recorder.relative(name.String())
	creates := !existed && flags&vfs.OPEN_CREATE != 0
	if creates {
		if err := v.recorder.ahead(Operation{Action: Create, Path: path}); err != nil {
			return nil, flags, err
		}
	}
	file, flags, err := vfsutil.WrapOpenFilename(v.VFS, name, flags)
	if err != nil {
		return file, flags, err
	}
	if creates {
		v.recorder.note(Operation{Action: Create, Path: path})
	}
	log := flags&(vfs.OPEN_MAIN_JOURNAL|vfs.OPEN_SUPER_JOURNAL|vfs.OPEN_WAL) != 0
	return &recordedFile{File: file, recorder: v.recorder, path: path, syncsFolder: log && flags&vfs.OPEN_CREATE != 0}, flags, nil
}

func (v *recordedVFS) Delete(name string, syncFolder bool) error {
	path := v.recorder.relative(name)
	if err := v.recorder.ahead(Operation{Action: Remove, Path: path}); err != nil {
		return err
	}
	if err := v.VFS.Delete(name, syncFolder); err != nil {
		return err
	}
	v.recorder.note(Operation{Action: Remove, Path: path})
	if syncFolder {
		v.recorder.note(Operation{Action: SyncFolder, Path: filepath.ToSlash(filepath.Dir(path))})
	}
	return nil
}

// recordedFile passes on what the operating system's file can do; see vfs/file.go of the library for the list.
type recordedFile struct {
	vfs.File
	recorder *Recorder
	path     string
	// syncsFolder: the library syncs the folder too, with the first sync of a log that it may have created.
	syncsFolder bool
}

var (
	_ vfs.FileUnwrap             = (*recordedFile)(nil)
	_ vfs.FileSharedMemory       = (*recordedFile)(nil)
	_ vfs.FileLockState          = (*recordedFile)(nil)
	_ vfs.FileHasMoved           = (*recordedFile)(nil)
	_ vfs.FileSizeHint           = (*recordedFile)(nil)
	_ vfs.FilePersistWAL         = (*recordedFile)(nil)
	_ vfs.FilePowersafeOverwrite = (*recordedFile)(nil)
)

func (f *recordedFile) WriteAt(data []byte, offset int64) (int, error) {
	operation := Operation{Action: Write, Path: f.path, Offset: offset, Data: data}
	if err := f.recorder.ahead(operation); err != nil {
		return 0, err
	}
	written, err := f.File.WriteAt(data, offset)
	operation.Data = data[:written]
	f.recorder.note(operation)
	return written, err
}

func (f *recordedFile) Truncate(size int64) error {
	operation := Operation{Action: Truncate, Path: f.path, Offset: size}
	if err := f.recorder.ahead(operation); err != nil {
		return err
	}
	if err := f.File.Truncate(size); err != nil {
		return err
	}
	f.recorder.note(operation)
	return nil
}

func (f *recordedFile) Sync(flags vfs.SyncFlag) error {
	if err := f.recorder.ahead(Operation{Action: Sync, Path: f.path}); err != nil {
		return err
	}
	if err := f.File.Sync(flags); err != nil {
		return err
	}
	f.recorder.note(Operation{Action: Sync, Path: f.path})
	if f.syncsFolder {
		f.syncsFolder = false
		f.recorder.note(Operation{Action: SyncFolder, Path: filepath.ToSlash(filepath.Dir(f.path))})
	}
	return nil
}

func (f *recordedFile) SizeHint(size int64) error {
	before, err := f.File.Size()
	if err != nil {
		return err
	}
	if err := vfsutil.WrapSizeHint(f.File, size); err != nil {
		return err
	}
	if size > before {
		f.recorder.note(Operation{Action: Grow, Path: f.path, Offset: size})
	}
	return nil
}

func (f *recordedFile) Unwrap() vfs.File               { return f.File }
func (f *recordedFile) SharedMemory() vfs.SharedMemory { return vfsutil.WrapSharedMemory(f.File) }
func (f *recordedFile) LockState() vfs.LockLevel       { return vfsutil.WrapLockState(f.File) }
func (f *recordedFile) HasMoved() (bool, error)        { return vfsutil.WrapHasMoved(f.File) }
func (f *recordedFile) PersistWAL() bool               { return vfsutil.WrapPersistWAL(f.File) }
func (f *recordedFile) SetPersistWAL(keep bool)        { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f *recordedFile) PowersafeOverwrite() bool       { return vfsutil.WrapPowersafeOverwrite(f.File) }
func (f *recordedFile) SetPowersafeOverwrite(safe bool) {
	vfsutil.WrapSetPowersafeOverwrite(f.File, safe)
}

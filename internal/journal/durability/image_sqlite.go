package durability

import (
	"io"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/vfs"
)

// imageVFS serves an image to SQLite.
type imageVFS struct {
	image *Image
	root  string
}

func (v *imageVFS) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == "" {
		return v.OpenFilename(nil, flags)
	}
	return nil, flags, sqlite3.CANTOPEN
}

func (v *imageVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	if name == nil {
		return &imageHandle{image: v.image, file: &imageFile{contents: &blob{}}}, flags, nil
	}
	v.image.guard.Lock()
	defer v.image.guard.Unlock()
	path := relativeTo(v.root, name.String())
	file := v.image.files[path]
	if file == nil {
		if flags&vfs.OPEN_CREATE == 0 {
			return nil, flags, sqlite3.CANTOPEN
		}
		file = &imageFile{contents: &blob{}}
		v.image.files[path] = file
	}
	handle := &imageHandle{image: v.image, file: file}
	if flags&vfs.OPEN_MAIN_DB != 0 {
		handle.shared = vfs.NewSharedMemory(name.String()+"-shm", flags)
	}
	return handle, flags, nil
}

func (v *imageVFS) Delete(name string, _ bool) error {
	v.image.guard.Lock()
	defer v.image.guard.Unlock()
	path := relativeTo(v.root, name)
	if v.image.files[path] == nil {
		return sqlite3.IOERR_DELETE_NOENT
	}
	delete(v.image.files, path)
	return nil
}

func (v *imageVFS) Access(name string, _ vfs.AccessFlag) (bool, error) {
	v.image.guard.Lock()
	defer v.image.guard.Unlock()
	return v.image.files[relativeTo(v.root, name)] != nil, nil
}

func (v *imageVFS) FullPathname(name string) (string, error) { return name, nil }

// imageHandle is one connection's handle of a file.
type imageHandle struct {
	image  *Image
	file   *imageFile
	shared vfs.SharedMemory
	level  vfs.LockLevel
}

func (h *imageHandle) Close() error {
	if h.shared != nil {
		if err := h.shared.Close(); err != nil {
			return err
		}
	}
	return h.Unlock(vfs.LOCK_NONE)
}

func (h *imageHandle) ReadAt(data []byte, offset int64) (int, error) {
	h.image.guard.Lock()
	defer h.image.guard.Unlock()
	count := h.file.contents.readAt(data, offset)
	if count < len(data) {
		return count, io.EOF
	}
	return count, nil
}

func (h *imageHandle) WriteAt(data []byte, offset int64) (int, error) {
	h.image.guard.Lock()
	defer h.image.guard.Unlock()
	h.file.contents.writeAt(data, offset)
	return len(data), nil
}

func (h *imageHandle) Truncate(size int64) error {
	h.image.guard.Lock()
	defer h.image.guard.Unlock()
	h.file.contents.resize(size)
	return nil
}

func (h *imageHandle) Sync(vfs.SyncFlag) error { return nil }

func (h *imageHandle) Size() (int64, error) {
	h.image.guard.Lock()
	defer h.image.guard.Unlock()
	return h.file.contents.size, nil
}

func (h *imageHandle) SectorSize() int { return SectorSize }

// DeviceCharacteristics are those of the operating system's file on Linux.
func (h *imageHandle) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return vfs.IOCAP_SUBPAGE_READ | vfs.IOCAP_POWERSAFE_OVERWRITE
}

func (h *imageHandle) SharedMemory() vfs.SharedMemory { return h.shared }

// locks are SQLite's five levels between the connections of one process (https://sqlite.org/lockingv3.html).
type locks struct {
	shared            int
	reserved, pending *imageHandle
	exclusive         *imageHandle
}

func (h *imageHandle) Lock(level vfs.LockLevel) error {
	h.image.guard.Lock()
	defer h.image.guard.Unlock()
	if h.level >= level {
		return nil
	}
	held := &h.file.locks
	switch level {
	case vfs.LOCK_SHARED:
		if held.pending != nil || held.exclusive != nil {
			return sqlite3.BUSY
		}
		held.shared++
	case vfs.LOCK_RESERVED:
		if held.reserved != nil {
			return sqlite3.BUSY
		}
		held.reserved = h
	case vfs.LOCK_EXCLUSIVE:
		if held.pending != nil && held.pending != h || held.reserved != nil && held.reserved != h {
			return sqlite3.BUSY
		}
		held.pending = h
		if held.shared > 1 {
			h.level = vfs.LOCK_PENDING
			return sqlite3.BUSY
		}
		held.exclusive = h
	}
	h.level = level
	return nil
}

func (h *imageHandle) Unlock(level vfs.LockLevel) error {
	h.image.guard.Lock()
	defer h.image.guard.Unlock()
	if h.level <= level {
		return nil
	}
	held := &h.file.locks
	for _, holder := range []**imageHandle{&held.reserved, &held.pending, &held.exclusive} {
		if *holder == h {
			*holder = nil
		}
	}
	if level < vfs.LOCK_SHARED {
		held.shared--
	}
	h.level = level
	return nil
}

func (h *imageHandle) CheckReservedLock() (bool, error) {
	h.image.guard.Lock()
	defer h.image.guard.Unlock()
	return h.file.locks.reserved != nil || h.file.locks.pending != nil || h.file.locks.exclusive != nil, nil
}

package durability

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"twombly/internal/vault"
)

// Image is a disk in memory, as a power cut left it. It serves a store that thinks it lives under a root folder.
type Image struct {
	guard   sync.Mutex
	folders map[string]bool
	files   map[string]*imageFile
}

// imageFile is one file, with the locks that SQLite's connections hold on it.
type imageFile struct {
	contents *blob
	locks    locks
}

func newImage() *Image {
	return &Image{folders: map[string]bool{".": true}, files: map[string]*imageFile{}}
}

// Disk serves the image under a root. The folders down to the store's own must exist there on the real disk: the owner's
// lock and SQLite's shared memory, which no power cut concerns, lie there.
func (i *Image) Disk(root string) vault.Disk {
	return vault.Disk{Files: &imageFiles{image: i, root: root}, SQLite: &imageVFS{image: i, root: root}}
}

// imageFiles implements vault.Files.
type imageFiles struct {
	image *Image
	root  string
}

// in makes a path relative to the root and locks the image until the returned function is called.
func (f *imageFiles) in(full string) (string, func()) {
	f.image.guard.Lock()
	return relativeTo(f.root, full), f.image.guard.Unlock
}

func relativeTo(root, full string) string {
	relative, err := filepath.Rel(root, full)
	if err != nil {
		panic(err)
	}
	return filepath.ToSlash(relative)
}

func (f *imageFiles) ReadFile(full string) ([]byte, error) {
	name, done := f.in(full)
	defer done()
	file := f.image.files[name]
	if file == nil {
		return nil, &fs.PathError{Op: "open", Path: full, Err: fs.ErrNotExist}
	}
	data := make([]byte, file.contents.size)
	file.contents.readAt(data, 0)
	return data, nil
}

func (f *imageFiles) Create(full string, _ fs.FileMode) (vault.File, error) {
	name, done := f.in(full)
	defer done()
	if f.image.files[name] != nil {
		return nil, &fs.PathError{Op: "create", Path: full, Err: fs.ErrExist}
	}
	file := &imageFile{contents: &blob{}}
	f.image.files[name] = file
	return &imageWriter{image: f.image, file: file}, nil
}

func (f *imageFiles) Rename(old, new string) error {
	name, done := f.in(old)
	defer done()
	file := f.image.files[name]
	if file == nil {
		return &fs.PathError{Op: "rename", Path: old, Err: fs.ErrNotExist}
	}
	delete(f.image.files, name)
	f.image.files[relativeTo(f.root, new)] = file
	return nil
}

func (f *imageFiles) Remove(full string) error {
	name, done := f.in(full)
	defer done()
	if f.image.files[name] == nil && !f.image.folders[name] {
		return &fs.PathError{Op: "remove", Path: full, Err: fs.ErrNotExist}
	}
	delete(f.image.files, name)
	delete(f.image.folders, name)
	return nil
}

func (f *imageFiles) MakeFolder(full string, _ fs.FileMode) error {
	name, done := f.in(full)
	defer done()
	f.image.folders[name] = true
	return nil
}

func (f *imageFiles) Names(full string) ([]string, error) {
	folder, done := f.in(full)
	defer done()
	var names []string
	for name := range f.image.files {
		if path.Dir(name) == folder {
			names = append(names, path.Base(name))
		}
	}
	for name := range f.image.folders {
		if name != "." && path.Dir(name) == folder {
			names = append(names, path.Base(name))
		}
	}
	slices.Sort(names)
	return names, nil
}

func (f *imageFiles) SyncFolder(string) error { return nil }

type imageWriter struct {
	image *Image
	file  *imageFile
}

func (w *imageWriter) Write(data []byte) (int, error) {
	w.image.guard.Lock()
	defer w.image.guard.Unlock()
	w.file.contents.writeAt(data, w.file.contents.size)
	return len(data), nil
}

func (w *imageWriter) Sync() error  { return nil }
func (w *imageWriter) Close() error { return nil }

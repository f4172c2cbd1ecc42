package durability

import (
	"io/fs"

	"twombly/internal/vault"
)

// Files wraps a file system so that what happens to it is written down.
func (r *Recorder) Files(base vault.Files) vault.Files {
	return &recordedFiles{Files: base, recorder: r}
}

type recordedFiles struct {
	vault.Files
	recorder *Recorder
}

// do carries one operation out and writes it down once it worked.
func (f *recordedFiles) do(operation Operation, action func() error) error {
	if err := f.recorder.ahead(operation); err != nil {
		return err
	}
	if err := action(); err != nil {
		return err
	}
	f.recorder.note(operation)
	return nil
}

func (f *recordedFiles) Create(path string, mode fs.FileMode) (file vault.File, err error) {
	relative := f.recorder.relative(path)
	err = f.do(Operation{Action: Create, Path: relative}, func() error {
		file, err = f.Files.Create(path, mode)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &recordedOwnFile{File: file, files: f, path: relative}, nil
}

func (f *recordedFiles) Rename(old, new string) error {
	return f.do(Operation{Action: Rename, Path: f.recorder.relative(old), To: f.recorder.relative(new)},
		func() error { return f.Files.Rename(old, new) })
}

func (f *recordedFiles) Remove(path string) error {
	return f.do(Operation{Action: Remove, Path: f.recorder.relative(path)}, func() error { return f.Files.Remove(path) })
}

func (f *recordedFiles) MakeFolder(path string, mode fs.FileMode) error {
	return f.do(Operation{Action: MakeFolder, Path: f.recorder.relative(path)},
		func() error { return f.Files.MakeFolder(path, mode) })
}

func (f *recordedFiles) SyncFolder(path string) error {
	return f.do(Operation{Action: SyncFolder, Path: f.recorder.relative(path)},
		func() error { return f.Files.SyncFolder(path) })
}

type recordedOwnFile struct {
	vault.File
	files  *recordedFiles
	path   string
	offset int64
}

func (f *recordedOwnFile) Write(data []byte) (written int, err error) {
	err = f.files.do(Operation{Action: Write, Path: f.path, Offset: f.offset, Data: data}, func() error {
		written, err = f.File.Write(data)
		return err
	})
	f.offset += int64(written)
	return written, err
}

func (f *recordedOwnFile) Sync() error {
	return f.files.do(Operation{Action: Sync, Path: f.path}, f.File.Sync)
}

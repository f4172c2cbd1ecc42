//go:build unix

package vault

import "os"

func syncFolder(folder *os.File) error { return folder.Sync() }

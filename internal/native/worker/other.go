//go:build !linux

package worker

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
)

var errPlatform = fmt.Errorf("worker processes are not made for %s yet: %w", runtime.GOOS, errors.ErrUnsupported)

func confine() (Report, error)                      { return Report{}, errPlatform }
func inheritedSocket() (*os.File, error)            { return nil, errPlatform }
func socketpair() (parent, child *os.File, _ error) { return nil, nil, errPlatform }
func asChild(*exec.Cmd)                             {}

const self = ""

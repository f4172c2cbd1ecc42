package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"

	"twombly/internal/config"
)

// Rotation of a log file: ten files of 10 MB at most.
const (
	logMegabytes = 10
	logFiles     = 10
)

// newLog writes to standard error, or to a file that is rotated; as lines of text or of JSON. Nobody's words are logged at
// any level. The returned function closes the file.
func newLog(term terminal, settings config.Running) (*slog.Logger, func() error, error) {
	var at slog.Level
	if err := at.UnmarshalText([]byte(settings.LogLevel)); err != nil {
		return nil, nil, fmt.Errorf("the log level: %w", err)
	}
	out, done := term.err, func() error { return nil }
	if settings.LogFile != "" {
		file, err := openLog(settings.LogFile)
		if err != nil {
			return nil, nil, err
		}
		out, done = file, file.Close
	}
	options := &slog.HandlerOptions{Level: at}
	if settings.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(out, options)), done, nil
	}
	return slog.New(slog.NewTextHandler(out, options)), done, nil
}

// openLog opens a log file, for this user's eyes only: a log has no words, but it says when somebody talked.
func openLog(path string) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("open the log file: %w", err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log file: %w", err)
	}
	if err := file.Close(); err != nil {
		return nil, fmt.Errorf("open the log file: %w", err)
	}
	return &lumberjack.Logger{Filename: path, MaxSize: logMegabytes, MaxBackups: logFiles}, nil
}

// Package assets holds the built web app inside the program.
//
// The build writes the app to the folder dist beside this file. Without a build there is only dist.missing.html, which
// says what to do; the pattern below matches both, so that the program compiles either way.
package assets

import (
	"embed"
	"fmt"
	"io/fs"
)

//go:embed all:dist*
var files embed.FS

// App returns the built web app, or false when there is none in this program.
func App() (fs.FS, bool) {
	if _, err := fs.Stat(files, "dist/index.html"); err != nil {
		return nil, false
	}
	app, err := fs.Sub(files, "dist")
	return app, err == nil
}

// Missing is the page that stands in for an app that was not built.
func Missing() ([]byte, error) {
	page, err := files.ReadFile("dist.missing.html")
	if err != nil {
		return nil, fmt.Errorf("reading the page for a missing app: %w", err)
	}
	return page, nil
}

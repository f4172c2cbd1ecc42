#!/usr/bin/env bash
# Writes NOTICE: what is linked into the program, what its page is made of, and the models and libraries that it fetches,
# each with its licence. Run it after a dependency or the manifest changed; the gate fails when NOTICE is out of date.
set -euo pipefail
cd "$(dirname "$0")/.."

licence_of() { # the SPDX name of a module's licence file, by its characteristic words
  local file
  file=$(find "$1" -maxdepth 1 -iname '*licen[sc]e*' -o -maxdepth 1 -iname 'copying*' | sort | head -1)
  [ -n "$file" ] || { echo 'see its source'; return; }
  local text; text=$(tr -s ' \n' ' ' <"$file")
  case "$text" in
    *'Apache License'*'Version 2.0'*) echo Apache-2.0 ;;
    *'Mozilla Public License'*) echo MPL-2.0 ;;
    *'GNU LESSER'*) echo LGPL ;;
    *'GNU GENERAL'*|*'GNU AFFERO'*) echo GPL ;;
    *'Permission is hereby granted, free of charge'*) echo MIT ;;
    *'Permission to use, copy, modify, and'*) echo ISC ;;
    *'Redistribution and use in source and binary forms'*'Neither the name'*) echo BSD-3-Clause ;;
    *'Redistribution and use in source and binary forms'*) echo BSD-2-Clause ;;
    *'This is free and unencumbered'*) echo Unlicense ;;
    *) echo 'see its source' ;;
  esac
}

{
  echo 'Twombly'
  echo 'Licensed under the Apache License, Version 2.0 (see LICENSE).'
  echo
  echo 'Linked into the program'
  echo '-----------------------'
  CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go list -deps -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./cmd/twombly |
    sort -u | while read -r path version dir; do
      [ -n "${dir:-}" ] && printf '%-52s %-40s %s\n' "$path" "$version" "$(licence_of "$dir")"
    done
  printf '%-52s %-40s %s\n' 'Go standard library' '' BSD-3-Clause
  echo
  echo 'In the web app'
  echo '--------------'
  node -e '
    const lock = require("./ui/package-lock.json").packages, main = require("./ui/package.json").dependencies;
    for (const name of Object.keys(main).sort()) {
      const p = lock["node_modules/" + name];
      console.log(name.padEnd(52), p.version.padEnd(40), p.license);
    }'
  echo
  echo 'Fetched to the user'"'"'s cache, never shipped with the program'
  echo '-----------------------------------------------------------'
  go run ./cmd/twombly models list --json | node -e '
    const list = JSON.parse(require("fs").readFileSync(0, "utf8"));
    for (const m of list) console.log(m.title.padEnd(52), m.id.padEnd(40), m.licence);'
} >"${1:-NOTICE}"

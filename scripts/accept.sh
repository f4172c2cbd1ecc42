#!/usr/bin/env bash
# Runs the acceptance lines that take longer than the gate allows, one after the other, and keeps each result as JSON in
# docs/acceptance/. A line whose result is there for this commit is not run again.
#
#   scripts/accept.sh [ISSUE] [LINE]
set -euo pipefail
cd "$(dirname "$0")/.."
exec bin/twombly bench accept ${1:+--issue "$1"} ${2:+--line "$2"} --results docs/acceptance

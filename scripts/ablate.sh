#!/usr/bin/env bash
# What each layer of turn-taking gives in real time, measured by leaving it out (docs/benchmarks.md): the fixed sixty events with all layers, and with
# each left out, one run after the other, on a machine that does nothing else. It prints a table in Markdown. Results stay in OUT, and what is
# there is not measured again.
#
#   scripts/ablate.sh [--instant] [--turns N] [--mind FILE] [--data DIR] [--layers "duck drafting prefill"] [--out OUT]
set -euo pipefail
cd "$(dirname "$0")/.."

layers='duck drafting prefill'
out=bin/ablations
arguments=()
while (($#)); do
  case $1 in
    --layers) layers=$2; shift 2 ;;
    --out) out=$2; shift 2 ;;
    --instant) arguments+=("$1"); shift ;;
    --turns | --mind | --data | --seed) arguments+=("$1" "$2"); shift 2 ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
done
binary=${TWOMBLY:-bin/twombly}
[ -x "$binary" ] || make --no-print-directory build models >&2
mkdir -p "$out"

for layer in all $layers; do
  result=$out/$layer.json
  [ -s "$result" ] && continue
  without=()
  [ "$layer" = all ] || without=(--without "$layer")
  echo "== $layer" >&2
  "$binary" bench turns --subset --json ${arguments[@]+"${arguments[@]}"} ${without[@]+"${without[@]}"} >"$result.part"
  mv "$result.part" "$result"
done

node scripts/ablations.mjs "$out" all $layers

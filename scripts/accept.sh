#!/usr/bin/env bash
# Runs the acceptance lines that take longer than the gate allows, one after the other, and keeps each result as JSON in
# docs/acceptance/. Nothing else should run on the machine meanwhile.
#
#   scripts/accept.sh [ISSUE] [LINE]
#
# A part that has passed for this commit is not run again, so that an interrupted run goes on where it stopped; FRESH=1
# runs all. Random choices follow TWOMBLY_SEED (1). The exit status is 0 when every part that was chosen has passed.
set -uo pipefail
cd "$(dirname "$0")/.."

issue=${1:-} line=${2:-} failed=0
results=docs/acceptance
commit=$(git rev-parse --short=12 HEAD)
[ -z "$(git status --porcelain -uno -- . ":!$results")" ] || commit+=-dirty
state="${XDG_CACHE_HOME:-$HOME/.cache}/twombly/acceptance/$commit"
mkdir -p "$results" "$state"

export TWOMBLY_LONG=1 TWOMBLY_STRICT=1 TWOMBLY_REQUIRE_MODELS=1 TWOMBLY_REQUIRE_PYTHON=1 TWOMBLY_REQUIRE_NODE=1 CGO_ENABLED=0
export TWOMBLY_COMMIT=$commit TWOMBLY_SEED=${TWOMBLY_SEED:-1}
if [ -z "${TWOMBLY_PYTHON:-}" ]; then
  ./internal/realtime/testdata/setup_python.sh
  TWOMBLY_PYTHON="${XDG_CACHE_HOME:-$HOME/.cache}/twombly/openai-client/bin/python"
  export TWOMBLY_PYTHON
fi
if [ -z "$issue" ] || [ "$issue" = 4 ]; then
  ./test/endtoend/testdata/setup_pipecat.sh
fi

(cd test/endtoend/clients && { [ -d node_modules ] || npm ci --no-audit --no-fund --loglevel=error; } && npm run --silent bundle)

# part ISSUE LINE NAME COMMAND...: runs one part of a line, unless it is filtered out or done.
part() {
  local of=$1 at=$2 name=$3
  shift 3
  [ -z "$issue" ] || [ "$issue" = "$of" ] || return 0
  [ -z "$line" ] || [ "$line" = "$at" ] || return 0
  local done="$state/$of-$at-$name"
  if [ -e "$done" ] && [ "${FRESH:-}" != 1 ]; then
    echo "issue $of, line $at, $name: passed before"
    return 0
  fi
  printf '\n== issue %s, line %s, %s (%ds)\n' "$of" "$at" "$name" "$SECONDS"
  if PART_ISSUE=$of PART_LINE=$at PART_NAME=$name "$@"; then
    touch "$done"
  else
    echo "FAILED: issue $of, line $at, $name"
    failed=1
  fi
}

# tests PACKAGE PATTERN: Go tests in their long form. Those that measure write their own results; of the others it is kept
# what they logged.
tests() {
  local begun log status result=$results/issue-$PART_ISSUE-line-$PART_LINE-$PART_NAME.json
  begun=$(mktemp) log=$(mktemp)
  go test -count=1 -timeout 6h -v -run "$2" "$1" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  [ "$result" -nt "$begun" ] || node scripts/judge.mjs --log "$log" "$result" "$status"
  return "$status"
}

# bench "LIMITS" NAME [FLAGS...]: a benchmark, held against limits like "wer<=0.06".
bench() {
  local limits=$1 output
  shift
  output=$(mktemp)
  bin/twombly bench "$@" --json >"$output" &&
    node scripts/judge.mjs "$output" "$results/issue-$PART_ISSUE-line-$PART_LINE-$PART_NAME.json" "$limits"
}

# page "LIMITS": what the built page costs in a call, in Chromium.
page() {
  local output
  output=$(mktemp)
  (cd ui && npm run --silent build >/dev/null && node scripts/measure.mjs) >"$output" &&
    node scripts/judge.mjs "$output" "$results/issue-$PART_ISSUE-line-$PART_LINE-$PART_NAME.json" "$1"
}

e2e=./test/endtoend
part 3 1 ready tests $e2e '^TestReady$'
part 3 2 chromium tests $e2e '^TestPage$'
part 3 3 voice bench 'first_word_ms_p50<=1400 first_word_ms_p95<=2400 overhead_ms_p50<=40 glitches<=0' voice
part 3 3 stt bench 'wer<=0.06 rtf<=0.05' stt
part 3 3 tts bench 'wer<=0.02 rtf<=0.6' tts
part 3 4 loss bench 'impaired_wrong_turns<=wrong_turns impaired_wer<=wer+0.02' voice --loss 2 --jitter 30ms --compare
part 3 5 soak bench 'memory_growth_*<=0.05 glitches<=0 decisions_without_reason<=0 self_turns<=0' voice --minutes 30
part 3 6 idle bench 'cpu_percent<=1 rss_mb<=80 disk_writes<=0' idle
part 3 7 power tests ./internal/journal/durability '.'
part 3 7 kill tests $e2e '^TestKillLosesNothing$'
part 3 8 workers tests $e2e '^TestWorkersDie$'
part 3 9 protocol tests $e2e '^(TestProgramAsItComes|TestPageOfAnotherSite)$'
part 3 11 another-mind tests $e2e '^TestAnotherMind$'
part 3 0 bad-input tests $e2e '^(TestBadInput|TestBadStarts)$'
part 3 0 first-meeting tests $e2e '^TestFirstMeeting'
part 4 1 clients tests $e2e '^(TestProgramAsItComes|TestJavaScriptClient|TestAgentsInBrowser)$'
part 4 1 pipecat tests $e2e '^TestPipecatClient$'
part 4 2 storm tests ./internal/realtime '^TestStorm$'
part 4 3 trouble tests $e2e '^TestPageInTrouble$'
part 4 5 page page 'paint_ms<=1000 form_fps_missing_of_55<=0 added_percent<=5'
part 4 6 package scripts/accept_package.sh
part 4 6 canary tests $e2e '^TestNoWordLeavesTheStores$'
exit $failed

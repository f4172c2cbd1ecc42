#!/usr/bin/env bash
# The gate. Sets up what a bare machine lacks, through the ordinary package clients, and runs every test that must hold
# before a change lands. Longer acceptance lines are in scripts/accept.sh.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\n== %s (%ds)\n' "$1" "$SECONDS"; }

# Packages of the system that tests need: a browser, libopus, libspeexdsp, fonts for its screenshots. As root they are installed;
# otherwise the command is printed and what needs them is skipped by name.
need_packages() {
  local missing=()
  command -v chromium >/dev/null || missing+=(chromium)
  ldconfig -p 2>/dev/null | grep -q 'libopus\.so\.0' || missing+=(libopus0)
  ldconfig -p 2>/dev/null | grep -q 'libspeexdsp\.so\.1' || missing+=(libspeexdsp1)
  ldconfig -p 2>/dev/null | grep -q 'libffi\.so\.8' || missing+=(libffi8)
  ((${#missing[@]})) || return 0
  if [ "$(id -u)" = 0 ]; then
    say "installing ${missing[*]}"
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  else
    echo "Missing packages; browser tests are skipped without them: sudo apt-get install ${missing[*]}"
  fi
}

need_packages
say 'building the web app and the program'
make --no-print-directory build
say 'fetching models'
make --no-print-directory models
bin/twombly models fetch --accept-licences speaker-embedding # which nobody gets without asking
say 'fetching the openai client for Python'
internal/realtime/testdata/setup_python.sh
say 'fetching the openai clients for JavaScript'
(cd test/endtoend/clients && npm ci --no-audit --no-fund --loglevel=error && npm run --silent bundle)
export TWOMBLY_REQUIRE_MODELS=1 TWOMBLY_REQUIRE_PYTHON=1 TWOMBLY_REQUIRE_NODE=1

say 'formatting, vet, staticcheck, types'
make --no-print-directory lint
say 'NOTICE is what is really linked and fetched'
notice=$(mktemp)
./scripts/notice.sh "$notice"
diff -u NOTICE "$notice" || { echo 'NOTICE is out of date: run scripts/notice.sh'; exit 1; }
say 'tests of the web app'
(cd ui && npm test --silent)
say 'tests of the program (with real models)'
CGO_ENABLED=0 go test -timeout "${TEST_TIMEOUT:-20m}" -p 1 ./...
say 'race detector'
# Native code is not instrumented and real nets would only be slow under it: those tests ran above.
TWOMBLY_REQUIRE_MODELS=0 TWOMBLY_REQUIRE_PYTHON=0 TWOMBLY_REQUIRE_NODE=0 TWOMBLY_CACHE="$(mktemp -d)" CGO_ENABLED=1 go test -race -short -timeout "${TEST_TIMEOUT:-20m}" -p 2 ./...
say 'tests in the browser'
(cd ui && npm run --silent test:browser)
say 'done'

#!/bin/sh
# Makes the Python environment of the test with Pipecat, where it is not there yet: the unmodified pipecat-ai package.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
exec "$here/../../../internal/realtime/testdata/setup_python.sh" pipecat-client "$here/pipecat-requirements.txt"

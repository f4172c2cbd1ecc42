#!/bin/sh
# Makes the Python environment of the test with Pipecat, where it is not there yet: the unmodified pipecat-ai package.
#   setup_pipecat.sh [FOLDER]   (default: twombly/pipecat-client in the user's cache folder)
set -eu
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/twombly/pipecat-client}
here=$(cd "$(dirname "$0")" && pwd)
if [ -x "$folder/bin/python" ] && cmp -s "$here/pipecat-requirements.txt" "$folder/requirements.txt"; then
	exit 0
fi
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check -r "$here/pipecat-requirements.txt"
cp "$here/pipecat-requirements.txt" "$folder/requirements.txt"

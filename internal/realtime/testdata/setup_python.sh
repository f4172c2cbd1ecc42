#!/bin/sh
# Makes the Python environment of the protocol test, where it is not there yet: the unmodified openai client.
#   setup_python.sh [FOLDER]   (default: twombly/openai-client in the user's cache folder)
set -eu
folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/twombly/openai-client}
here=$(cd "$(dirname "$0")" && pwd)
if [ -x "$folder/bin/python" ] && cmp -s "$here/requirements.txt" "$folder/requirements.txt"; then
	exit 0
fi
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
cp "$here/requirements.txt" "$folder/requirements.txt"

#!/bin/sh
# Makes the Python environment of a test with a client of others, where it is not there yet.
#   setup_python.sh [NAME [REQUIREMENTS]]   (default: openai-client, with the requirements beside this script)
# It lies in twombly/NAME in the user's cache folder.
set -eu
folder=${XDG_CACHE_HOME:-$HOME/.cache}/twombly/${1:-openai-client}
requirements=${2:-$(cd "$(dirname "$0")" && pwd)/requirements.txt}
if [ -x "$folder/bin/python" ] && cmp -s "$requirements" "$folder/requirements.txt"; then
	exit 0
fi
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check -r "$requirements"
cp "$requirements" "$folder/requirements.txt"

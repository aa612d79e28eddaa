#!/bin/sh
# Print the path of the newest (or, with "oldest", the oldest) Python 3.11-3.14 that runs and can create a virtual environment.
# Each candidate is tried, because a pyenv shim on the path may fail; the versions in pyenv's folder are tried as well.
set -u
order="3.14 3.13 3.12 3.11"
[ "${1:-newest}" = oldest ] && order="3.11 3.12 3.13 3.14"
for version in $order; do
  for candidate in "python$version" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version"*/bin/"python$version" python3 python; do
    found=$("$candidate" -c "import sys, ensurepip, venv; assert '%d.%d' % sys.version_info[:2] == '$version'; print(sys.executable)" 2>/dev/null) || continue
    echo "$found"
    exit 0
  done
done
echo "sagin needs Python 3.11 to 3.14 (with venv); none was found" >&2
exit 1

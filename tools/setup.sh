#!/bin/sh
# Make .venv and install the pinned requirements, each only when it is needed.
#
#   sh tools/setup.sh runtime    what the dashboard needs (requirements.txt)
#   sh tools/setup.sh dev        that, and what the checks and tests need (requirements-dev.txt)
#
# A stamp inside .venv holds the checksum of the files last installed, so that a second run
# does nothing and starts no Python. PYTHON=/path/to/python3.12 chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."

what=${1:-runtime}
case $what in
    runtime) files="requirements.txt" ;;
    dev) files="requirements.txt requirements-dev.txt" ;;
    *) echo "usage: sh tools/setup.sh runtime|dev" >&2; exit 2 ;;
esac

python=.venv/bin/python
stamp=.venv/$what.stamp

refuse() {
    for line in "$@"; do echo "$line" >&2; done
    exit 2
}

# The installed set is known by the checksums of its files; dev contains runtime.
# shellcheck disable=SC2086
wanted=$(cat $files | cksum)
if [ -x "$python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
    exit 0
fi

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

if ! { [ -x "$python" ] && new_enough "$python" && "$python" -m pip --version >/dev/null 2>&1; }; then
    found=
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3.14 python3 python}; do
        if new_enough "$candidate"; then found=$candidate; break; fi
    done
    if [ -z "$found" ]; then
        if [ -n "${PYTHON:-}" ]; then
            refuse "PYTHON=$PYTHON is not a Python 3.11 or newer." "Name another one, or leave PYTHON out."
        fi
        have=$( (python3 --version || python --version) 2>/dev/null || echo "no Python")
        refuse "TAS Analytics needs Python 3.11 or newer; this machine has $have on its PATH." \
            "Install one from https://www.python.org/downloads/ (or your system's package manager)," \
            "or name one that is elsewhere: make PYTHON=/path/to/python3.12 run"
    fi
    if ! "$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        refuse "$("$found" --version) is here, but without its venv module." \
            "On Debian and Ubuntu it is a package of its own: sudo apt-get install python3-venv"
    fi
    echo "Creating .venv with $("$found" --version)" >&2
    "$found" -m venv --clear .venv || refuse "The folder .venv could not be created." "Is there space, and may you write here?"
fi

echo "Installing $files (a minute or two, once)" >&2
set --
for file in $files; do set -- "$@" -r "$file"; done
"$python" -m pip install --quiet --disable-pip-version-check --require-virtualenv "$@" || refuse \
    "The requirements could not be installed; pip's own words are above." \
    "Without a network, give pip a folder of wheels: PIP_FIND_LINKS=/path/to/wheels PIP_NO_INDEX=1 make run"

# As pip does for what it installs: commands start sooner, also where the environment forbids Python to keep
# what it has compiled, as containers often do. What changes later is compiled as it is used.
"$python" -m compileall -q dashboard.py pages tas_analytics || true

cksum <requirements.txt >.venv/runtime.stamp
printf '%s\n' "$wanted" >"$stamp"

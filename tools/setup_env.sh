#!/usr/bin/env bash
# Sourced by quickstart.sh and run_tests.sh: makes .venv with this package, or reuses it; PY is its Python.
# PYTHON chooses the Python it is made with; EXTRAS the extras of setup.py, e.g. EXTRAS=tests.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
PY=$PWD/.venv/bin/python

say() { printf '\n==> %s\n' "$*"; }
fail() {
    printf '\nERROR: %s\n' "$*" >&2
    exit 1
}

find_python() {
    for candidate in ${PYTHON:-} python3.11 python3.12 python3.10 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    fail "no Python of version 3.10 or later found; set PYTHON to one"
}

if ! "$PY" -c '' 2>/dev/null; then
    [ ! -e "$PY" ] && [ ! -L "$PY" ] || fail "$PY does not run: remove .venv, so that it is made again"
    base=$(find_python)
    say "Making .venv with $($base --version)"
    "$base" -m venv .venv || fail "'$base -m venv .venv' failed; on Debian: apt-get install python3-venv"
fi

stamp=.venv/installed-$(cat setup.py tools/setup_env.sh | cksum | cut -d' ' -f1)-${EXTRAS:-none}
if [ ! -e "$stamp" ]; then
    say "Installing depthdecomp_mm${EXTRAS:+[$EXTRAS]} and what it needs into .venv (several GB the first time)"
    "$PY" -c 'import pip' 2>/dev/null || "$PY" -m ensurepip >/dev/null || fail "pip could not be set up in .venv"
    "$PY" -m pip install -q --upgrade pip setuptools wheel ||
        fail "pip could not upgrade itself: is a package index in reach?"
    "$PY" -m pip install -q -e ".${EXTRAS:+[$EXTRAS]}" ||
        fail "the installation failed; see pip's message above"
    if ! "$PY" -c 'import mmcv' 2>/dev/null; then
        say "Installing mmcv-lite, as mmcv cannot be imported"
        "$PY" -m pip install -q 'mmcv-lite>=2.1' || fail "mmcv-lite could not be installed"
    fi
    "$PY" -c 'import depthdecomp_mm' || fail "depthdecomp_mm cannot be imported; see above"
    touch "$stamp"
fi

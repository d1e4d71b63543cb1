#!/usr/bin/env bash
# Usage: tools/run_tests.sh [options of pytest]: sets up .venv, then runs the linter and the tests; without options also
# those in mmsegmentation, where it can be installed (tests/hosts/run.sh), and of the wheel alone (tests/hosts/wheel.sh).
EXTRAS=tests
. "$(dirname "$0")/setup_env.sh"

say "Linter"
"$PY" -m ruff check . || fail "ruff found the faults above"
"$PY" -m ruff format --check . || fail "the files above are not formatted: ruff format ."

say "Tests"
# one thread a process: the tests run in as many processes as there are cores
OMP_NUM_THREADS=1 "$PY" -m pytest -q -n "${TEST_PROCESSES:-auto}" "$@" || fail "tests failed"

[ $# -eq 0 ] || exit 0
bash tests/hosts/run.sh || fail "tests in mmsegmentation failed"
bash tests/hosts/wheel.sh || fail "the wheel does not work on its own"

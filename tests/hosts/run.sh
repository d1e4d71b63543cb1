#!/usr/bin/env bash
# Usage: tests/hosts/run.sh [options of pytest]: installs mmsegmentation into .venv/hosts, where nothing else sees it,
# and runs its own configs and tools with our components, and our metrics beside those of others. What cannot be installed
# or imported is skipped by name.
EXTRAS=tests
. "$(dirname "$0")/../../tools/setup_env.sh"

HOST=mmsegmentation==1.2.2
# --no-deps: their versions of mmcv, torch and numpy would replace those of .venv
PACKAGES=("$HOST" mmcv-lite==2.1.0 ftfy regex prettytable wcwidth)
hosts=$PWD/.venv/hosts

# others whose metrics ours are compared with; what they need beside .venv comes with them
OUTSIDE=(torchmetrics lightning-utilities scikit-learn joblib cloudpickle threadpoolctl narwhals scikit-image lazy-loader)

skip() {
    say "SKIPPED tests/hosts/test_mmsegmentation.py: $*"
    exit 0
}

stamp=$hosts/installed-$(cat tests/hosts/run.sh tests/hosts/mmcv_ext.py | cksum | cut -d' ' -f1)
if [ ! -e "$stamp" ]; then
    say "Installing $HOST into .venv/hosts"
    rm -rf "$hosts"
    "$PY" -m pip install -q --no-deps --target "$hosts" "${PACKAGES[@]}" ||
        skip "$HOST cannot be installed; is a package index in reach?"
    cp tests/hosts/mmcv_ext.py "$hosts/mmcv/_ext.py"
    "$PY" -m pip install -q --no-deps --target "$hosts" "${OUTSIDE[@]}" ||
        say "SKIPPED in part: tests/test_evaluation/test_outside.py: ${OUTSIDE[*]} cannot be installed"
    touch "$stamp"
fi

export PYTHONPATH=$hosts:$PWD${PYTHONPATH:+:$PYTHONPATH}
"$PY" -W ignore -c 'import mmseg.apis' || skip "$HOST cannot be imported; see above"

say "Tests in mmsegmentation"
OMP_NUM_THREADS=1 "$PY" -m pytest -q -n 0 -rs tests/hosts/test_mmsegmentation.py tests/test_evaluation/test_outside.py "$@"

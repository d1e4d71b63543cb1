#!/usr/bin/env bash
# Usage: tests/hosts/wheel.sh: builds sdist and wheel, checks them with twine, and runs the documented commands from the
# wheel alone, in a fresh environment and an empty folder. Torch and what else it needs are those of .venv.
EXTRAS=tests
. "$(dirname "$0")/../../tools/setup_env.sh"

PACKAGES=(build twine setuptools wheel)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT

say "A fresh environment"
"$PY" -m venv "$WORK/venv"
fresh=$WORK/venv/bin
if ! "$fresh/python" -m pip install -q "${PACKAGES[@]}"; then
    say "SKIPPED tests/hosts/wheel.sh: ${PACKAGES[*]} cannot be installed; is a package index in reach?"
    exit 0
fi

say "Source distribution, and a wheel from it"
# from a copy: a build leaves its files where it runs
mkdir "$WORK/source"
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$WORK/source"
"$fresh/python" -m build -n --outdir "$WORK/dist" "$WORK/source" >"$WORK/build.log" 2>&1 ||
    fail "the build failed: $(tail -5 "$WORK/build.log")"
"$fresh/twine" check --strict "$WORK"/dist/* || fail "twine finds faults"
tar tzf "$WORK"/dist/*.tar.gz >"$WORK/contents"
for part in configs docs tests tools/demo/office.jpg model-index.yml; do
    grep -q "^[^/]*/$part" "$WORK/contents" || fail "the source distribution has no $part"
done

say "The wheel alone"
"$fresh/python" -m pip install -q --no-deps --no-index "$WORK"/dist/*.whl
"$PY" -c 'import timm, os; print(os.path.dirname(os.path.dirname(timm.__file__)))' \
    >"$("$fresh/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/dependencies.pth"
mkdir "$WORK/empty"
cp tools/demo/office.jpg "$WORK/empty/room.jpg"
cd "$WORK/empty"
unset PYTHONPATH
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

"$fresh/python" -c "
import depthdecomp_mm, sys
assert depthdecomp_mm.__file__.startswith(sys.prefix), depthdecomp_mm.__file__
from depthdecomp_mm.models import DepthDecomposer
weights = depthdecomp_mm.__path__[0] + '/weights/rooms.safetensors'
model = DepthDecomposer.from_pretrained(weights)
print(f'from_pretrained: {sum(p.numel() for p in model.parameters()) / 1e6:.1f} M parameters')
" || fail "from_pretrained"
"$fresh/depthdecomp" predict room.jpg --fov 60 || fail "predict"
[ -s outputs/room_depth.png ] && [ -s outputs/room.ply ] || fail "predict wrote $(ls outputs)"
"$fresh/depthdecomp" export package://depthdecomp_mm model.onnx --frame room.jpg || fail "export"
[ -s model.onnx ] || fail "export wrote nothing"
say "The wheel works"

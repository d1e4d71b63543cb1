#!/usr/bin/env bash
# Usage: tools/quickstart.sh [work dir]: sets up .venv, renders the embedded data set, trains the
# network in the paper's two phases, evaluates it beside a constant predictor and draws pictures.
. "$(dirname "$0")/setup_env.sh"

WORK_DIR=${1:-work_dirs/quickstart}
# threads that wait for each other sleep, so that other processes on the cores do not stall them
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
CONFIG=configs/depthdecomp/rooms_hrwsi.py

render() {
    say "Rendering the embedded data set into $ROOMS_ROOT"
    "$PY" tools/dataset_converters/make_rooms.py --out "$ROOMS_ROOT" \
        --metric-train 960 --metric-test 160 --relative-train 1920
}
export ROOMS_ROOT=${ROOMS_ROOT:-data/rooms} # which the config reads
render || { [ $? = 2 ] && ROOMS_ROOT=data/rooms_quickstart && render; } || fail "rendering failed"

say "Training $CONFIG in two phases; logs and checkpoints go to $WORK_DIR"
"$PY" tools/train.py "$CONFIG" --work-dir "$WORK_DIR" --resume || fail "training failed"

say "Evaluating, with panels in $WORK_DIR/panels"
CHECKPOINT=$(cat "$WORK_DIR/phase2/last_checkpoint")
"$PY" tools/test.py "$CONFIG" "$CHECKPOINT" --work-dir "$WORK_DIR/test" --tta \
    --show-dir "$WORK_DIR/panels" --out "$WORK_DIR/metrics.json" || fail "evaluation failed"

say "The trained network beside a constant predictor (the mean depth of the training set)"
"$PY" tools/analysis_tools/constant_predictor.py "$CONFIG" --beside "$WORK_DIR/metrics.json" ||
    fail "evaluation of the constant predictor failed"
say "Panels of image, ground truth, prediction and error: $WORK_DIR/panels"

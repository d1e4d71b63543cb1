#!/usr/bin/env bash
# Usage: tools/dist_train.sh CONFIG GPUS [options of tools/train.py]
# --keep-global-batch shares the config's batch out among the GPUs; otherwise each has all of it.
# Several nodes: NNODES, NODE_RANK, MASTER_ADDR and PORT in the environment, the same command on each,
# and a work dir that all of them have.
# Without GPUs the processes share the CPU, over gloo.
set -euo pipefail

[ $# -ge 2 ] || { sed -n 2p "$0" >&2; exit 2; }
CONFIG=$1
GPUS=$2

exec "${PYTHON:-python}" -m torch.distributed.run \
    --nnodes="${NNODES:-1}" --node_rank="${NODE_RANK:-0}" \
    --master_addr="${MASTER_ADDR:-127.0.0.1}" --master_port="${PORT:-29500}" \
    --nproc_per_node="$GPUS" \
    "$(dirname "$0")/train.py" "$CONFIG" --launcher pytorch "${@:3}"

"""Start-up: imports beyond torch, mmengine, mmcv and timm, and building the model.

Each round starts fresh interpreters: one that imports those four packages with the parts of them
that the tools use, ones that import more, and the tool itself.
"""

from __future__ import annotations

import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from .timing import compare, report, take_turns

ROUNDS = 5
ROOT = Path(__file__).resolve().parents[3]
THEIRS = (
    'import torch, timm, mmcv.cnn, mmcv.transforms, mmengine.runner, mmengine.infer, '
    'mmengine.visualization, mmengine.evaluator'
)
OURS = 'import depthdecomp_mm; from depthdecomp_mm.engine import DepthRunner'
ALL = 'import depthdecomp_mm.models, depthdecomp_mm.apis, depthdecomp_mm.evaluation'
BUILD = "from depthdecomp_mm.apis import init_model; init_model('depthdecomp/nyu_51k.py')"


def add_arguments(parser: ArgumentParser) -> None:
    """None of its own."""


def run(args: Namespace) -> None:
    calls = {
        'the four packages': lambda: python('-c', THEIRS),
        'and what tools/test.py imports': lambda: python('-c', f'{THEIRS}; {OURS}'),
        'and models, apis, evaluation': lambda: python('-c', f'{THEIRS}; {OURS}; {ALL}'),
        'and init_model(nyu_51k)': lambda: python('-c', f'{THEIRS}; {OURS}; {ALL}; {BUILD}'),
        'tools/test.py --help': lambda: python('tools/test.py', '--help'),
    }
    seen = take_turns(calls, args.rounds, args.warmup)
    rows = compare(seen)
    for row in rows:
        row.peak_mib = None  # it is not this process that grows
        row.note = f'{row.seconds - rows[0].seconds:+.2f} s' if row is not rows[0] else ''
    report(rows, f'start-up, {args.rounds} rounds', 'cpu', args.json)


def python(*arguments: str) -> None:
    """Run an interpreter in the checkout's root."""
    subprocess.run([sys.executable, *arguments], cwd=ROOT, check=True, capture_output=True)

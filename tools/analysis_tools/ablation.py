"""Train and test the runs of a plan, and make its tables and plots.

What is finished is skipped, what was interrupted goes on; `results.json`, `<plan>.md` and the plots
in the work dir are made anew whenever a run has finished.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import torch

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.command_line import run
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.workshop import experiments
from depthdecomp_mm.workshop.experiments.plots import draw_lines, draw_table

PLOTTED = ('rmse', 'abs_rel', 'tau', 'whdr')
TOOLS = Path(__file__).resolve().parents[1]


def parse_args(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('plan', help='plan file, such as configs/plans/table_3.py')
    parser.add_argument(
        '--work-dir', required=True, help="folder of all runs' folders and the tables"
    )
    parser.add_argument('--seeds', type=int, nargs='+', help="in place of the plan's seeds")
    parser.add_argument('--runs', nargs='+', metavar='RUN', help='only the runs of these names')
    parser.add_argument('--jobs', type=int, default=1, help='runs at once')
    parser.add_argument(
        '--gpus', nargs='+', default=[], help='ids of GPUs to share out among the jobs'
    )
    parser.add_argument('--table-only', action='store_true', help='train nothing')
    return parser.parse_args(argv)


def make_tables(plan: experiments.Plan, work_dir: Path) -> list[str]:
    """Gather the results of the plan's finished runs and write what is made from them.

    Returns:
        A line for each result that is left out.
    """
    finished = experiments.collect(plan.runs, work_dir)
    merged = experiments.write_results(work_dir / 'results.json', finished)
    results, others = experiments.of_these_configs(merged, plan.runs)
    texts = [experiments.markdown(table, results) for table in plan.tables]
    if plan.claims:
        known = experiments.with_images(results, work_dir)
        texts.append(experiments.claims_table(plan.claims, known))
    (work_dir / f'{plan.name}.md').write_text('\n'.join(texts))
    for number, table in enumerate(plan.tables, 1):
        metrics = tuple(key for key in PLOTTED if key in table['metrics'])
        draw_table(work_dir / f'{plan.name}_{number}.png', table, results, metrics)
    for plot in plan.plots:
        draw_lines(work_dir / f'{plan.name}_{plot["name"]}.png', plot, results)
    return others


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    work_dir = Path(args.work_dir)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    failures = []

    def report(line: str) -> None:
        # one string, as runs report from threads of their own
        print(f'{time.strftime("%H:%M:%S")} {line}\n', end='', flush=True)

    def finished() -> None:
        try:
            make_tables(plan, work_dir)
        except Exception as error:  # the other runs go on
            report(f'tables not made: {type(error).__name__}: {error}')

    plan = experiments.load_plan(args.plan, args.seeds)
    unknown = set(args.runs or ()) - {run.name for run in plan.runs}
    if unknown:
        raise experiments.PlanError(f'{args.plan}: no runs are called {sorted(unknown)}')
    if args.gpus and not torch.cuda.is_available():
        raise UserError(f'--gpus {" ".join(args.gpus)}: PyTorch finds no GPU')
    runs = [run for run in plan.runs if not args.runs or run.name in args.runs]
    work_dir.mkdir(parents=True, exist_ok=True)
    others = make_tables(plan, work_dir)
    if not args.table_only:
        slots = experiments.Slots(args.jobs, tuple(args.gpus))
        failures = experiments.run_all(runs, work_dir, TOOLS, slots, report, finished)
        others = make_tables(plan, work_dir)
    print((work_dir / f'{plan.name}.md').read_text())
    print(*others, sep='\n')
    if failures:
        print('runs that failed:', *failures, sep='\n', file=sys.stderr)
    return int(bool(failures))


if __name__ == '__main__':
    run(main, 'the runs were told to save and end; the same command goes on')

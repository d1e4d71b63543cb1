"""The few-shot curve of docs/adapt.md: lists of frames, and the table and plot of finished runs.

    few_shot.py lists FRAMES --out DIR
    few_shot.py label RUN --lists DIR --runs DIR
    few_shot.py measure --lists DIR --runs DIR --out results.json
    few_shot.py show results.json --plot few_shot.png

FRAMES holds a folder of images (*.jpg) and depth maps (*.png, millimetres) for each scene that
depthdecomp_mm/workshop/few_shot/cameras.py names.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from depthdecomp_mm.command_line import output_file, run
from depthdecomp_mm.files import write_json
from depthdecomp_mm.workshop import few_shot
from depthdecomp_mm.workshop.experiments import load_plan
from depthdecomp_mm.workshop.experiments.results import read_json

PLAN = Path(__file__).resolve().parents[2] / 'configs' / 'plans' / 'few_shot.py'


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest='command', required=True)
    lists = commands.add_parser('lists', help='write the lists of each camera')
    lists.add_argument('frames', type=Path, help="folder of the scenes' folders")
    lists.add_argument('--out', type=Path, required=True, help='folder of the lists')
    label = commands.add_parser('label', help="label a camera's frames by the network of a run")
    label.add_argument('run', help='CAMERA_teacher or CAMERA_COUNT_alone')
    measure = commands.add_parser('measure', help='errors of the finished runs, image by image')
    measure.add_argument('--plan', default=PLAN, help='default: configs/plans/few_shot.py')
    for command in (label, measure):
        command.add_argument('--lists', type=Path, required=True, help='what `lists` wrote')
        command.add_argument('--runs', type=Path, required=True, help="folder of the runs' folders")
    measure.add_argument('--out', type=output_file, required=True, help='JSON file')
    show = commands.add_parser('show', help='table and plot')
    show.add_argument('results', type=Path, help='what `measure` wrote')
    show.add_argument('--plot', type=output_file, help='picture to write')
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    args = parse_args(argv)
    if args.command == 'lists':
        few_shot.write_lists(args.frames, args.out)
    elif args.command == 'label':
        print(few_shot.label_frames(args.run, args.lists, args.runs))
    elif args.command == 'measure':
        write_json(args.out, few_shot.measure(load_plan(args.plan).runs, args.lists, args.runs))
    else:
        results = read_json(args.results)
        print(few_shot.markdown(results))
        if args.plot:
            few_shot.draw(args.plot, results)


if __name__ == '__main__':
    run(main)

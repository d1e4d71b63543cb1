"""A metric depth network for your camera, from a handful of frames with depth.

    adapt.py ROOT --depth 'depth/{id}.png' --depth-scale 1000 --out DIR

pairs the files below ROOT as `custom` does, checks them, holds the last ones out, labels the images
of --unlabelled by --teacher, trains, compares with the constant predictor on the held-out frames,
and calibrates the scale if that helps there. DIR gets report.md, metrics.json, the config and the
checkpoint adapted.pth. Given again, the command goes on where it was ended.

Exit status: 0, 1 if pairs are missing or images got no label, 2 on an error.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from mmengine.device import get_device
from mmengine.registry import init_default_scope

from depthdecomp_mm.apis import adapt
from depthdecomp_mm.apis.calibrate import write_calibrated
from depthdecomp_mm.apis.constant import constant_metrics
from depthdecomp_mm.apis.pseudo_labels import open_teacher
from depthdecomp_mm.calibration import NO_CALIBRATION
from depthdecomp_mm.command_line import positive_int, whole_number
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.converter_command_line import (
    add_common_arguments,
    add_pairing_arguments,
    read_split,
    run,
)
from depthdecomp_mm.datasets.checking import check_datasets
from depthdecomp_mm.datasets.converters import indexing
from depthdecomp_mm.datasets.converters.lists import keep_longer_lists
from depthdecomp_mm.datasets.converters.record import Record
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import SampleError
from depthdecomp_mm.files import keep_inputs, write_bytes, write_json

WRITTEN = ('train.txt', 'test.txt', 'config.py')


def file_or_address(text: str) -> str:
    """A file's whole path, as a config that names it is read from anywhere; an address as it is."""
    return text if '://' in text else str(Path(text).resolve())


def parse_args(argv: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    add_pairing_arguments(parser)
    parser.add_argument(
        '--unlabelled', nargs='+', default=[], help='images without depth, folders, patterns'
    )
    parser.add_argument(
        '--teacher',
        help='who labels them, as pseudo-label takes it; default: the network of --checkpoint',
    )
    parser.add_argument(
        '--checkpoint',
        type=file_or_address,
        help="checkpoint of ours to start from, or its address; default: the encoder's pretrained "
        'weights',
    )
    parser.add_argument(
        '--steps', type=positive_int, help='of training; default: by the number of frames'
    )
    parser.add_argument('--seed', type=whole_number, default=0, help='default: 0')
    add_common_arguments(parser, 'folder for all that is made')
    args = parser.parse_args(argv)
    args.teacher = args.teacher or (args.unlabelled and args.checkpoint)
    if bool(args.unlabelled) != bool(args.teacher):
        parser.error('--unlabelled and --teacher belong together')
    return args


def label(args: Namespace, held_out: Sequence[dict]) -> adapt.Labelled:
    """The unlabelled frames with labels, if there are any."""
    if not args.unlabelled:
        return adapt.NOTHING
    teacher = open_teacher(args.teacher, get_device())
    tested = [pair['img_path'] for pair in held_out]
    return adapt.label_unlabelled(args.unlabelled, teacher, args.out / 'labels', tested)


def check(config: Path, workers: int) -> None:
    """Refuse data that would make training fail or its numbers wrong."""
    cfg = phase_config(read_config(config))
    init_default_scope('depthdecomp_mm')
    sets = check_datasets(cfg, workers)
    for checked in sets:
        for message in checked.warnings:
            print(f'warning: {message}')
    if errors := [message for checked in sets for message in checked.errors]:
        raise SampleError(f'{len(errors)} errors in the data, the first: {errors[0]}')


def measure(args: Namespace, config: adapt.AdaptConfig, split: dict, labelled: adapt.Labelled):
    """Train, test, calibrate, and write the checkpoint; what the report says."""
    path, result = args.out / 'config.py', args.out / 'adapted.pth'
    trained = adapt.train(path, args.out / 'training')
    scale = adapt.fitted_scale(trained, args.out / 'train.txt', args.depth_scale, args.max_depth)
    before = adapt.evaluate(path, trained, args.out / 'tests')
    write_calibrated(trained, scale, result)
    after = adapt.evaluate(path, result, args.out / 'tests')
    mean, constant, _ = constant_metrics(phase_config(read_config(path)))
    report = adapt.AdaptReport(
        frames=len(split['train']),
        held_out=len(split['test']),
        labelled=labelled.count,
        teacher=labelled.teacher,
        start=args.checkpoint or '',
        steps=config.steps,
        mean=mean,
        constant=constant,
        trained=before,
        scaled=after,
        calibration=scale,
        checkpoint=result,
        config=path,
    )
    if not report.calibration_helps:
        write_calibrated(trained, NO_CALIBRATION, result)
    return report


def main(argv: Sequence[str] | None = None) -> int:
    args = parse_args(argv)
    inputs = [p for p in (args.list, args.test_list, args.checkpoint) if p]
    keep_inputs([args.out / name for name in (*WRITTEN, 'adapted.pth')], inputs)
    record = Record(args.out, 'adapt')
    record.check_texts(WRITTEN)
    split, outcomes = read_split(args, args.out)
    missing = indexing.report(
        [indexing.Part('frames', split['train'] + split['test'], outcomes=outcomes)]
    )
    labelled = label(args, split['test'])
    config = adapt.AdaptConfig(
        data_root=args.out.resolve(),
        depth_scale=args.depth_scale,
        max_depth=args.max_depth,
        steps=adapt.steps_for(len(split['train']), bool(args.checkpoint), args.steps),
        labels=args.out.resolve() / 'labels' if labelled.count else None,
        start=args.checkpoint,
        seed=args.seed,
    )
    lists = indexing.sample_lists(split, args.out)
    if args.limit:
        keep_longer_lists(args.out, lists)
    record.write_texts(lists | {'config.py': adapt.config_text(config)})
    check(args.out / 'config.py', args.workers)
    report = measure(args, config, split, labelled)
    text = adapt.report_text(report)
    write_bytes(args.out / 'report.md', text.encode())
    write_json(args.out / 'metrics.json', report.metrics, indent=1)
    print(f'\n{text}')
    return int(missing or labelled.count < labelled.asked)


if __name__ == '__main__':
    run(main)

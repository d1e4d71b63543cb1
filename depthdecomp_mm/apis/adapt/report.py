"""What an adaptation gave, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from depthdecomp_mm.calibration import Calibration

from .schedule import Steps

COLUMNS = {'rmse': 'RMSE', 'abs_rel': 'REL', 'd1': 'δ1', 'tau': 'τ'}


@dataclass(frozen=True)
class AdaptReport:
    """What was used and what came of it.

    Args:
        frames: Metric frames to train on.
        held_out: Metric frames to test on.
        labelled: Frames with a teacher's labels.
        teacher: Who labelled, and its licence; empty where nobody did.
        start: Checkpoint that the training started from; empty for the encoder's weights.
        steps: Of each phase.
        mean: Mean depth of the training frames, metres: the constant prediction.
        constant: Metrics of the constant predictor.
        trained: Metrics of the network.
        scaled: Metrics of the network with the calibration.
        calibration: Fitted to training frames.
        checkpoint: The result.
        config: The config that it was trained by.
    """

    frames: int
    held_out: int
    labelled: int
    teacher: str
    start: str
    steps: Steps
    mean: float
    constant: dict[str, float]
    trained: dict[str, float]
    scaled: dict[str, float]
    calibration: Calibration
    checkpoint: Path
    config: Path

    @property
    def calibration_helps(self) -> bool:
        """Whether REL of the held-out frames is better with it."""
        return self.scaled['abs_rel'] < self.trained['abs_rel']

    @property
    def beats_constant(self) -> bool:
        """Whether REL of the held-out frames is better than the constant predictor's."""
        best = self.scaled if self.calibration_helps else self.trained
        return best['abs_rel'] < self.constant['abs_rel']

    @property
    def metrics(self) -> dict[str, dict[str, float]]:
        """The metrics by what they are of."""
        named = dict(constant=self.constant, trained=self.trained, calibrated=self.scaled)
        return {name: dict(found) for name, found in named.items()}


def report_text(report: AdaptReport) -> str:
    """The report in Markdown."""
    return '\n'.join(
        [
            '# Adaptation',
            '',
            *_used(report),
            '',
            f'## On the {report.held_out} held-out frames',
            '',
            *_table(report),
            '',
            *_verdict(report),
            '',
            '## Go on',
            '',
            *_commands(report),
            '',
        ]
    )


def _used(report: AdaptReport) -> list[str]:
    return [
        f'- metric frames: {report.frames} to train on, {report.held_out} held out',
        f'- unlabelled frames: {report.labelled}'
        + f', labelled by {report.teacher}' * bool(report.teacher),
        f'- start: {report.start or "pretrained weights of the encoder"}',
        f'- steps: {report.steps}',
        f'- config: {report.config}',
    ]


def _table(report: AdaptReport) -> list[str]:
    rows = {
        f'constant ({report.mean:.3f} m)': report.constant,
        'trained': report.trained,
        f'with scale {report.calibration.scale:.3f}': report.scaled,
    }
    lines = ['| | ' + ' | '.join(COLUMNS.values()) + ' |', '| --- ' * (len(COLUMNS) + 1) + '|']
    for name, metrics in rows.items():
        cells = [f'{metrics[key]:.3f}' if key in metrics else '-' for key in COLUMNS]
        lines.append(f'| {name} | ' + ' | '.join(cells) + ' |')
    return lines


def _verdict(report: AdaptReport) -> list[str]:
    lines = [
        'The scale was fitted to training frames. '
        + (
            'It makes REL of the held-out frames better, and is kept.'
            if report.calibration_helps
            else 'It does not make REL of the held-out frames better, and is left out.'
        )
    ]
    if not report.beats_constant:
        lines += [
            '',
            '**The network is no better than the constant in REL: do not use it.** More frames, '
            'frames of more places, `--unlabelled` frames or more `--steps` may help.',
        ]
    if report.held_out < 10:
        lines += ['', f'{report.held_out} held-out frames are few: the numbers may be chance.']
    return lines


def _commands(report: AdaptReport) -> list[str]:
    folder = report.checkpoint.parent
    predict = f'depthdecomp predict images/ --checkpoint {report.checkpoint} --tta'
    return [
        '```bash',
        f'{predict} --out-dir {folder}/predictions',
        f'depthdecomp calibrate {report.checkpoint} --points points.csv',
        f'depthdecomp train {report.config} --work-dir {folder}/again',
        '```',
    ]

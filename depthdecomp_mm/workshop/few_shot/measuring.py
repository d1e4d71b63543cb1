"""The errors of all runs, image by image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from depthdecomp_mm.apis import DepthInferencer
from depthdecomp_mm.files import write_json
from depthdecomp_mm.workshop.experiments.jobs import last_checkpoint
from depthdecomp_mm.workshop.experiments.plan import Run
from depthdecomp_mm.workshop.experiments.results import read_json

from .cameras import CAMERAS, Camera
from .images import Predicted, constant_list, mean_truth, predict_list, read_list
from .scaling import scaled

LISTS = ('test', 'elsewhere')
KEYS = ('abs_rel', 'tau')
IMAGES, SCALING = 'images.json', 'scaling.json'


def measure(
    runs: Iterable[Run],
    lists: Path,
    work_dir: Path,
    cameras: Sequence[Camera] = CAMERAS,
) -> dict:
    """Errors by camera: of the finished runs, the constant predictor and the teachers.

    Args:
        runs: Of the plan; those that are not finished are left out.
        lists: Folder that :func:`~.lists.write_lists` wrote.
        work_dir: Folder of the runs' folders, those of the teachers among them.
        cameras: Whose.
    """
    finished = [run for run in runs if (run.directory(work_dir) / 'metrics.json').is_file()]
    found = {}
    for camera in cameras:
        folder = lists / camera.name
        training = read_list(folder / 'train.txt')
        errors: dict[str, dict] = {}
        for run in finished:
            if run.name.startswith(f'{camera.name}_'):
                measured = images_of(run.directory(work_dir), folder)
                errors.setdefault(run.name, {})[str(run.seed)] = measured
        constant = {str(len(training)): _constant(folder, training)}
        found[camera.name] = dict(runs=errors, constant=constant)
        found[camera.name] |= _teacher(camera, folder, work_dir / f'{camera.name}_teacher/seed_0')
    return found


def images_of(directory: Path, folder: Path) -> dict:
    """A run's errors by list, measured once and kept in its folder.

    Args:
        directory: Of the run.
        folder: Of its camera's lists.
    """

    def measure() -> dict:
        inferencer = _open(directory)
        return _errors_of_lists(folder, lambda path: predict_list(inferencer, path))

    return _kept(directory / IMAGES, measure)


def _constant(folder: Path, training: list[tuple[str, str]]) -> dict:
    metres = mean_truth(training)
    return _errors_of_lists(folder, lambda path: constant_list(path, metres), KEYS[:1])


def _open(directory: Path) -> DepthInferencer:
    config, checkpoint = directory / 'config.py', last_checkpoint(directory)
    return DepthInferencer(str(config), str(checkpoint), flip_test=True, show_progress=False)


def _errors_of_lists(
    folder: Path, predict: Callable[[Path], list[Predicted]], keys: Sequence[str] = KEYS
) -> dict:
    return {name: _errors(predict(path), keys) for name, path in _paths(folder).items()}


def _paths(folder: Path) -> dict[str, Path]:
    paths = {name: folder / f'{name}.txt' for name in LISTS}
    return {name: path for name, path in paths.items() if path.is_file()}


def _errors(frames: Iterable[Predicted], keys: Sequence[str]) -> dict[str, list[float]]:
    errors = [frame.errors() for frame in frames]
    return {key: [round(error[key], 4) for error in errors] for key in keys}


def _teacher(camera: Camera, folder: Path, directory: Path) -> dict:
    """Errors of a network that has not seen the camera, and what scales make of them."""
    if not (directory / 'metrics.json').is_file():  # not finished
        return dict(teacher={}, scaling={})
    return dict(
        teacher=images_of(directory, folder),
        scaling=_kept(directory / SCALING, lambda: _scaling(camera, folder, directory)),
    )


def _scaling(camera: Camera, folder: Path, directory: Path) -> dict:
    inferencer = _open(directory)
    known, tested = (predict_list(inferencer, folder / f'{name}.txt') for name in ('train', 'test'))
    return {
        scene: scaled(_of_scene(known, scene), _of_scene(tested, scene))
        for scene in camera.recordings
    }


def _kept(path: Path, measure: Callable[[], dict]) -> dict:
    """What is measured once, and read from a file from then on."""
    if not path.is_file():
        write_json(path, measure())
    return read_json(path)


def _of_scene(frames: Iterable[Predicted], scene: str) -> list[Predicted]:
    return [frame for frame in frames if Path(frame.image).parent.name == scene]

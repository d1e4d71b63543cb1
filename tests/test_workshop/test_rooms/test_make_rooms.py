"""Files of the data set: layouts, encodings, determinism, interruption."""

import errno
import os
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from depthdecomp_mm.workshop.rooms import SettingsError, generate, make_rooms

COUNTS = dict(metric_train=9, metric_test=1, relative_train=2, relative_val=1)
ROOMS = dict(COUNTS, size=(80, 60), seed=3)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob('*'))
        if path.is_file()
    }


@pytest.fixture(scope='module')
def rooms(tmp_path_factory):
    out = tmp_path_factory.mktemp('rooms')
    return out, make_rooms(out, workers=1, **ROOMS)


def read_list(out: Path, name: str) -> list[list[str]]:
    return [line.split() for line in (out / 'nyu' / name).read_text().splitlines()]


def test_metric_part_has_the_nyu_layout(rooms):
    out, _ = rooms
    for name, count in (('train.txt', 9), ('test.txt', 1)):
        lines = read_list(out, name)
        assert len(lines) == count
        for rgb, depth, focal in lines:
            colour = cv2.imread(str(out / 'nyu' / rgb), cv2.IMREAD_UNCHANGED)
            stored = cv2.imread(str(out / 'nyu' / depth), cv2.IMREAD_UNCHANGED)
            assert colour.shape == (60, 80, 3) and colour.dtype == np.uint8
            assert stored.shape == (60, 80) and stored.dtype == np.uint16
            assert 0.5 < np.median(stored[stored > 0]) / 1000 < 9.8
            assert stored.max() <= 9800
            assert 0.08 < (stored == 0).mean() < 0.7
            assert 40 < colour.mean() < 215 and colour.std() > 8
            assert float(focal) == pytest.approx(0.8107 * 80, abs=0.01)


def test_training_and_test_scenes_are_disjoint(rooms):
    train, test = (
        {line[0].split('/')[0] for line in read_list(rooms[0], name)}
        for name in ('train.txt', 'test.txt')
    )
    assert len(train) == 2 and len(test) == 1 and not train & test


def test_relative_part_has_the_hrwsi_layout(rooms):
    out, _ = rooms
    for split, count in (('train', 2), ('val', 1)):
        folder = out / 'hrwsi' / split
        stems = [{path.stem for path in (folder / kind).iterdir()} for kind in
                 ('imgs', 'gts', 'valid_masks')]  # fmt: skip
        assert stems[0] == stems[1] == stems[2] and len(stems[0]) == count
        for stem in stems[0]:
            disparity = cv2.imread(str(folder / 'gts' / f'{stem}.png'), cv2.IMREAD_UNCHANGED)
            mask = cv2.imread(str(folder / 'valid_masks' / f'{stem}.png'), cv2.IMREAD_UNCHANGED)
            assert disparity.shape == mask.shape == (60, 80) and disparity.dtype == np.uint8
            assert set(np.unique(mask)) <= {0, 255} and 0.3 < (mask > 0).mean() <= 1
            assert (disparity[mask > 0] > 0).all() and disparity[mask > 0].std() > 5


def test_summary_counts_frames_and_metres(rooms):
    summary = rooms[1]
    assert summary['frames'] == summary['rendered'] == 13
    quantiles = list(summary['depth_quantiles'].values())
    assert quantiles == sorted(quantiles) and 1 < quantiles[2] < 6
    assert 0.5 < summary['valid_share'] < 1


def test_workers_do_not_change_a_byte(rooms, tmp_path):
    make_rooms(tmp_path, workers=2, **ROOMS)
    assert contents(tmp_path) == contents(rooms[0])


def test_another_seed_gives_other_rooms(rooms, tmp_path):
    make_rooms(tmp_path, 1, 0, 0, 0, size=(80, 60), seed=4, workers=1)
    here = next(tmp_path.rglob('rgb_00000.jpg')).read_bytes()
    assert here not in contents(rooms[0]).values()


def test_interrupted_run_resumes_to_the_same_bytes(rooms, tmp_path, monkeypatch):
    real, seen = generate.render, []

    def failing(frame):
        seen.append(frame)
        if len(seen) == 7:
            raise KeyboardInterrupt
        return real(frame)

    monkeypatch.setattr(generate, 'render', failing)
    with pytest.raises(KeyboardInterrupt):
        make_rooms(tmp_path, workers=1, **ROOMS)
    assert not (tmp_path / 'nyu' / 'train.txt').exists()
    monkeypatch.setattr(generate, 'render', real)
    assert make_rooms(tmp_path, workers=1, **ROOMS)['rendered'] == 13 - 6
    assert contents(tmp_path) == contents(rooms[0])


def test_hidden_files_of_others_are_kept(tmp_path):
    theirs = tmp_path / 'deep' / '.draft.tmp'
    theirs.parent.mkdir()
    theirs.touch()
    make_rooms(tmp_path, 0, 0, 1, 0, size=(80, 60), workers=1)
    assert theirs.exists()


@pytest.mark.parametrize(
    ('name', 'content'),
    [
        ('nyu/train.txt', 'mine'),
        ('hrwsi/train/imgs/000000.jpg', 'mine'),
        ('rooms.json', '{"rooms": 3}'),
        ('rooms.json', '[]'),
        ('rooms.json', 'mine'),
    ],
)
def test_files_of_others_in_their_places_are_kept(tmp_path, name, content):
    theirs = tmp_path / name
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_text(content)
    with pytest.raises(SettingsError, match='not of this tool'):
        make_rooms(tmp_path, workers=1, **ROOMS)
    assert [path for path in tmp_path.rglob('*') if path.is_file()] == [theirs]
    assert theirs.read_text() == content


def test_a_smaller_set_is_the_start_of_a_larger_one(rooms, tmp_path):
    make_rooms(tmp_path, 3, 1, 1, 0, size=(80, 60), seed=3, workers=1)
    assert make_rooms(tmp_path, workers=1, **ROOMS)['rendered'] == 8
    assert contents(tmp_path) == contents(rooms[0])


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        (dict(seed=4), 'seed'),
        (dict(size=(96, 72)), 'size'),
        (dict(fov=90.0), 'fov'),
        (dict(metric_train=8), 'metric_train'),
    ],
)
def test_a_folder_made_otherwise_is_refused(rooms, change, word):
    before = contents(rooms[0])
    with pytest.raises(SettingsError, match=word):
        make_rooms(rooms[0], workers=1, **{**ROOMS, **change})
    assert contents(rooms[0]) == before


@pytest.mark.parametrize(
    ('change', 'word'),
    [
        (dict(metric_test=-1), 'metric_test'),
        (dict(relative_train=1.5), 'relative_train'),
        (dict(size=(8, 6)), 'size'),
        (dict(seed=-1), 'seed'),
        (dict(workers=0), 'workers'),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_written(tmp_path, change, word):
    with pytest.raises(SettingsError, match=word):
        make_rooms(tmp_path / 'out', **{**ROOMS, 'workers': 1, **change})
    assert not (tmp_path / 'out').exists()


def test_other_cameras_see_another_part_of_the_same_rooms(rooms, tmp_path):
    make_rooms(tmp_path, **{**ROOMS, **dict.fromkeys(COUNTS, 0), 'metric_test': 1}, fov=90.0)
    theirs, ours = ((out / 'nyu/test.txt').read_text().split() for out in (rooms[0], tmp_path))
    assert theirs[:2] == ours[:2] and theirs[2] != ours[2]
    width = ROOMS['size'][0]
    assert float(ours[2]) == pytest.approx(width / 2)  # half of 90 degrees has a tangent of 1


def command_line(repo_root, monkeypatch, *arguments):
    script = repo_root / 'tools' / 'dataset_converters' / 'make_rooms.py'
    monkeypatch.setattr(sys, 'argv', [str(script), *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name='__main__')
    return ended.value.code


def test_command_line_makes_the_same_files(rooms, repo_root, tmp_path, monkeypatch, capsys):
    counts = [f'--{name.replace("_", "-")}={count}' for name, count in COUNTS.items()]
    arguments = ['--out', tmp_path, *counts, '--size=80x60', '--seed=3', '--workers=1']
    assert command_line(repo_root, monkeypatch, *arguments) == 0
    assert contents(tmp_path) == contents(rooms[0])
    assert 'frames/s' in capsys.readouterr().out


@pytest.mark.parametrize(
    'argument', ['--size=160', '--size=0x0', '--fov=180', '--seed=-2', '--workers=0']
)
def test_command_line_refuses_bad_arguments(repo_root, tmp_path, monkeypatch, capsys, argument):
    assert command_line(repo_root, monkeypatch, '--out', tmp_path / 'out', argument) == 2
    assert argument[2:5] in capsys.readouterr().err


@pytest.mark.parametrize('argument', ['--size=8x8', '--seed=-1'])
def test_a_contact_sheet_refuses_bad_arguments(repo_root, tmp_path, monkeypatch, capsys, argument):
    assert (
        command_line(repo_root, monkeypatch, '--contact-sheet', tmp_path / 'a.png', argument) == 2
    )
    assert f'{argument[2:6]} must be' in capsys.readouterr().err


def test_a_contact_sheet_is_a_picture(repo_root, tmp_path, monkeypatch, capsys):
    sheet = tmp_path / 'weights.pth'
    assert command_line(repo_root, monkeypatch, '--contact-sheet', sheet) == 2
    assert 'expected a .png or .jpg file' in capsys.readouterr().err and not sheet.exists()


def test_contact_sheet_shows_both_parts(repo_root, tmp_path, monkeypatch):
    sheet = tmp_path / 'sheet.png'
    assert command_line(repo_root, monkeypatch, '--contact-sheet', sheet, '--size=64x48') == 0
    assert cv2.imread(str(sheet)).shape == (6 * 48, 4 * 3 * 64, 3)


def test_a_full_disk_is_told_in_a_sentence(repo_root, tmp_path, monkeypatch, capsys):
    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, 'fsync', full)
    assert command_line(repo_root, monkeypatch, '--out', tmp_path / 'out') == 2
    error = capsys.readouterr().err
    assert error.startswith('error: ') and error.count('\n') == 1
    assert f"cannot be written: No space left on device: '{tmp_path}/out/rooms.json'" in error


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(
    repo_root, tmp_path, monkeypatch, capsys
):
    (tmp_path / 'file').touch()
    assert command_line(repo_root, monkeypatch, '--out', tmp_path / 'file/out') == 2
    assert 'rooms.json' in capsys.readouterr().err


def test_an_interruption_is_told_in_a_sentence(repo_root, tmp_path, monkeypatch, capsys):
    def interrupt(frame):
        raise KeyboardInterrupt

    monkeypatch.setattr(generate, 'render', interrupt)
    assert command_line(repo_root, monkeypatch, '--out', tmp_path, '--workers=1') == 130
    assert capsys.readouterr().err.strip().startswith('interrupted: the same command continues')

"""Checkpoints: never half written, and the right one to go on from."""

import os
import resource
import shutil
import signal
from pathlib import Path

import pytest
import torch
from mmengine.hooks import CheckpointHook

from depthdecomp_mm.engine import CheckpointError, DepthRunner, PhasedRunner, checkpoint
from depthdecomp_mm.engine.checkpoint import (
    forget_checkpoints,
    latest_checkpoint,
    read_checkpoint,
    read_meta,
    write_pointer,
)
from depthdecomp_mm.files import PARTIAL
from tests.reliability.kill_and_resume import tiny_config
from tests.test_engine.evil import Evil


def contents(iteration=1, **more):
    meta = dict(epoch=iteration, iter=iteration, seed=0, cfg='')
    return dict(meta=meta, state_dict=dict(w=torch.ones(3)), message_hub={}, **more)


@pytest.fixture
def folder(tmp_path):
    """Three checkpoints, the last one noted as such."""
    for number in (1, 2, 3):
        path = tmp_path / f'epoch_{number}.pth'
        torch.save(contents(number), path)
        os.utime(path, (number, number))
    write_pointer(str(tmp_path), str(path))
    return tmp_path


def truncate(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_bit(path):
    data = bytearray(path.read_bytes())
    position = data.index(torch.ones(3).numpy().tobytes())
    data[position] ^= 1
    path.write_bytes(data)


DAMAGE = {
    'truncated': truncate,
    'flipped bit': flip_a_bit,
    'empty': lambda path: path.write_bytes(b''),
    'text': lambda path: path.write_text('no checkpoint'),
    'list': lambda path: torch.save([1, 2], path),
    'foreign': lambda path: torch.save(dict(model=torch.zeros(1)), path),
    'meta is text': lambda path: torch.save(contents(3) | dict(meta='epoch 3'), path),
    'weights only': lambda path: torch.save(dict(state_dict={}, meta={}), path),
    'missing': lambda path: path.unlink(),
    'hostile': lambda path: torch.save(contents(3, x=Evil(path.with_name('trace'))), path),
}


@pytest.mark.parametrize('damage', DAMAGE)
def test_the_last_good_checkpoint_is_picked(folder, damage, monkeypatch):
    warnings: list[str] = []
    monkeypatch.setattr(checkpoint, '_warn', warnings.append)
    newest = folder / 'epoch_3.pth'
    assert latest_checkpoint(str(folder)) == str(newest)
    DAMAGE[damage](newest)
    assert latest_checkpoint(str(folder)) == str(folder / 'epoch_2.pth')
    assert 'epoch_3.pth' in warnings[0] and 'epoch_2.pth' in warnings[1]
    assert not (folder / 'trace').exists()
    with pytest.raises(CheckpointError, match='epoch_3.pth'):
        read_meta(str(newest))


def test_flipped_bits_are_refused_in_our_own_words(tmp_path):
    """Wherever they are: in the pickle, in tensors, in the archive's directory."""
    path, refused = tmp_path / 'epoch_1.pth', 0
    torch.save(contents(), path)
    whole = path.read_bytes()
    for position in range(0, len(whole), 3):
        damaged = bytearray(whole)
        damaged[position] ^= 0x81
        path.write_bytes(damaged)
        try:
            assert read_meta(str(path))['epoch'] == 1
        except CheckpointError:
            refused += 1
    assert refused > len(whole) // 10


def test_weights_with_a_flipped_bit_are_not_predicted_with(tmp_path):
    path = tmp_path / 'weights.pth'
    torch.save(contents(), path)
    assert read_checkpoint(str(path))['state_dict']['w'].tolist() == [1, 1, 1]
    flip_a_bit(path)
    with pytest.raises(CheckpointError, match='weights.pth: damaged, the checksum of .*data/0'):
        read_checkpoint(str(path))


def test_a_folder_is_no_damaged_checkpoint(tmp_path):
    with pytest.raises(CheckpointError, match='cannot be read: Is a directory'):
        read_checkpoint(str(tmp_path))


def test_files_without_checksums_are_read(tmp_path):
    torch.save(contents(), tmp_path / 'old.pth', _use_new_zipfile_serialization=False)
    assert read_checkpoint(str(tmp_path / 'old.pth'))['meta']['epoch'] == 1


@pytest.mark.parametrize('pointer', ['', None, '/elsewhere/epoch_3.pth'])
def test_without_its_note_the_newest_is_picked(folder, pointer):
    note = folder / 'last_checkpoint'
    note.unlink() if pointer is None else note.write_text(pointer)
    torch.save(contents(9), folder / 'best_rmse_epoch_9.pth')  # no optimiser: not for resuming
    assert latest_checkpoint(str(folder)) == str(folder / 'epoch_3.pth')


def test_a_copied_folder_goes_on_from_its_own(folder, tmp_path):
    """And not from the original, which its note names and which has trained on since."""
    copy = tmp_path.with_name(f'{tmp_path.name}_copy')
    shutil.copytree(folder, copy)
    assert latest_checkpoint(str(copy)) == str(copy / 'epoch_3.pth')
    truncate(copy / 'epoch_3.pth')
    assert latest_checkpoint(str(copy)) == str(copy / 'epoch_2.pth')


def test_checkpoints_that_are_kept_elsewhere_are_found(folder, tmp_path):
    """As the checkpoint hook's ``out_dir`` does."""
    elsewhere = tmp_path / 'work'
    elsewhere.mkdir()
    write_pointer(str(elsewhere), str(folder / 'epoch_3.pth'))
    assert latest_checkpoint(str(elsewhere)) == str(folder / 'epoch_3.pth')


def test_a_note_that_is_not_text_is_passed_over(folder):
    (folder / 'last_checkpoint').write_bytes(b'\xff\xfe/epoch_3.pth')
    assert latest_checkpoint(str(folder)) == str(folder / 'epoch_3.pth')


@pytest.mark.parametrize('noted', [True, False])
def test_nothing_to_pick(tmp_path, folder, noted):
    assert latest_checkpoint(str(tmp_path / 'none')) is None
    if not noted:
        (folder / 'last_checkpoint').unlink()
    forget_checkpoints(str(folder))  # a run that starts afresh there
    assert latest_checkpoint(str(folder)) is None


@pytest.mark.parametrize('phase', [1, 2])
def test_a_run_started_afresh_is_not_mixed_with_an_earlier_one(phase, tiny_rooms, tmp_path):
    """It is killed before its first checkpoint in a phase; the earlier run left some in phase 2."""
    cfg = tiny_config(tiny_rooms, tmp_path / 'work')
    (tmp_path / 'work' / 'phase2').mkdir(parents=True)
    torch.save(contents(99), tmp_path / 'work' / 'phase2' / 'epoch_99.pth')
    write_pointer(f'{tmp_path}/work/phase2', f'{tmp_path}/work/phase2/epoch_99.pth')
    cfg.train_dataloader.num_workers, cfg.train_dataloader.persistent_workers = 0, False
    runner, starts = PhasedRunner.from_cfg(cfg), []

    def train(self):
        starts.append(self.work_dir)
        if len(starts) == phase:
            raise KeyboardInterrupt
        saved = contents(2) | dict(state_dict=self.model.state_dict())
        torch.save(saved, f'{self.work_dir}/epoch_2.pth')
        write_pointer(self.work_dir, f'{self.work_dir}/epoch_2.pth')

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DepthRunner, 'train', train)
        with pytest.raises(KeyboardInterrupt):
            runner.train()
    logs = ''.join(path.read_text() for path in tmp_path.rglob('*.log'))
    assert 'phase2 holds checkpoints of an earlier run' in logs
    cfg.resume = 'auto'
    assert PhasedRunner.from_cfg(cfg)._resume_point() == (phase - 1, None)


def test_the_last_phase_with_a_checkpoint_goes_on(tiny_rooms, tmp_path):
    """The phase before may have ended early, or been made longer since."""
    cfg = tiny_config(tiny_rooms, tmp_path / 'work')
    cfg.resume = 'auto'
    for phase in ('phase1', 'phase2'):
        (tmp_path / 'work' / phase).mkdir(parents=True)
        torch.save(contents(1), tmp_path / 'work' / phase / 'epoch_1.pth')
    last = f'{tmp_path}/work/phase2/epoch_1.pth'
    assert PhasedRunner.from_cfg(cfg)._resume_point() == (1, last)


def test_the_best_checkpoint_is_none_to_resume_from(runner):
    """At SIGTERM another one is saved, although the best one is of this very iteration."""
    before = runner.saved_iter
    runner.save_checkpoint(runner.work_dir, 'best_tau_epoch_9.pth', meta=dict(epoch=9, iter=999))
    assert runner.saved_iter == before
    runner.save_checkpoint(runner.work_dir, 'epoch_1.pth', meta=dict(epoch=1, iter=before))
    assert runner.saved_iter == before


@pytest.mark.parametrize('theirs', ['best_rmse_epoch_1.pth', 'photographs'])
def test_a_better_checkpoint_removes_none_elsewhere(runner, tmp_path, theirs):
    """A copied run removed the best checkpoint of the original; a hostile one any folder."""
    work, before = Path(runner.work_dir), tmp_path / theirs
    before.mkdir()
    saved = read_checkpoint(str(work / 'epoch_1.pth'))
    saved['message_hub']['runtime_info']['best_ckpt'] = str(before)
    saved['message_hub']['resumed_keys']['best_ckpt'] = True
    torch.save(saved, work / 'moved.pth')
    hook = CheckpointHook(save_best='rmse', rule='less')
    runner.resume(str(work / 'moved.pth'))
    hook.before_train(runner)
    hook.after_val_epoch(runner, dict(rmse=0.1))
    assert before.is_dir()
    assert (work / 'best_rmse_epoch_1.pth').is_file()


def test_a_write_that_fails_leaves_the_checkpoints_before_it(runner):
    work = Path(runner.work_dir)
    good = read_meta(str(work / 'epoch_1.pth'))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))  # as a disk that is full
    try:
        with pytest.raises(OSError, match='epoch_1.pth .*those before it are whole'):
            runner.save_checkpoint(str(work), 'epoch_1.pth', meta=dict(epoch=1, iter=4))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert latest_checkpoint(str(work)) == str(work / 'epoch_1.pth')
    assert read_meta(str(work / 'epoch_1.pth')) == good
    assert not list(work.glob(f'{PARTIAL}*'))


def test_nan_weights_are_not_saved(runner, monkeypatch):
    weight = next(iter(runner.model.parameters()))
    monkeypatch.setattr(weight, 'data', torch.full_like(weight, float('nan')))
    with pytest.raises(FloatingPointError, match='is not finite'):
        runner.save_checkpoint(runner.work_dir, 'epoch_2.pth', meta=dict(epoch=2, iter=8))
    assert not Path(runner.work_dir, 'epoch_2.pth').exists()

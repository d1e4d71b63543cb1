"""A work directory belongs to one training and one config, and its log holds all warnings."""

import logging
import multiprocessing
import os
import signal
import time

import pytest
import torch
from mmengine.config import Config
from mmengine.logging import MMLogger, print_log

from depthdecomp_mm.engine import ConfigError, PhasedRunner
from depthdecomp_mm.engine.launch import default_work_dir
from depthdecomp_mm.engine.lock import only_training
from depthdecomp_mm.engine.logs import kept_messages, muted_warnings, write_messages
from depthdecomp_mm.engine.origin import check_origin, different_keys, record_origin
from depthdecomp_mm.errors import UserError
from tests.reliability.kill_and_resume import tiny_config
from tests.reliability.ranks import run_ranks

fork = multiprocessing.get_context('fork')


def hold(folder, ready):
    """A training with a loader's worker, which would inherit a lock of the usual kind."""
    with only_training(folder):
        worker = fork.Process(target=time.sleep, args=(60,))
        worker.start()
        ready.put(worker.pid)
        time.sleep(60)


def test_a_lock_that_leads_elsewhere_empties_no_file(tmp_path):
    (tmp_path / 'weights.pth').write_text('weights')
    (tmp_path / '.train.lock').symlink_to('weights.pth')
    with only_training(str(tmp_path)):
        assert (tmp_path / 'weights.pth').read_text() == 'weights'


def test_a_second_training_is_refused_until_the_first_is_dead(tmp_path):
    ready = fork.Queue()
    first = fork.Process(target=hold, args=(str(tmp_path), ready))
    first.start()
    worker = ready.get(timeout=60)
    try:
        with pytest.raises(UserError, match='another process is training there'):
            with only_training(str(tmp_path)):
                pass
        first.kill()
        first.join()
        os.kill(worker, 0)  # it lives
        with only_training(str(tmp_path)):
            with only_training(str(tmp_path)):  # a phase without a folder of its own
                pass
            other = fork.Process(target=refused, args=(str(tmp_path),))
            other.start()
            other.join()
            assert other.exitcode == 0
    finally:
        os.kill(worker, signal.SIGKILL)


def refused(folder):
    from depthdecomp_mm.engine import lock

    lock._held.clear()  # a process of its own would not have it
    with pytest.raises(UserError):
        with only_training(folder):
            pass


def train_in(folder):
    with only_training(folder):
        torch.distributed.barrier()
        return True


def test_all_ranks_of_a_run_train_in_its_folder(tmp_path):
    (tmp_path / 'work').mkdir()
    assert run_ranks(train_in, 2, tmp_path, str(tmp_path / 'work')) == [True, True]


def config(**changes):
    cfg = Config(
        dict(
            model=dict(type='M', encoder=dict(model_name='a', pretrained=True), decoder=None),
            train_dataloader=dict(batch_size=4, dataset=dict(data_root='A/', pipeline=[dict(p=1)])),
            optim_wrapper=dict(type='OptimWrapper', optimizer=dict(lr=1)),
            param_scheduler=[dict(gamma=0.1)],
            train_cfg=dict(max_epochs=3),
        )
    )
    cfg.merge_from_dict(changes)
    return cfg


@pytest.mark.parametrize(
    ('changes', 'named'),
    [
        ({}, None),
        ({'train_cfg.max_epochs': 5, 'train_dataloader.batch_size': 2}, None),
        ({'model.encoder.pretrained': False, 'optim_wrapper.type': 'AmpOptimWrapper'}, None),
        ({'model.encoder.model_name': 'b'}, 'two.model.encoder.model_name'),
        ({'train_dataloader.dataset.data_root': 'B/'}, 'train_dataloader.dataset.data_root'),
        ({'train_dataloader.dataset.pipeline.0.p': 2}, 'dataset.pipeline.0.p'),
        ({'optim_wrapper.optimizer.lr': 2}, 'optim_wrapper.optimizer.lr'),
        ({'param_scheduler.0.gamma': 0.2}, 'param_scheduler.0.gamma'),
    ],
)
def test_a_folder_with_checkpoints_of_another_config_is_refused(tmp_path, changes, named):
    phases = dict(one=config(), two=config())
    record_origin(str(tmp_path), phases)
    changed = dict(phases, two=config(**changes))
    check_origin(str(tmp_path), changed)  # nothing would be lost, nothing taken
    (tmp_path / 'one').mkdir()
    (tmp_path / 'one' / 'epoch_1.pth').touch()
    if named is None:
        return check_origin(str(tmp_path), changed)
    with pytest.raises(ConfigError, match=f'another config, which differs in .*{named}: give'):
        check_origin(str(tmp_path), changed)


def test_keys_that_differ_are_named_in_full():
    before = dict(a=dict(b=[1, dict(c=2)], d=None), e=[1])
    assert different_keys(before, dict(a=dict(b=[1, dict(c=3)]), e=[1, 2])) == ['a.b.1.c', 'e']


@pytest.mark.parametrize('resume', ['auto', False])
def test_training_refuses_a_folder_of_another_config(resume, tiny_rooms, tmp_path):
    cfg = tiny_config(tiny_rooms, tmp_path / 'work')
    (tmp_path / 'work' / 'phase2').mkdir(parents=True)
    runner = PhasedRunner.from_cfg(cfg)
    record_origin(cfg.work_dir, {n: runner.phase_cfg(i) for i, n in enumerate(runner.names)})
    (tmp_path / 'work' / 'phase2' / 'epoch_3.pth').write_text('weights')
    cfg.model.max_depth, cfg.resume = 8.0, resume
    with pytest.raises(ConfigError, match='differs in phase1.model.max_depth, phase2'):
        PhasedRunner.from_cfg(cfg).train()
    assert (tmp_path / 'work' / 'phase2' / 'epoch_3.pth').read_text() == 'weights'


@pytest.mark.parametrize(
    ('path', 'name'),
    [
        ('my_camera/config.py', 'my_camera'),
        ('/a/my_camera/config_hrwsi.py', 'my_camera_hrwsi'),
        ('configs/depthdecomp/nyu_51k.py', 'nyu_51k'),
        ('configs/configuration.py', 'configuration'),
    ],
)
def test_a_config_called_config_is_named_after_its_folder(path, name):
    assert default_work_dir(path) == f'work_dirs/{name}'


def test_warnings_are_logged_again_after_they_were_muted(tmp_path):
    logger = MMLogger.get_instance('muted', log_file=str(tmp_path / 'log'))
    with muted_warnings():
        print_log('first', logger, logging.WARNING)
    print_log('second', logger, logging.WARNING)
    with muted_warnings():
        print_log('third', logger, logging.WARNING)
    assert [line.split()[-1] for line in (tmp_path / 'log').read_text().splitlines()] == ['second']


def test_what_is_logged_before_there_is_a_file_comes_into_it(tmp_path):
    with kept_messages() as kept:
        print_log('a checkpoint was passed over', 'current', logging.WARNING)
    logger = MMLogger.get_instance('kept', log_file=str(tmp_path / 'log'))
    write_messages(kept, logger)
    write_messages(kept, logger)
    assert (tmp_path / 'log').read_text().count('WARNING - a checkpoint was passed over') == 1

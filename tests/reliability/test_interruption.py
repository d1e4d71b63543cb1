"""Training that is killed or told to stop goes on as if it had not been."""

import os
import random
import signal

from depthdecomp_mm.engine.checkpoint import INTERRUPTED, read_checkpoint
from depthdecomp_mm.engine.termination import EXIT_STATUS
from depthdecomp_mm.files import PARTIAL

from .kill_and_resume import Trainer, differences, tiny_config


def test_killed_runs_end_with_the_same_bits(tiny_rooms, undisturbed, tmp_path):
    cfg, dice = tiny_config(tiny_rooms, tmp_path / 'work'), random.Random(0)
    for resume, (moment, times) in enumerate([('writing', 2), ('training', 2), ('validating', 1)]):
        trainer = Trainer(cfg, bool(resume))
        assert trainer.wait_for(moment, times)
        trainer.kill(with_workers=dice.random() < 0.5)
    Trainer(cfg, True).finish()
    assert not differences(undisturbed, tmp_path / 'work')
    assert not [*tmp_path.rglob(f'{PARTIAL}*')]


def test_sigterm_saves_and_ends(tiny_rooms, undisturbed, tmp_path):
    """In the middle of an epoch; schedulers send the signal to the data loader's workers, too."""
    cfg = tiny_config(tiny_rooms, tmp_path / 'work')
    trainer = Trainer(cfg, resume=False)
    assert trainer.wait_for('training', 2)
    os.killpg(trainer.process.pid, signal.SIGTERM)
    trainer.process.join(60)
    assert trainer.process.exitcode == EXIT_STATUS == 143
    assert 'SIGTERM: stopped' in trainer.log.read_text()
    assert 'Traceback' not in trainer.log.read_text()
    saved = read_checkpoint(str(tmp_path / 'work' / 'phase1' / INTERRUPTED))['meta']
    assert saved['epoch'] == 1 and 4 < saved['iter'] < 8
    Trainer(cfg, True).finish()
    assert not differences(undisturbed, tmp_path / 'work')
    assert not [*tmp_path.rglob(INTERRUPTED)]

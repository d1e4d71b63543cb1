"""A step of training keeps a GPU busy: the host waits for nothing on it."""

import pytest

from depthdecomp_mm.registry import MODELS

from .ranks import eight_ranks, wrapped
from .steps import PRECISIONS, check_step, config_of, model_of

pytestmark = pytest.mark.filterwarnings('ignore::FutureWarning')  # of MMEngine's GradScaler

CASES = [('nyu_51k_hrwsi', precision) for precision in PRECISIONS] + [('rooms_hrwsi', 'float16')]
PHASES = ('phase1', 'phase2')


@pytest.mark.parametrize('phase', PHASES)
@pytest.mark.parametrize(('name', 'precision'), CASES)
def test_on_one_gpu(name, phase, precision):
    cfg = config_of(name, phase)
    check_step(cfg, model_of(cfg), precision)


@pytest.mark.parametrize('phase', PHASES)
@pytest.mark.parametrize(('name', 'precision'), CASES)
def test_on_eight_gpus(name, phase, precision):
    cfg = config_of(name, phase)
    with eight_ranks():
        check_step(cfg, wrapped(cfg, model_of(cfg)), precision)


def test_trimmed_losses():
    cfg = config_of('rooms_hrwsi', 'phase1')
    for name in ('loss_g', 'loss_n'):
        cfg.model.losses[name].trim = 0.1
    check_step(cfg, model_of(cfg), 'float16')


@pytest.mark.parametrize('phase', PHASES)
def test_with_a_teacher(phase):
    cfg = config_of('rooms_distilled', phase)
    model = model_of(cfg)
    model.set_teacher(MODELS.build(cfg.model.teacher.model))
    check_step(cfg, model, 'float16')

"""What M-Net's map learns from at the start of phase 2.

Where the mean of the map is farther off than the ground truth spreads, the L1 losses have one sign
in all pixels of an image: they say nothing of its structure, and M-Net's features shrink until the
map is nothing but the mean.
"""

from types import SimpleNamespace

import torch
from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope

from depthdecomp_mm.engine import DecoderStartHook
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.registry import HOOKS, MODELS
from tests.builders import images, sample
from tests.conftest import ROOT


def start(name: str, seed: int, options: dict | None = None) -> torch.nn.Module:
    """The network of a config's second phase, after a first one that learnt nothing."""
    init_default_scope('depthdecomp_mm')
    torch.manual_seed(seed)
    cfg = Config.fromfile(ROOT / 'configs' / 'depthdecomp' / f'{name}.py')
    cfg.merge_from_dict(options or {})
    checkpoint = dict(state_dict=MODELS.build(phase_config(cfg, 'phase1').model).state_dict())
    second = phase_config(cfg, 'phase2')
    model = MODELS.build(second.model)
    for hook in map(HOOKS.build, second.default_hooks.values()):
        if isinstance(hook, DecoderStartHook):
            runner = SimpleNamespace(model=model, logger=MMLogger.get_current_instance())
            hook.after_load_checkpoint(runner, checkpoint)
    model.load_state_dict(checkpoint['state_dict'], strict=False)
    return model.train()


@torch.no_grad()
def one_signed(model) -> float:
    """How far the sign of the error is the same in all pixels of an image: 0 to 1."""
    model.loss(images(4), [sample(seed=seed) for seed in range(4)])
    pred, target, mask = model.training_maps['metric']
    signs = (pred - target).sign().where(mask, 0).sum((1, 2, 3)) / mask.sum((1, 2, 3))
    return signs.abs().mean().item()


def test_errors_have_both_signs_from_the_start():
    assert max(one_signed(start('rooms', seed)) for seed in range(3)) < 0.6
    no_mdr = {'model.metric_decoder.mdr': None}
    assert max(one_signed(start('rooms', seed, no_mdr)) for seed in range(3)) < 0.6
    assert max(one_signed(start('rooms_random', seed)) for seed in range(3)) > 0.9  # it may die

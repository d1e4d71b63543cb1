"""What decides the results of a run, and a digest of it."""

from __future__ import annotations

import hashlib
import json

from mmengine.config import Config

from depthdecomp_mm.engine.phases import phase_config, read_phases

DECISIVE = (
    *(
        'model',
        'train_dataloader',
        'optim_wrapper',
        'param_scheduler',
        'train_cfg',
        'auto_scale_lr',
    ),
    *('load_from', 'randomness', 'custom_hooks', 'test_dataloader', 'test_evaluator'),
)
# of the hooks of the runtime, where a config has them
DECISIVE_HOOKS = ('decoder_start',)


def decisive_settings(cfg: Config) -> dict[str, dict]:
    """What decides what each phase learns and the results, by the name of the phase."""
    content = {name: phase_config(cfg, name).to_dict() for name in read_phases(cfg)}
    decisive = {name: {key: phase.get(key) for key in DECISIVE} for name, phase in content.items()}
    for name, phase in content.items():
        hooks = phase.get('default_hooks') or {}
        decisive[name].update({key: hooks[key] for key in DECISIVE_HOOKS if key in hooks})
    return decisive


def config_digest(cfg: Config) -> str:
    """What decides a run's results apart from its seed, in 12 digits.

    It is of the phases as they run: names that other settings refer to, and hooks of the runtime
    that change nothing of what is learnt, such as logs, may change.
    """
    decisive = decisive_settings(cfg)
    for phase in decisive.values():
        phase['randomness'] = dict(phase['randomness'] or {}, seed=None)
    text = json.dumps(decisive, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]

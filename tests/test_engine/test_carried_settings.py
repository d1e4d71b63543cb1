"""Weights fit networks that make another depth of them; the checkpoint's own config tells."""

import pytest
from mmengine.config import Config
from torch import nn

from depthdecomp_mm.engine.carried_settings import other_network


class Network(nn.Module):
    def __init__(self, encoder, representation='inverse', max_depth=10.0, losses=None):
        super().__init__()


TRAINED = dict(
    type='depthdecomp_mm.DepthDecomposer',
    encoder=dict(type='TimmEncoder', pretrained=True, drop_path_rate=0.2, channels=(1, 2)),
    losses=dict(loss_m=dict(type='L1Loss')),
)


@pytest.mark.parametrize(
    ('changes', 'words'),
    [
        ({}, ''),
        ({'representation': 'inverse', 'max_depth': 10, 'type': 'DepthDecomposer'}, ''),
        ({'encoder.pretrained': False, 'encoder.drop_path_rate': 0, 'losses': None}, ''),
        ({'representation': 'depth'}, "model.representation was 'inverse' and is 'depth'"),
        ({'max_depth': 80.0}, 'model.max_depth was 10.0 and is 80.0'),
        ({'encoder.channels': [1, 3]}, 'model.encoder.channels.1 was 2 and is 3'),
        ({'encoder.type': 'Other'}, "model.encoder.type was 'TimmEncoder' and is 'Other'"),
    ],
)
def test_settings_that_differ_are_named(changes, words):
    checkpoint = dict(meta=dict(cfg=Config(dict(model=TRAINED)).pretty_text))
    used = Config(dict(model=TRAINED))
    used.merge_from_dict({f'model.{key}': value for key, value in changes.items()})
    assert other_network(checkpoint, used.model, Network(None)) == words


@pytest.mark.parametrize('meta', [None, {}, dict(cfg=3), dict(cfg='import os'), dict(cfg='a = 1')])
def test_a_checkpoint_that_does_not_tell(meta):
    assert other_network(dict(meta=meta), TRAINED, Network(None)) == ''

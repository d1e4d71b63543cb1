"""The tool that tells where the error of a network is."""

import runpy

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.structures import PixelData

from depthdecomp_mm.registry import DATASETS
from depthdecomp_mm.workshop.oracles import MEAN, OTHER_GUIDES, TRUE_MEAN, compose, measure
from tests.builders import LIGHT, light_model


@pytest.fixture
def rooms(tiny_rooms, monkeypatch):
    monkeypatch.setenv('ROOMS_ROOT', str(tiny_rooms))
    init_default_scope('depthdecomp_mm')
    return DATASETS.build(Config.fromfile(LIGHT).test_dataloader.dataset)


def rmse(a, b):
    return np.sqrt(((a - b) ** 2).mean())


def test_parts_are_put_together_by_hand(rooms, monkeypatch):
    """Metres of M-Net: 2 plus half of the truth's; of N-Net: the truth, mirrored."""
    model = light_model(representation='depth').eval()
    truths = [model.targets([s['data_samples']], (48, 64))['metric'] for s in rooms]
    answers = iter([half for t, _ in truths for half in [(2 + t / 2, t.flip(-1))] * 2])

    def raw_outputs(_, names):
        metric, normalized = next(answers)
        return {k: v for k, v in dict(metric=metric, normalized=normalized).items() if k in names}

    monkeypatch.setattr(model, 'raw_outputs', raw_outputs)
    found = measure(model, rooms, batch_size=1)
    for i, (truth, mask) in enumerate(truths):
        true, mirrored = truth[mask].numpy(), truth.flip(-1)[mask].numpy()
        shape = (mirrored - mirrored.mean()) / mirrored.std()
        metric = 2 + true / 2
        expected = {
            'as it is': rmse(metric, true),
            'true mean': rmse(true.mean() + (true - true.mean()) / 2, true),
            'true mean and deviation': 0,
            'true shape': rmse(metric, true),
            "N-Net's shape": rmse(metric.mean() + metric.std() * shape, true),
            "N-Net's shape, true mean and deviation": rmse(true.mean() + true.std() * shape, true),
            OTHER_GUIDES: rmse(metric, true),
            MEAN: metric.mean(),
            TRUE_MEAN: true.mean(),
        }
        assert {k: v[i] for k, v in found.items()} == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_a_flat_map_stays_flat():
    flat = torch.full((4,), 0.5)
    assert compose(flat, flat + 1, flat).tolist() == [0.5] * 4


def test_other_guides_change_the_maps_and_are_gone_afterwards(rooms):
    model = light_model().eval()
    torch.nn.init.constant_(model.metric_decoder.predict.bias, 0.3)  # metres in range
    before = [hooks for hooks in model.metric_decoder._forward_pre_hooks]
    found = measure(model, rooms, batch_size=2)
    assert found[OTHER_GUIDES] != found['as it is']
    assert [hooks for hooks in model.metric_decoder._forward_pre_hooks] == before


def test_images_of_a_batch_may_have_ground_truth_of_several_sizes(rooms):
    model = light_model().eval()
    whole, part = rooms[0], rooms[1]
    crop = {key: part['data_samples'].pop(key).data for key in ('gt_depth_map', 'gt_valid_mask')}
    for key, data in crop.items():
        setattr(part['data_samples'], key, PixelData(data=data[:, :-20]))
    both = measure(model, [whole, part], batch_size=2)
    alone = measure(model, [whole], batch_size=1)
    assert both['as it is'][0] == pytest.approx(alone['as it is'][0], rel=1e-4)
    assert len(both['as it is']) == 2


def test_networks_stand_beside_each_other(rooms, repo_root, tmp_path, capsys):
    torch.save(dict(state_dict=light_model().state_dict()), tmp_path / 'weights.pth')
    paths = [str(LIGHT), str(tmp_path / 'weights.pth')]
    plot = tmp_path / 'oracles.png'
    networks = ['--model', 'A', *paths, '--model', 'B', *paths]
    tool = repo_root / 'tools' / 'analysis_tools' / 'oracles.py'
    runpy.run_path(str(tool), run_name='tool')['main']([*networks, '--plot', str(plot)])
    text = capsys.readouterr().out
    lines = [row.strip('| ').split(' | ') for row in text.splitlines() if row.startswith('|')]
    assert [line[0] for line in lines].count('A') == len(lines) / 2 - 2 == 8
    assert not any('nan' in cell for line in lines for cell in line)
    assert plot.stat().st_size > 10_000

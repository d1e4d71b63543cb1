"""The authors' released networks, converted: the same numbers, or a refusal."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.fileio import load

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.engine.checkpoint import read_checkpoint
from depthdecomp_mm.errors import CheckpointError, UserError
from tests import parity_weights

CASES = {
    'depth_effB5': 'depthdecomp/released/nyu_51k.py',
    'depth_decomp_effB5': 'depthdecomp/released/nyu_795_hrwsi.py',
    'depth_decomp_effB5_mdr': 'depthdecomp/released/nyu_hrwsi.py',
}


@pytest.fixture(scope='module')
def converter(repo_root):
    """The command line as a function of SRC and DST."""
    path = repo_root / 'tools/model_converters/convert_official.py'
    spec = importlib.util.spec_from_file_location('convert_official', path)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return lambda source, target: tool.main([str(source), str(target)])


@pytest.mark.parametrize('case', CASES)
def test_converted_network_gives_the_released_outputs(case, converter, parity, tmp_path):
    source, target = tmp_path / 'any_name.pt', tmp_path / 'converted.pth'
    torch.save({'model': parity_weights.state_dict(parity, case)}, source)
    converter(source, target)
    model = init_model(CASES[case], target)
    assert read_checkpoint(str(target))['meta']['config_name'] == CASES[case]
    source.unlink(), target.unlink()  # hundreds of megabytes
    with torch.no_grad():
        ours = model(parity_weights.image(), mode='tensor')['metric'].numpy()
    output = np.load(parity / f'{case}.seed0.npz')['output']
    assert np.abs(ours - output).max() / np.abs(output).max() <= 1e-5


def empty_state(parity, case: str = 'depth_effB5') -> dict:
    """A state dict of the released shapes, of zeros that take no room."""
    shapes = parity_weights.shapes(parity, case)
    return {key: torch.zeros(()).expand(tuple(shape)) for key, shape in shapes.items()}


def rename(state):
    state['up1_m._net.0.weights'] = state.pop('up1_m._net.0.weight')


def remove(state):
    del state['encoder._blocks.7._bn0.running_var']


def reshape(state):
    state['conv_m32.weight'] = torch.zeros(1024, 2048)


def add_decoder(state):
    state['up1_g._net.0.weight'] = torch.zeros(1)


def spoil(state):
    state['conv_metric.bias'] = torch.tensor([float('nan')])


def text_for_weights(state):
    state['conv_metric.bias'] = 'heavy'


@pytest.mark.parametrize(
    'change, words',
    [
        (rename, ['1 missing: up1_m._net.0.weight;', '1 left over: up1_m._net.0.weights']),
        (remove, ['1 missing: encoder._blocks.7._bn0.running_var']),
        (reshape, ['conv_m32.weight (found (1024, 2048), expected (1024, 2048, 1, 1))']),
        (add_decoder, ['none of the released networks', 'found G-, M-Net without MDR']),
        (spoil, ['NaN or infinity in conv_metric.bias']),
        (text_for_weights, ['conv_metric.bias (found str']),
    ],
)
def test_refuses_other_networks(change, words, converter, parity, tmp_path):
    state = empty_state(parity)
    change(state)
    refused(converter, dict(model=state), words, tmp_path)


ODD = {
    'numbers for names': {1: torch.zeros(1)},
    'pairs for names': {('a', 'b'): torch.zeros(1)},
    'a list': [torch.zeros(1)],
}


@pytest.mark.parametrize('case', ODD)
def test_refuses_odd_keys(case, converter, tmp_path, capsys):
    refused(
        converter, dict(model=ODD[case]), ['the key' if 'for' in case else 'list'], tmp_path, capsys
    )


class Malicious:
    def __reduce__(self):
        return os.system, ('touch executed',)


@pytest.mark.parametrize('legacy', [False, True])
def test_refuses_to_execute(legacy, converter, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = dict(model=Malicious())
    refused(converter, content, ['may execute code', 'system'], tmp_path, legacy)
    assert not (tmp_path / 'executed').exists()


@pytest.mark.parametrize('share', [0, 0.5, 0.99])
def test_refuses_truncated_files(share, converter, parity, tmp_path):
    whole = tmp_path / 'whole.pt'
    torch.save(dict(model=empty_state(parity)), whole)
    source = tmp_path / 'source.pt'
    source.write_bytes(whole.read_bytes()[: int(share * whole.stat().st_size)])
    refused(converter, None, ['cut off, damaged or no PyTorch checkpoint'], tmp_path)


def test_refuses_what_is_not_there_or_the_same_file(converter, parity, tmp_path):
    refused(converter, None, ['no such checkpoint'], tmp_path)
    torch.save(dict(model=empty_state(parity)), tmp_path / 'source.pt')
    for target in ('source.pt', 'other.pth'):
        (tmp_path / 'other.pth').write_bytes(b"somebody else's")
        before = (tmp_path / target).read_bytes()
        with pytest.raises(UserError, match=target):
            converter(tmp_path / 'source.pt', tmp_path / target)
        assert (tmp_path / target).read_bytes() == before


def refused(converter, content, words, folder, legacy=False):
    """Assert that a checkpoint is refused in a sentence that holds the words."""
    source, target = folder / 'source.pt', folder / 'out' / 'target.pth'
    if content is not None:
        torch.save(content, source, _use_new_zipfile_serialization=not legacy)
    with pytest.raises(CheckpointError) as error:
        converter(source, target)
    message = str(error.value)
    assert '\n' not in message and str(source) in message
    assert all(word in message for word in words), message
    assert not target.parent.exists() or not list(target.parent.iterdir())


EVALUATION = """
_base_ = '{config}'
test_dataloader = dict(
    num_workers=0,
    persistent_workers=False,
    dataset=dict(data_root='{root}', ann_file='{list}'),
)
test_evaluator = [
    dict(type='DepthMetric', crop='nyu'),
    dict(type='DumpResults', out_file_path='{dump}'),
]
"""


def test_evaluation_follows_the_release(converter, parity, real_rgbd, repo_root, tmp_path):
    """tools/test.py against the release's steps, carried out here one by one."""
    state = parity_weights.state_dict(parity, 'depth_decomp_effB5_mdr')
    # codes around .5 and some below zero, so that decoding and clamping matter
    state['conv_metric.weight'] = state['conv_metric.weight'] * 0.2
    state['VIT.regressor.4.weight'] = torch.zeros(1, 256)
    state['VIT.regressor.4.bias'] = torch.tensor([0.5])
    source, target = tmp_path / 'source.pt', tmp_path / 'converted.pth'
    torch.save(dict(model=state), source)
    converter(source, target)
    paths = dict(root=real_rgbd / 'nyu_sync', list=tmp_path / 'list.txt', dump=tmp_path / 'out.pkl')
    config = repo_root / 'configs' / CASES['depth_decomp_effB5_mdr']
    (tmp_path / 'config.py').write_text(EVALUATION.format(config=config, **paths))
    paths['list'].write_text('rgb_00050.jpg sync_depth_00050.png 518.8579\n')
    subprocess.run(
        [sys.executable, 'tools/test.py', tmp_path / 'config.py', target]
        + ['--work-dir', tmp_path, '--out', tmp_path / 'metrics.json'],
        cwd=repo_root, env=dict(os.environ, OMP_NUM_THREADS='2'), check=True, capture_output=True,
    )  # fmt: skip
    ours = load(paths['dump'])[0]['pred_depth_map']['data'][0].numpy()

    model = init_model(None, target)
    source.unlink(), target.unlink()
    bgr = cv2.imread(str(real_rgbd / 'nyu_sync/rgb_00050.jpg'))
    rgb = cv2.resize(bgr, (512, 384), interpolation=cv2.INTER_LINEAR)[..., ::-1] / 255.0
    normalized = (rgb - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    inputs = torch.from_numpy(normalized.astype(np.float32).transpose(2, 0, 1)[None])
    depths = []
    for mirror in (False, True):
        with torch.no_grad():
            code = model(inputs.flip(3) if mirror else inputs, mode='tensor')['metric']
        depth = np.full(code.shape, 10, dtype=np.float32)
        np.divide(1, code.numpy(), out=depth, where=code.numpy() > 0)
        depth = np.clip(depth - (code.numpy() > 0), 1e-3, 10)
        depths.append(depth[..., ::-1] if mirror else depth)
    assert min(d.min() for d in depths) < 0.2 and max(d.max() for d in depths) == 10
    mean = torch.from_numpy((depths[0] + depths[1]) / 2)
    theirs = F.interpolate(mean, (480, 640), mode='bilinear', align_corners=True)[0, 0].numpy()
    assert ours.shape == theirs.shape
    error = np.abs(ours - theirs)  # metres; decoding magnifies rounding most where codes are small
    assert np.median(error) < 1e-5 and error.max() < 1e-3

    stored = cv2.imread(str(real_rgbd / 'nyu_sync/sync_depth_00050.png'), cv2.IMREAD_UNCHANGED)
    truth = stored[45:471, 41:601] / 1000
    valid = (truth > 1e-3) & (truth < 10)
    gt, pred = truth[valid], theirs[45:471, 41:601][valid].astype(float)
    ratio = np.maximum(gt / pred, pred / gt)
    expected = dict(
        rmse=np.sqrt(np.mean((gt - pred) ** 2)),
        abs_rel=np.mean(np.abs(gt - pred) / gt),
        log10=np.mean(np.abs(np.log10(gt) - np.log10(pred))),
        **{f'd{i}': np.mean(ratio < 1.25**i) for i in (1, 2, 3)},
    )
    metrics = json.loads((tmp_path / 'metrics.json').read_text())
    for name, value in expected.items():
        assert metrics[name] == pytest.approx(value, rel=1e-4), (name, metrics)

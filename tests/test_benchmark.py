"""The benchmark: its baseline is the released network, its quotients are of one round."""

from __future__ import annotations

import json
import sys

import cv2
import numpy as np
import pytest
import torch

from tests import mini_sets, parity_weights


@pytest.fixture
def benchmark(repo_root, monkeypatch):
    """The command line as a function of its arguments."""
    monkeypatch.syspath_prepend(str(repo_root / 'tools' / 'analysis_tools'))
    import benchmark

    yield benchmark.main
    torch.set_num_threads(1)


def rows_of(path):
    return {row['name']: row for row in json.loads(path.read_text())['rows']}


def test_quotients_are_taken_within_a_round(benchmark):
    from benchmarks.timing import Measurement, compare

    seen = dict(
        baseline=Measurement(1.0, [1.0, 10.0, 1.0], 5.0),
        other=Measurement(1.5, [0.5, 5.0, 0.5], 3.0),
    )
    first, second = compare(seen, lambda a, b: a - b)
    assert (first.faster, first.difference) == (1, None)
    assert (second.seconds, second.faster, second.low_faster, second.high_faster) == (0.5, 2, 2, 2)
    assert second.difference == 0.5


def test_calls_take_turns_and_warm_up_uncounted(benchmark):
    from benchmarks.timing import take_turns

    order = []
    seen = take_turns({n: lambda n=n: order.append(n) or n for n in 'abc'}, rounds=2, warmup=1)
    assert ''.join(order) == 'abc' + 'abc' + 'bca'
    assert [len(m.seconds) for m in seen.values()] == [2, 2, 2]
    assert [m.result for m in seen.values()] == list('abc')


def test_peak_memory_is_that_of_the_call(benchmark):
    from benchmarks.timing import take_turns

    calls = dict(small=lambda: np.ones(2**17).sum(), large=lambda: np.ones(2**23).sum())
    seen = take_turns(calls, 1)
    if seen['large'].peak_mib is None:
        pytest.skip('the peak of memory cannot be reset here')
    assert seen['small'].peak_mib < 16
    assert 60 < seen['large'].peak_mib < 96


def test_baseline_is_the_released_network(benchmark, parity):
    pytest.importorskip('efficientnet_pytorch')
    from benchmarks.released import ReleasedNetwork

    case = 'depth_decomp_effB5_mdr'
    network = ReleasedNetwork().eval()
    network.load_state_dict(parity_weights.state_dict(parity, case))
    with torch.no_grad():
        found = network(parity_weights.image())['metric'].numpy()
    output = np.load(parity / f'{case}.seed0.npz')['output']
    assert np.abs(found - output).max() / np.abs(output).max() <= 1e-5


def test_a_missing_baseline_is_named_and_the_rest_measured(benchmark, monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, 'efficientnet_pytorch', None)
    monkeypatch.setitem(sys.modules, 'transformers', None)
    out = tmp_path / 'predict.json'
    names = ['released', 'plain', 'fused', 'DPT-Hybrid']
    arguments = ['--rounds', '1', '--warmup', '1', '--size', '64', '64', '--json', str(out)]
    assert benchmark(['predict', '--candidates', *names, *arguments]) == 0
    rows = rows_of(out)
    assert list(rows) == ['plain', 'fused', 'released', 'DPT-Hybrid']
    for name in ('released', 'DPT-Hybrid'):
        assert rows[name]['note'] == 'not installed: pip install depthdecomp_mm[benchmark]'
    assert rows['fused']['difference'] < 1e-4


def test_fill_compares_all_solutions(benchmark, tmp_path):
    root, out = mini_sets.make_custom(tmp_path, count=1), tmp_path / 'fill.json'
    files = [str(root / 'depth/00000.png'), str(root / 'color/00000.jpg')]
    assert benchmark(['fill', *files, '--rounds', '1', '--json', str(out)]) == 0
    rows = rows_of(out)
    assert len(rows) == 4
    # fill_depth solves the same equations as the full system with measured pixels kept
    assert rows['fill_depth']['difference'] < 1e-6
    assert rows['fill_depth']['note'] == 'holes left: 0, measured pixels changed: 0'
    assert '64 x 48' in json.loads(out.read_text())['title']


def test_metrics_keep_a_few_numbers_of_a_frame(benchmark, tmp_path):
    out = tmp_path / 'evaluate.json'
    assert benchmark(['evaluate', '--rounds', '1', '--frames', '3', '--json', str(out)]) == 0
    row = rows_of(out)['all metrics, one thread']
    assert row['difference'] < 1e-9
    assert int(row['note'].split()[0]) < 2500


def test_metrics_are_measured_on_the_frames_of_a_list(benchmark, tmp_path):
    depth = np.random.default_rng(0).integers(500, 9000, (2, 40, 50), np.uint16)
    for number in range(2):
        cv2.imwrite(str(tmp_path / f'{number}.png'), depth[number])
    (tmp_path / 'list.txt').write_text('a.jpg 0.png 60.5\nb.jpg 1.png\n')
    out = tmp_path / 'evaluate.json'
    frames = ['--list', str(tmp_path / 'list.txt'), '--frames', '2']
    assert benchmark(['evaluate', '--rounds', '1', *frames, '--json', str(out)]) == 0
    assert 'evaluate, 2 frames of 2000 pixels' in out.read_text()
    assert rows_of(out)['all metrics']['difference'] < 1e-9


def test_loader_loads_every_image(benchmark, tmp_path):
    out = tmp_path / 'loader.json'
    arguments = ['--images', '6', '--batch', '2', '--workers', '0', '--rounds', '1']
    assert benchmark(['loader', *arguments, '--json', str(out)]) == 0
    assert list(rows_of(out)) == ['Pillow and NumPy', 'ours']
    assert benchmark(['loader', '--backends', *arguments, '--json', str(out)]) == 0
    assert list(rows_of(out)) == ['plain files', 'LMDB', 'HTTP']


@pytest.mark.parametrize(
    'arguments',
    ['loader --images 0', 'loader --rounds 0', 'evaluate --frames -1',
     'fill --depth-scale nan', 'predict --size 0 0', 'predict --device gpu', 'train --batch 0',
     'loader --json absent/x.json'],
)  # fmt: skip
def test_bad_arguments_are_refused_before_measuring(benchmark, arguments):
    with pytest.raises(SystemExit) as end:
        benchmark(arguments.split())
    assert end.value.code == 2

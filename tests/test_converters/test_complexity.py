"""Tables 5 and 6: parts and the whole."""

import json

import pytest
import torch

from depthdecomp_mm.analysis import flop_analyzer, millions
from depthdecomp_mm.config_names import find_config
from depthdecomp_mm.errors import ConfigError, UserError
from depthdecomp_mm.models import MDRBlock
from tests.builders import light_model

SIZE = (96, 128)
PARTS = ('encoder', 'G-Net', 'N-Net', 'M-Net without MDR', 'MDR block')


@pytest.fixture
def complexity(tool):
    return tool('analysis_tools/complexity')


@pytest.fixture
def measured(complexity):
    network = light_model().eval()
    baseline = light_model(
        gradient_decoder=None, normalized_decoder=None, metric_decoder=dict(mdr=None)
    ).eval()
    rows = complexity.measure(network, baseline, torch.zeros(1, 3, *SIZE), rounds=2)
    return network, {row.name: row for row in rows}


def test_parts_add_up_to_the_whole(measured):
    network, rows = measured
    assert sum(rows[name].params for name in PARTS) == pytest.approx(millions(network))
    whole = rows['whole, all outputs']
    assert whole.params == pytest.approx(millions(network))
    # what is counted outside of the parts, such as padding and mean, has no multiply-adds
    assert sum(rows[name].multiply_adds for name in PARTS) == pytest.approx(whole.multiply_adds)
    assert all(low <= row.fps <= high for row in rows.values() for low, high in [row.fps_quartiles])


def test_depth_alone_leaves_out_the_last_blocks_of_g_and_n(measured):
    """M-Net needs N-Net's first three blocks, and these the first two of G-Net."""
    network, rows = measured
    unused = sum(
        millions(part)
        for guide, blocks in ((network.gradient_decoder, 2), (network.normalized_decoder, 3))
        for part in (*guide.ups[blocks:], *guide.skips[blocks:], guide.last_up, guide.predict)
    )
    depth, whole = rows['whole, depth alone'], rows['whole, all outputs']
    assert depth.params == pytest.approx(whole.params - unused)
    assert rows['Baseline'].multiply_adds < depth.multiply_adds < whole.multiply_adds
    alone = rows['encoder'].params + rows['M-Net without MDR'].params
    assert rows['Baseline'].params == pytest.approx(alone)


def test_the_transformer_of_the_mdr_block_is_counted(monkeypatch):
    """Beside its convolutions: tokens by weights, and tokens by tokens in attention."""
    pool = 'depthdecomp_mm.models.decoders.mdr_block.adaptive_pool'
    monkeypatch.setattr(pool, lambda x, size: x)  # in a trace a product with unit matrices
    channels, width, side, tokens, layers, hidden = 8, 16, 16, 16, 2, 32
    block = MDRBlock(channels, width, 4, (4, 4), None, layers, 4, hidden).eval()
    transformer = layers * tokens * (4 * width**2 + 2 * width * hidden + 2 * tokens * width)
    pixels = side**2 * (9 * channels * width + channels * width)
    kernels = channels * (tokens - 1) * width
    patches = tokens * 16 * channels * width
    regressor = width * 256 + 256 * 256 + 256
    analyzer = flop_analyzer(block, torch.zeros(1, channels, side, side))
    found = analyzer.total() - analyzer.by_operator()['layer_norm']
    # MMEngine rounds the count of an einsum to four digits
    assert found == pytest.approx(transformer + pixels + kernels + patches + regressor, rel=1e-4)


def test_baseline_config_and_json(complexity, tmp_path, capsys):
    """A network without G, N and MDR has the rows of what it has."""
    path = tmp_path / 'rows.json'
    config = 'depthdecomp/rooms_baseline.py'
    options = ['--baseline', '', '--size', *map(str, SIZE), '--rounds', '1', '--threads', '1']
    complexity.main([config, *options, '--json', str(path)])
    found = json.loads(path.read_text())
    names = [row['name'] for row in found['rows']]
    assert names == ['encoder', 'M-Net without MDR', 'whole, all outputs']
    assert found['paper']['encoder'] == dict(params=55, fps=50.9) and found['size'] == list(SIZE)
    output = capsys.readouterr().out
    assert '| 55 | 50.9 |' in output and '| Ranftl et al. | - | - | - | 130 | 13.4 |' in output


@pytest.mark.parametrize('tool_name, rounds', [('complexity', '--rounds'), ('backbones', '--runs')])
def test_bad_input_is_refused_in_a_sentence(tool_name, rounds, tool, tmp_path, capsys):
    main = tool(f'analysis_tools/{tool_name}').main
    for options, words in (
        (['--size', '0', '96'], 'at least 1, found 0'),
        ([rounds, '0'], 'at least 1, found 0'),
        (['--threads', '-1'], 'at least 1, found -1'),
        (['--device', 'gpu'], "device 'gpu' cannot be used"),
    ):
        with pytest.raises(SystemExit):
            main(['depthdecomp/rooms.py', *options])
        assert words in capsys.readouterr().err
    (tmp_path / 'broken.py').write_text('model = (')
    (tmp_path / 'empty.py').write_text('')
    phases = 'phases = dict(_delete_=True, one=dict(model=dict({})))'
    first = f"_base_ = '{find_config('depthdecomp/rooms.py')}'\n{phases}"
    (tmp_path / 'first.py').write_text(first.format('metric_decoder=None'))
    for name, words in (
        ('absent.py', 'no config .*absent.py'),
        ('broken.py', 'broken.py, line 1: SyntaxError'),
        ('empty.py', 'empty.py: has no model.encoder'),
        ('first.py', 'first.py: expected a model that gives metres'),
    ):
        with pytest.raises(ConfigError, match=words):
            main([str(tmp_path / name)])


def test_json_is_not_written_over_the_config_nor_where_it_cannot_be(complexity, tmp_path, capsys):
    config = tmp_path / 'config.py'
    config.write_text('')
    with pytest.raises(UserError, match='would be written over the input'):
        complexity.main([str(config), '--json', str(config)])
    with pytest.raises(SystemExit):
        complexity.main(['--json', str(tmp_path / 'absent' / 'rows.json')])
    assert 'no file can be written there' in capsys.readouterr().err

import json
from pathlib import Path

import cv2
import pytest
from mmengine.config import Config

from depthdecomp_mm.workshop.experiments import (
    Run,
    collect,
    load_plan,
    markdown,
    of_these_configs,
    write_results,
)
from depthdecomp_mm.workshop.experiments.digest import config_digest
from depthdecomp_mm.workshop.experiments.plots import draw_lines, draw_table
from depthdecomp_mm.workshop.experiments.tables import cell

ROOT = Path(__file__).resolve().parents[3]
RESULTS = {
    'a': {'0': dict(rmse=0.5, tau=0.7), '1': dict(rmse=0.6, tau=0.8), '2': dict(rmse=0.7, tau=0.9)},
    'b': {'0': dict(rmse=0.25, tau=0.5)},
}
TABLE = dict(
    title='Components',
    columns=('M', 'N'),
    metrics=('rmse', 'tau'),
    rows=[
        dict(run='a', cells=('✓', ''), paper=dict(rmse=0.4)),
        dict(run='b', cells=('✓', '✓')),
        dict(run='c', cells=('', '')),
    ],
)


def test_a_cell_holds_mean_standard_deviation_and_the_papers_figure():
    assert cell('rmse', [0.5, 0.6, 0.7], 0.4) == '0.600 ± 0.100 (0.400)'
    assert cell('whdr', [13.456]) == '13.46'
    assert cell('tau', [], 0.8) == '- (0.800)'
    assert cell('tau', [0.7], 0.8, [0.65, 0.75]) == '0.700 [0.650, 0.750] (0.800)'


def test_table_in_markdown():
    assert markdown(TABLE, RESULTS).splitlines() == [
        '**Components**',
        '',
        "| M | N | RMSE | Kendall's τ | seeds |",
        '| --- | --- | --- | --- | --- |',
        '| ✓ |  | 0.600 ± 0.100 (0.400) | 0.800 ± 0.100 | 3 |',
        '| ✓ | ✓ | 0.250 | 0.500 | 1 |',
        '|  |  | - | - | - |',
    ]


def test_a_single_seed_has_the_interval_over_its_images():
    one = dict(rmse=0.25, intervals=dict(rmse=[0.2, 0.3]))
    rows = markdown(TABLE, dict(a={'0': one, '1': one}, b={'0': one})).splitlines()
    assert '0.250 [0.200, 0.300]' in rows[5]
    assert '0.250 ± 0.000' in rows[4] and '[' not in rows[4]  # which seeds differ by tells more


def test_plots_of_unfinished_plans_are_drawn(tmp_path):
    draw_table(tmp_path / 'table.png', TABLE, RESULTS, ('rmse', 'tau'))
    lines = {'A': [(64, 'b'), (256, 'a'), (1024, 'c')], 'B': [(64, 'c')]}
    plot = dict(x='images', metrics=('rmse',), lines=lines)
    draw_lines(tmp_path / 'lines.png', plot, RESULTS)
    for name in ('table.png', 'lines.png'):
        assert cv2.imread(str(tmp_path / name)).std() > 0


def test_results_are_of_finished_runs_and_add_to_the_file(tmp_path):
    runs = [Run('a', 0, tmp_path), Run('b', 0, tmp_path)]
    finished = runs[0].directory(tmp_path)
    finished.mkdir(parents=True)
    (finished / 'config.py').write_text('model = 1')
    metrics = dict(rmse=0.5, other=1, intervals=dict(rmse=[0.4, 0.6], other=[0, 2]), images=[])
    (finished / 'metrics.json').write_text(json.dumps(metrics))
    (finished / 'run.json').write_text(json.dumps(dict(seconds=2.0)))
    digest = config_digest(Config(dict(model=1)))
    kept = dict(rmse=0.5, intervals=dict(rmse=[0.4, 0.6]), seconds=2.0, config=digest)
    assert collect(runs, tmp_path) == {'a': {'0': kept}}
    before = dict(a={'1': dict(rmse=0.6)}, c={'0': dict(rmse=1.0)})
    write_results(tmp_path / 'results.json', before)
    merged = write_results(tmp_path / 'results.json', collect(runs, tmp_path))
    assert merged == json.loads((tmp_path / 'results.json').read_text())
    assert (set(merged), set(merged['a'])) == ({'a', 'c'}, {'0', '1'})


def test_results_of_another_config_are_in_no_table(tmp_path):
    """Their folders may be gone, so that only the file knows how they were made."""
    config = tmp_path / 'config.py'
    config.write_text('model = 1')
    runs = [Run('a', 0, config), Run('a', 1, config), Run('b', 0, config)]
    same = {'rmse': 0.3, 'config': runs[1].digest}
    assert runs[0].digest == runs[1].digest
    results = {'a': {'0': same, '1': {'rmse': 0.9, 'config': 'other'}, '7': same}, 'c': {'0': same}}
    kept, others = of_these_configs(results, runs)
    assert kept == {'a': {'0': same, '7': same}}
    assert others == ['a seed 1: made with another config, in no table']
    config.write_text('model = 2')
    assert of_these_configs(results, runs)[0] == {}


def test_a_results_file_that_is_something_else_is_not_overwritten(tmp_path):
    (tmp_path / 'results.json').write_text('notes')
    with pytest.raises(ValueError, match='results.json'):
        write_results(tmp_path / 'results.json', {})
    assert (tmp_path / 'results.json').read_text() == 'notes'


def test_a_digest_is_of_what_runs_not_of_names_on_the_way():
    base = dict(model=dict(a=1), phases=dict(one=dict(model=dict(a=2)), two=dict()))
    digest = config_digest(Config(base))
    same = dict(base, helper=dict(a=3), randomness=dict(seed=5), log_level='DEBUG')
    other = dict(base, phases=dict(one=dict(model=dict(a=3)), two=dict()))
    assert config_digest(Config(same)) == digest != config_digest(Config(other))
    hooks = dict(logger=dict(type='LoggerHook', interval=1))
    assert config_digest(Config(dict(base, default_hooks=hooks))) == digest
    hooks['decoder_start'] = dict(type='DecoderStartHook')
    assert config_digest(Config(dict(base, default_hooks=hooks))) != digest


@pytest.mark.parametrize(
    ('file', 'name'),
    [
        *(('rooms', f'rooms{part}') for part in ('', '_controls', '_mdr', '_metres')),
        *(('pretrained', f'rooms_pretrained{part}') for part in ('', '_long')),
        ('pretrained', 'real_frames'),
    ],
)
def test_published_results_are_of_the_configs_as_they_are(file, name):
    results = json.loads((ROOT / 'docs' / f'{file}_results.json').read_text())
    kept, others = of_these_configs(results, load_plan(ROOT / f'configs/plans/{name}.py').runs)
    assert kept and not others

"""How long the shipped configs train, and the tool that tells."""

import runpy
import warnings

import pytest
from mmengine.config import Config

from depthdecomp_mm.engine import PhasedRunner
from depthdecomp_mm.engine.training_length import TrainingLength, learning_rates, training_length
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.workshop.experiments import load_plan
from tests.conftest import ROOT

CONFIGS = ROOT / 'configs' / 'depthdecomp'
TOOL = ROOT / 'tools' / 'analysis_tools' / 'training_length.py'
HRWSI = 20378


def phases(name, *sizes, options=None):
    cfg = Config.fromfile(CONFIGS / f'{name}.py')
    cfg.merge_from_dict(dict(options or {}, work_dir='unused'))
    runner = PhasedRunner.from_cfg(cfg)
    return [training_length(runner.phase_cfg(i), sizes) for i in range(len(runner.names))]


def test_few_images_give_few_steps():
    first, second = phases('nyu_795', 795)
    assert first == TrainingLength(steps=20 * 50, full_rate_steps=5 * 50, passes=(20.0,))
    assert second == TrainingLength(steps=15 * 50, full_rate_steps=3 * 50, passes=(15.0,))
    assert phases('nyu_795_repeat', 795)[1].full_rate_steps == pytest.approx(
        phases('nyu_17k', 17000)[1].full_rate_steps, rel=0.02
    )
    assert phases('diml_indoor_repeat', 1609)[1].full_rate_steps == pytest.approx(
        phases('nyu_17k', 17000)[1].full_rate_steps, rel=0.06
    )


def test_mixed_batches_follow_the_metric_set():
    first = phases('nyu_795_hrwsi', 795, HRWSI)[0]
    assert first.passes == pytest.approx((20, 0.79), abs=0.14)
    assert first.passes[1] == pytest.approx(2000 * 8 / HRWSI)
    assert phases('nyu_795_repeat_hrwsi', 795, HRWSI)[0].passes[1] > 16


def test_relative_data_double_the_steps_at_51k_but_not_where_the_sets_are_concatenated():
    alone, mixed, concatenated = (
        sum(phase.steps for phase in phases(name, 51000, *relative))
        for name, relative in (
            ('nyu_51k', ()),
            ('nyu_51k_hrwsi', (HRWSI,)),
            ('nyu_51k_hrwsi_concat', (HRWSI,)),
        )
    )
    assert mixed / alone == pytest.approx(2, abs=0.01)
    assert concatenated / alone == pytest.approx(71378 / 51000, abs=0.01)
    assert phases('nyu_51k_hrwsi_concat', 51000, HRWSI)[0].passes == (20.0, 20.0)


def test_schedules_by_iteration_and_batches_left_out_count():
    fall = dict(type='PolyLR', by_epoch=True, begin=1, end=15, convert_to_iter_based=True)
    options = {'param_scheduler': [fall], 'train_dataloader.drop_last': True}
    with warnings.catch_warnings():
        warnings.simplefilter('error')  # of schedules without optimiser
        length = phases('nyu_795', 795, options=options)[1]
    # PolyLR's first step, after the epoch before it, is with the full rate
    passes = (15 * 49 * 16 / 795,)
    assert length == TrainingLength(steps=15 * 49, full_rate_steps=49 + 1, passes=passes)


def test_learning_rates_of_the_plan_that_says_so_fall_to_zero():
    plan = load_plan(ROOT / 'configs' / 'plans' / 'rooms_mdr.py', seeds=[0])
    falling = [run.load_config() for run in plan.runs if run.name.startswith('to_zero')]
    assert len(falling) == 3
    for cfg in falling:
        cfg.work_dir = 'unused'
        runner = PhasedRunner.from_cfg(cfg)
        for index in range(2):
            rates = learning_rates(runner.phase_cfg(index), batches=128)
            assert max(rates) < 2e-3 and rates[0] == pytest.approx(2e-5)
            assert rates[-1] < 1e-5


def test_what_does_not_fit_is_an_error():
    with pytest.raises(ConfigError, match='1 sizes of data sets'):
        phases('nyu_795', 795, HRWSI)
    with pytest.raises(ConfigError, match='max_epochs'):
        phases('nyu_795_baseline', 795, options={'train_cfg': dict(_delete_=True, max_iters=9)})


def test_the_tool_reads_the_lists_or_takes_sizes(tmp_path, capsys):
    main = runpy.run_path(str(TOOL), run_name='tool')['main']
    (tmp_path / 'nyu_795_train.txt').write_text('rgb_0.jpg sync_depth_0.png 518.8\n' * 40)
    root = f'train_dataloader.dataset.datasets.metric.data_root={tmp_path}/'
    main([str(CONFIGS / 'nyu_795_baseline.py'), '--cfg-options', root])
    assert '| `nyu_795_baseline` | single_phase | 45 | 9 | 15.00 |' in capsys.readouterr().out
    for option in ('train_dataloader.batch_size=0', 'train_dataloader=None'):
        with pytest.raises(ConfigError, match='nyu_795_baseline.py: '):
            main([str(CONFIGS / 'nyu_795_baseline.py'), '--cfg-options', option])
    main([str(CONFIGS / 'nyu_795_hrwsi.py'), '--images', '795', str(HRWSI)])
    assert '| `nyu_795_hrwsi` | phase2 | 1500 | 300 | 15.09, 0.59 |' in capsys.readouterr().out

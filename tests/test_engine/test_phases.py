"""The config language: phases, data sets and the range of depth by name."""

import pytest
from mmengine.config import Config

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.configs import override, read_config
from depthdecomp_mm.engine.phases import phase_config, phase_folder, read_phases
from depthdecomp_mm.errors import ConfigError


def phases(**named):
    return Config(dict(phases=named))


def test_phases_run_in_the_order_in_which_they_are_written():
    assert list(read_phases(phases(b=dict(), a=dict()))) == ['b', 'a']


def test_a_child_config_changes_inserts_and_leaves_out():
    cfg = phases(one=dict(train_cfg=dict(max_epochs=2)), two=dict(), three=dict())
    cfg.merge_from_dict(
        dict(
            phases=dict(
                zero=dict(before='one'),
                one=dict(train_cfg=dict(val_interval=1)),
                half=dict(before='one'),
                two=None,
            )
        )
    )
    found = read_phases(cfg)
    assert list(found) == ['zero', 'half', 'one', 'three']
    assert found['one'] == dict(train_cfg=dict(max_epochs=2, val_interval=1))
    assert found['zero'] == {}  # 'before' is no setting of the runner


@pytest.mark.parametrize(
    ('found', 'words'),
    [
        ([dict(name='one')], r'phases is a list; .*phases = dict\(phase1=dict'),
        (dict(one=dict(before='gone')), "one.before: no phase 'gone'"),
        (dict(one=3), 'phases.one: expected a dict, found 3'),
    ],
)
def test_phases_that_cannot_be_read(found, words):
    with pytest.raises(ConfigError, match=words):
        read_phases(Config(dict(phases=found)))


def test_the_last_phase_is_the_one_that_is_tested():
    cfg = phases(one=dict(a=1), two=dict(a=2))
    assert phase_config(cfg).a == 2 and phase_config(cfg, 'one').a == 1
    assert 'phases' in cfg and 'phases' not in phase_config(cfg)
    with pytest.raises(ConfigError, match=r"no phase 'three'.*'one', 'two'"):
        phase_config(cfg, 'three')


def test_a_config_without_phases_is_one_phase_in_the_work_dir_itself():
    assert read_phases(Config(dict(a=1))) == {'': {}}
    assert phase_folder('work', '') == 'work' and phase_folder('work', 'one') == 'work/one'


def test_a_misspelt_phase_on_the_command_line_makes_no_new_one():
    with pytest.raises(ConfigError, match=r"phases.fase1.*no phase 'fase1'.*'phase1', 'phase2'"):
        read_config('depthdecomp/rooms.py', {'phases.fase1.train_cfg.max_epochs': 1})
    cfg = read_config('depthdecomp/rooms.py', {'phases.phase1.train_cfg.max_epochs': 1})
    assert phase_config(cfg, 'phase1').train_cfg.max_epochs == 1


def test_the_depth_range_has_one_home():
    cfg = read_config('depthdecomp/rooms_hrwsi.py', {'depth_range.max_depth': 8.0})
    cfg = phase_config(override(cfg, {'val_dataloader.dataset.max_depth': 5.0}))
    parts = cfg.train_dataloader.dataset.datasets
    assert (cfg.model.max_depth, parts.metric.max_depth) == (8, 8)
    assert 'max_depth' not in parts.relative  # disparities are no metres
    assert cfg.val_dataloader.dataset.max_depth == 5  # what is stated stays
    with pytest.raises(ConfigError, match="depth_range: expected .*'max_depth'.*'far'"):
        phase_config(override(cfg, {'depth_range.far': 3}))

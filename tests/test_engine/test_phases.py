"""The config language: phases, data sets and the range of depth by name."""

import pytest
from mmengine.config import Config, ConfigDict
from mmengine.runner import Runner

import depthdecomp_mm  # noqa: F401
from depthdecomp_mm.configs import override, read_config
from depthdecomp_mm.engine import DepthRunner
from depthdecomp_mm.engine.phases import phase_config, phase_folder, read_phases, refuse_overruled
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


def test_a_phase_may_stand_before_one_that_is_placed_later():
    cfg = phases(a=dict(before='b'), b=dict(before='c'), c=dict())
    assert list(read_phases(cfg)) == ['a', 'b', 'c']


@pytest.mark.parametrize(
    ('found', 'words'),
    [
        ([dict(name='one')], r'phases is a list; .*phases = dict\(phase1=dict'),
        (dict(one=dict(before='gone')), "one.before: no phase 'gone'"),
        (dict(one=dict(before='two'), two=dict(before='one')), "one.before: no phase 'two'"),
        (dict(one=3), 'phases.one: expected a dict, found 3'),
        ({'../one': dict()}, r"expected names of .*, found '\.\./one'"),
        ({'..': dict()}, r"found '\.\.'"),
        ({'one.two': dict()}, "found 'one.two'"),
        ({'': dict()}, "found ''"),
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


def test_an_option_brings_no_phase_back_that_is_left_out():
    with pytest.raises(ConfigError, match=r"no phase 'phase1'.*\['single_phase'\]"):
        read_config('depthdecomp/rooms_baseline.py', {'phases.phase1.train_cfg.max_epochs': 1})


def test_options_of_training_can_be_given_to_any_phase():
    options = {
        'model.metric_decoder.mdr.residual': True,
        'model.encoder': ConfigDict(_delete_=True, type='Own'),
    }
    cfg = read_config('depthdecomp/rooms.py')
    for _ in range(2):  # options are as they were
        first, last = (phase_config(cfg, name, options) for name in read_phases(cfg))
        assert first.model.metric_decoder is None and last.model.metric_decoder.mdr.residual
        assert first.model.encoder == last.model.encoder == dict(type='Own')


def test_a_range_that_is_spread_already_is_not_changed_in_vain():
    cfg = phase_config(read_config('depthdecomp/rooms.py'))
    with pytest.raises(ConfigError, match='give model.max_depth'):
        override(cfg, {'depth_range.max_depth': 20.0})


def test_the_depth_range_has_one_home():
    cfg = read_config('depthdecomp/rooms_hrwsi.py', {'depth_range.max_depth': 8.0})
    cfg = phase_config(override(cfg, {'val_dataloader.dataset.max_depth': 5.0}))
    parts = cfg.train_dataloader.dataset.datasets
    assert (cfg.model.max_depth, parts.metric.max_depth) == (8, 8)
    assert 'max_depth' not in parts.relative  # disparities are no metres
    assert cfg.val_dataloader.dataset.max_depth == 5  # what is stated stays
    with pytest.raises(ConfigError, match="depth_range: expected .*'max_depth'.*'far'"):
        phase_config(read_config('depthdecomp/rooms.py', {'depth_range.far': 3}))


def test_options_that_every_phase_overrules_are_refused():
    cfg = phases(one=dict(train_cfg=dict(max_epochs=2)), two=dict(train_cfg=dict(max_epochs=3)))
    with pytest.raises(ConfigError, match='give phases.one.train_cfg.max_epochs'):
        refuse_overruled(cfg, {'train_cfg.max_epochs': 1})
    refuse_overruled(cfg, {'train_cfg.val_interval': 1, 'phases.one.train_cfg.max_epochs': 1})
    del cfg.phases.two.train_cfg
    refuse_overruled(cfg, {'train_cfg.max_epochs': 1})  # it holds in phase two


@pytest.mark.parametrize('key', ['depth_range.max_depth', 'depth_range'])
def test_a_depth_range_that_the_model_overrules_is_refused(key):
    value = 5.0 if '.' in key else dict(max_depth=5.0)
    cfg = Config(dict(model=dict(type='DepthDecomposer', max_depth=10.0)))
    with pytest.raises(ConfigError, match=f'{key}: the model states its own: give model.max_depth'):
        override(cfg, {key: value})
    assert override(cfg, {'depth_range.min_depth': 0.1}).depth_range == dict(min_depth=0.1)


def test_an_overlay_that_fits_nothing_is_named():
    cfg = phases(one=dict(model=dict(metric_decoder=None)))
    cfg.model = None
    with pytest.raises(ConfigError, match='phases.one: model='):
        phase_config(cfg)


def test_the_depth_range_holds_without_phases(monkeypatch):
    monkeypatch.setattr(Runner, 'from_cfg', classmethod(lambda cls, cfg: cfg))
    given = read_config('depthdecomp/custom.py', {'depth_range.max_depth': 20.0})
    found = DepthRunner.from_cfg(given)
    assert found.model.max_depth == found.test_dataloader.dataset.max_depth == 20
    assert 'max_depth' not in given.model

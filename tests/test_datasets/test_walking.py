"""What is below wrappers."""

import pytest

from depthdecomp_mm.datasets.walking import first_metric_set, leaf_configs
from depthdecomp_mm.errors import ConfigError


def test_configs_below_wrappers_and_their_scopes():
    a, b, c = (dict(type=name) for name in 'abc')
    both = dict(datasets=dict(metric=b, relative=dict(c, _scope_='host'), other=None))
    nested = dict(_scope_='ours', datasets=[dict(type='RepeatDataset', dataset=a), both])
    found = list(leaf_configs(nested))
    assert found == [(a, 'ours'), (b, 'ours'), (dict(c, _scope_='host'), 'host')]
    assert found[0][0] is a


def test_a_wrapper_of_what_is_built_has_no_configs():
    assert list(leaf_configs(dict(dataset=object()))) == []


def test_the_first_metric_set_may_stand_behind_relative_ones(tmp_path):
    (tmp_path / 'list.txt').write_text('a.jpg a.png\n')
    own = dict(type='depthdecomp_mm.BaseDepthDataset', data_root=str(tmp_path), ann_file='list.txt')
    relative = dict(own, label_type='relative')
    metric = dict(type='RepeatDataset', times=3, dataset=dict(own, depth_scale=1000.0))
    found = first_metric_set(dict(datasets=dict(relative=relative, metric=metric)), pipeline=[])
    assert len(found) == 1 and found[0]['label_type'] == 'metric'
    with pytest.raises(ConfigError, match='BaseDepthDataset.* holds no metric depth'):
        first_metric_set(relative, pipeline=[])

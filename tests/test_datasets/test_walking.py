"""What is below wrappers."""

from depthdecomp_mm.datasets.walking import leaf_configs


def test_configs_below_wrappers_and_their_scopes():
    a, b, c = (dict(type=name) for name in 'abc')
    both = dict(datasets=dict(metric=b, relative=dict(c, _scope_='host'), other=None))
    nested = dict(_scope_='ours', datasets=[dict(type='RepeatDataset', dataset=a), both])
    found = list(leaf_configs(nested))
    assert found == [(a, 'ours'), (b, 'ours'), (dict(c, _scope_='host'), 'host')]
    assert found[0][0] is a


def test_a_wrapper_of_what_is_built_has_no_configs():
    assert list(leaf_configs(dict(dataset=object()))) == []

from pathlib import Path

import pytest
import torch

from depthdecomp_mm.errors import UserError
from depthdecomp_mm.evaluation import WHDR, DepthMetric, KendallTau
from depthdecomp_mm.workshop.experiments import METRICS, PlanError, load_plan
from tests.builders import sample

ROOT = Path(__file__).resolve().parents[3]
PLANS = ROOT / 'configs' / 'plans'
TABLE = "[dict(title='T', columns=('Setting',), rows=[dict(run='a', cells=('A',))])]"


def write_plan(folder: Path, text: str) -> Path:
    (folder / 'config.py').write_text('env_cfg = dict(y=1)\n')
    path = folder / 'plan.py'
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    'path', sorted(set(PLANS.glob('*.py')) - {PLANS / 'paper_runs.py'}), ids=lambda p: p.stem
)
def test_shipped_plans_can_be_run(path):
    for run in load_plan(path, seeds=[0]).runs:  # one of them is like the others
        assert run.load_config().model.type.endswith('Decomposer')


def test_first_seeds_of_all_runs_come_before_the_second_ones(tmp_path):
    path = write_plan(
        tmp_path,
        "seeds = (0, 1)\nruns = dict(b=dict(config='config.py'), a=dict(config='config.py', "
        "seeds=(5,)), unused=dict(config='missing.py'))\n"
        "tables = [dict(title='T', columns=('S',), rows=[dict(run='a', cells=('A',)), "
        "dict(run='b', cells=('B',)), dict(cells=('of another paper',), paper=dict(rmse=.5))])]",
    )
    assert [(run.name, run.seed) for run in load_plan(path).runs] == [('b', 0), ('a', 5), ('b', 1)]
    assert [run.seed for run in load_plan(path, seeds=[3]).runs] == [3, 3]


def test_options_and_seed_are_in_the_config_of_a_run(tmp_path):
    path = write_plan(
        tmp_path,
        "runs = dict(a=dict(config='config.py', cfg_options={'env_cfg.y': 2}))\n"
        f'tables = {TABLE}',
    )
    (run,) = load_plan(path, seeds=[7]).runs
    cfg = run.load_config()
    assert (cfg.env_cfg.y, cfg.randomness.seed, cfg.experiment_name) == (2, 7, 'a')
    assert run.directory('d') == Path('d/a/seed_7')


def test_options_may_come_in_parts_of_which_the_last_holds(tmp_path):
    path = write_plan(
        tmp_path,
        "b = {'env_cfg.y': 2, 'env_cfg.z': 3}\n"
        "runs = dict(a=dict(config='config.py', cfg_options=[b, {'env_cfg.y': 4}]))\n"
        f'tables = {TABLE}',
    )
    (run,) = load_plan(path).runs
    assert run.load_config().env_cfg == dict(y=4, z=3)


def test_runs_of_claims_are_part_of_the_plan(tmp_path):
    claim = "claims = [dict(claim='B is better', better='b', worse='a')]\n"
    path = write_plan(
        tmp_path,
        f"runs = dict(a=dict(config='config.py'), b=dict(config='config.py'))\ntables = {TABLE}\n"
        + claim,
    )
    plan = load_plan(path)
    assert [run.name for run in plan.runs] == ['a', 'b']
    assert plan.claims == [
        dict(claim='B is better', better='b', worse='a', metrics=('rmse', 'tau'))
    ]


def test_options_of_a_phase_that_is_not_there_are_refused(tmp_path):
    path = write_plan(
        tmp_path,
        "runs = dict(a=dict(config='config.py', cfg_options={'phases.two.y': 2}))\n"
        f'tables = {TABLE}',
    )
    (tmp_path / 'config.py').write_text('phases = dict(one=dict())\n')
    (run,) = load_plan(path).runs
    with pytest.raises(PlanError, match="run 'a'.*no phase 'two'"):
        run.load_config()


@pytest.mark.parametrize(
    ('text', 'message'),
    [
        ('tables = []', "a plan needs 'runs'"),
        (f"runs = dict(b=dict(config='config.py'))\ntables = {TABLE}", "no run is called 'a'"),
        (f"runs = dict(a=dict(config='no.py'))\ntables = {TABLE}", 'does not exist'),
        (f"runs = dict(a=dict(file='config.py'))\ntables = {TABLE}", "has 'config'"),
        (
            f"runs = dict(a=dict(config='config.py'))\ntables = {TABLE}\nclaims = [dict(x='a')]",
            "a claim needs 'claim'",
        ),
        (
            "runs = dict(a=dict(config='config.py'))\n"
            "tables = [dict(title='T', columns=('S', 'T'), rows=[dict(run='a', cells=('A',))])]",
            'a row has the cells',
        ),
        (
            "runs = dict(a=dict(config='config.py'))\n"
            "tables = [dict(title='T', columns=(), metrics=('rsme',), rows=[])]",
            r"unknown metrics \['rsme'\]",
        ),
        (
            "runs = dict(a=dict(config='config.py'))\ntables = [dict(title='T', columns=(), "
            "rows=[dict(run='a', cells=(), paper=dict(rsme=1))])]",
            r"unknown metrics \['rsme'\]",
        ),
        (
            "runs = dict(a=dict(config='config.py'))\n"
            "tables = [dict(title='T', columns=(), rows=[dict(cells=())])]",
            'no row of a table names a run',
        ),
        (
            f"runs = dict(a=dict(config='config.py'))\ntables = {TABLE}\n"
            "plots = [dict(name='p', x='images')]",
            "a plot needs 'lines'",
        ),
        (
            f"seeds = (3)\nruns = dict(a=dict(config='config.py'))\ntables = {TABLE}",
            "'seeds' of 'a': expected a list of them, found 3",
        ),
        ('runs = dict(', 'plan.py: SyntaxError'),
    ],
)
def test_a_plan_that_cannot_be_run_is_refused(tmp_path, text, message):
    with pytest.raises(PlanError, match=message):
        load_plan(write_plan(tmp_path, text))


@pytest.mark.parametrize('name', ['..', '.', '../a', '.hidden'])
def test_a_run_stays_in_the_work_dir(tmp_path, name):
    table = TABLE.replace("'a'", repr(name))
    text = f"runs = {{{name!r}: dict(config='config.py')}}\ntables = {table}"
    with pytest.raises(PlanError, match='no dot first'):
        load_plan(write_plan(tmp_path, text))


@pytest.mark.parametrize(
    'text',
    [
        'runs = 3\ntables = 3',
        f'runs = dict(a=3)\ntables = {TABLE}',
        f'runs = dict(a=dict(config=3))\ntables = {TABLE}',
        "runs = dict(a=dict(config='config.py'))\ntables = [3]",
    ],
)
def test_what_is_of_another_type_is_a_sentence(text, tmp_path):
    with pytest.raises(UserError, match='plan.py: not the form of a plan'):
        load_plan(write_plan(tmp_path, text))


def test_options_that_do_not_fit_the_config_are_refused_by_the_runs_name(tmp_path):
    path = write_plan(
        tmp_path,
        "runs = dict(a=dict(config='config.py', cfg_options={'env_cfg.y.z': 2}))\n"
        f'tables = {TABLE}',
    )
    (run,) = load_plan(path).runs
    with pytest.raises(PlanError, match="run 'a': .*config.py"):
        run.load_config()


def test_metrics_are_those_that_the_evaluators_give():
    given = {}
    for evaluator in (DepthMetric(), KendallTau(), WHDR()):
        evaluator.process({}, [{**sample().to_dict(), 'pred_depth_map': torch.rand(1, 96, 128)}])
        given |= evaluator.evaluate(1)
    assert set(METRICS) <= set(given)

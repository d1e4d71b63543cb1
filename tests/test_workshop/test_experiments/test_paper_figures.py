"""The paper's figures stand in configs/_base_/paper_figures.py; all else has them from there."""

import pytest
import yaml

from depthdecomp_mm.config_names import load_config
from depthdecomp_mm.workshop.experiments import load_plan


@pytest.fixture
def figures():
    return load_config('_base_/paper_figures.py').paper.to_dict()


@pytest.fixture
def paper_figures(tool):
    return tool('misc/paper_figures')


def test_metafile_and_pages_are_in_step(paper_figures):
    for path, text in paper_figures.filled_files().items():
        assert path.read_text(encoding='utf-8') == text, (
            f'{path}: write it with tools/misc/paper_figures.py'
        )


@pytest.mark.parametrize('number', [1, 2, 3, 4])
def test_rows_of_a_plan_have_the_figures_of_their_config(number, figures, repo_root):
    plan = load_plan(repo_root / 'configs' / 'plans' / f'table_{number}.py')
    configs = {run.name: run.config.stem for run in plan.runs}
    rows = [row for table in plan.tables for row in table['rows']]
    assert [row.get('paper') for row in rows] == [figures.get(configs[row['run']]) for row in rows]


def test_every_figure_is_on_the_page_of_the_claims(paper_figures, figures, repo_root):
    page = (repo_root / 'docs' / 'claims.md').read_text(encoding='utf-8')
    for name in set(figures) - {'nyu_17k_m', 'nyu_17k_m_n_g_mdr', 'nyu_17k_m_n_g_mdr_hrwsi'}:
        other = paper_figures.fill_tables(page, {name: {'rmse': 9.87}})
        assert other != page and f'| `{name}`' in other.replace('ablation/', '')


def test_a_figure_that_changes_is_changed_everywhere(paper_figures):
    page = (
        '| `a` | 1 |\n<!-- paper figures -->\n\n| config | RMSE | WHDR (%) |\n| --- | --- | --- |\n'
        '| `a` | 0.1 | |\n| `b` | 0.2 | |\n\n<!-- end of paper figures -->\n'
    )
    filled = paper_figures.fill_tables(page, dict(a=dict(rmse=0.5, tau=0.9)))
    assert filled == page.replace('| `a` | 0.1 | |', '| `a` | 0.500 |  |')
    metafile = (
        'Models:\n  - Name: a\n    Metadata:\n      Training Data: [NYUv2, HR-WSI]\n'
        '  - Name: b\n    Config: b.py\n    Results:\n      - Task: Old\n'
    )
    a, b = yaml.safe_load(
        paper_figures.fill_metafile(metafile, dict(a=dict(rmse=0.5, tau=0.9, whdr=12)))
    )['Models']
    [result] = a['Results']
    assert result['Dataset'] == 'NYUv2'
    assert result['Metrics'] == {'RMSE': 0.5, 'Kendall tau': 0.9, 'WHDR': 12}
    assert b == dict(Name='b', Config='b.py')


def test_parts_of_the_network_have_the_papers_figures(tool):
    assert tool('analysis_tools/complexity').PAPER['encoder'] == (55, 50.9)

"""The notebook runs from top to bottom in an empty folder, with the weights that are shipped."""

import re

import pytest

from .conftest import ROOT

nbformat = pytest.importorskip('nbformat', reason='nbconvert is not installed')
preprocessors = pytest.importorskip('nbconvert.preprocessors', reason='nbconvert is not installed')
pytest.importorskip('ipykernel', reason='ipykernel is not installed')

NOTEBOOK = ROOT / 'docs' / 'try_it.ipynb'


@pytest.fixture(scope='module')
def cells(tmp_path_factory):
    """The cells of code after a run."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    run = preprocessors.ExecutePreprocessor(timeout=300, kernel_name='python3')
    run.preprocess(notebook, dict(metadata=dict(path=str(tmp_path_factory.mktemp('notebook')))))
    return [cell for cell in notebook.cells if cell.cell_type == 'code']


def texts(cell):
    return [o.get('text') or o.data['text/plain'] for o in cell.outputs if 'image' not in str(o)]


def test_cells_show_pictures(cells):
    shown = [out for cell in cells for out in cell.outputs if 'image/png' in out.get('data', {})]
    assert len(shown) == 2


def test_cells_give_numbers(cells):
    said = ''.join(text for cell in cells for text in texts(cell))
    near, far = map(float, re.search(r'([\d.]+) to ([\d.]+) m', said).groups())
    assert 0.1 < near < far <= 10
    assert float(re.search(r"'abs_rel': ([\d.]+)", said)[1]) < 0.3
    before, held_out = map(float, re.search(r'before ([\d.]+), left out ([\d.]+)', said).groups())
    assert held_out < before


def test_it_is_kept_without_outputs():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not any(cell.get('outputs') for cell in notebook.cells)

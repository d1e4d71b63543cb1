"""The package is a house: a room imports from its own floor or from those below."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / 'depthdecomp_mm'
FLOORS = (
    {'errors', 'requirements', 'version', 'progress', 'mmengine_internals', 'deprecations'},
    {'registry', 'files', 'config_names', 'devices', 'parallel', 'structures'},
    {'configs', 'safe_globals', 'decomposition', 'state_dict', 'calibration', 'robust_fit'}
    | {'safetensors_file'},
    {'datasets', 'models', 'evaluation', 'visualization'},
    {'engine'},
    {'apis'},
    {'workshop', 'reporting'},
    {'analysis', 'command_line', 'converter_command_line', 'camera_command_line'}
    | {'network_command_line'},
    {'__init__', '__main__'},
)
APART = {'datasets', 'models', 'evaluation', 'visualization'}
"""Rooms of one floor that know nothing of each other."""


def floor_of(room):
    return next((number for number, rooms in enumerate(FLOORS) if room in rooms), None)


def room_of(path):
    return path.relative_to(PACKAGE).with_suffix('').parts[0]


def imported_rooms(tree, package):
    """Rooms that a file's imports name, those within functions included."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = '.'.join([*start, *filter(None, [node.module])])
            names = [f'{base}.{alias.name}' for alias in node.names]
        for name in names:
            top, _, rest = name.partition('.')
            if top == PACKAGE.name and rest:
                yield node.lineno, rest.split('.')[0]


def upward(path, source):
    """The imports of a file that run up the floors, or across to a room that stands apart."""
    room = room_of(path)
    package = (PACKAGE.name, *path.relative_to(PACKAGE).parts[:-1])
    for line, target in imported_rooms(ast.parse(source), package):
        neighbours = {room, target} <= APART and room != target
        level = floor_of(target)
        if level is None:  # what the package's own __init__ gives, such as __version__
            level = floor_of('version')
        if level > floor_of(room) or (neighbours and level == floor_of(room)):
            yield f'{path.relative_to(PACKAGE)}:{line}: {room} imports {target}'


def test_every_room_has_a_floor():
    rooms = {room_of(path) for path in PACKAGE.rglob('*.py')}
    assert rooms - {'.mim'} == set().union(*FLOORS)


def test_no_import_runs_up():
    # building a wheel leaves copies of the tools in .mim
    paths = [path for path in PACKAGE.rglob('*.py') if room_of(path) != '.mim']
    found = [line for path in paths for line in upward(path, path.read_text())]
    assert not found, '\n'.join(found)


@pytest.mark.parametrize(
    'place, source, is_upward',
    [
        ('models/layers.py', 'from depthdecomp_mm.engine import DepthRunner', True),
        ('datasets/transforms/loading.py', 'from ...evaluation.protocol import Protocol', True),
        ('errors.py', 'def f():\n    from . import files', True),
        ('engine/runner.py', 'import depthdecomp_mm.models', False),
        ('apis/export.py', 'from .records import record_of', False),
    ],
)
def test_an_upward_import_is_found(place, source, is_upward):
    assert bool(list(upward(PACKAGE / place, source))) == is_upward

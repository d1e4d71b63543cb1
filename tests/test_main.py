"""The command ``depthdecomp``."""

import runpy
import subprocess
import sys

import pytest

from depthdecomp_mm.__main__ import find_commands, main


def test_help_tells_of_every_tool(capsys):
    main([])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[4:8]] == ['predict', 'train', 'test', 'export']
    for name in find_commands():
        assert any(line.split()[:1] == [name] and len(line) > 30 for line in lines), name


@pytest.mark.parametrize('name', find_commands())
def test_every_tool_imports_what_there_is(name, monkeypatch):
    path = find_commands()[name]
    monkeypatch.syspath_prepend(str(path.parent))
    runpy.run_path(str(path), run_name='imported')


def test_unknown_commands_are_named():
    with pytest.raises(SystemExit, match="no command 'tran', expected one of predict, train"):
        main(['tran'])


def test_a_tool_runs_under_its_own_name_in_any_folder(tmp_path):
    """One that needs the modules beside it."""
    result = subprocess.run(
        [sys.executable, '-m', 'depthdecomp_mm', 'benchmark', '--help'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.stdout.startswith('usage: depthdecomp benchmark'), result.stderr

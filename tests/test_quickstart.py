"""tools/quickstart.sh calls the tools as they are, with or without pretrained weights."""

import importlib
import os
import shlex
import shutil
import subprocess
import sys

import pytest

from .conftest import ROOT

# logs its arguments, and lacks a package or an index where it is told so
PYTHON = r"""#!/bin/bash
printf '%q ' "$@" >> calls; echo >> calls
case "$*" in
    *'import efficientnet_lite0'*) exit "$LACKING" ;;
    *'.[pretrained]'*) exit "$OFFLINE" ;;
    *make_rooms.py*) exit 0 ;;
    *train.py*) mkdir -p my/phase2; echo my/phase2/epoch_6.pth > my/phase2/last_checkpoint ;;
esac
"""
TOOLS = ('make_rooms', 'train', 'test', 'draw_idea', 'constant_predictor')


@pytest.fixture
def quickstart(tmp_path):
    """Run it in a folder with a Python that only notes what it is called with."""
    for name in ('quickstart.sh', 'setup_env.sh'):
        (tmp_path / 'tools').mkdir(exist_ok=True)
        shutil.copy(ROOT / 'tools' / name, tmp_path / 'tools')
    (tmp_path / 'setup.py').touch()
    python = tmp_path / '.venv' / 'bin' / 'python'
    python.parent.mkdir(parents=True)
    python.write_text(PYTHON)
    python.chmod(0o755)

    def run(lacking, offline):
        env = dict(os.environ, LACKING=str(int(lacking)), OFFLINE=str(int(offline)))
        command = ['bash', '../tools/quickstart.sh', 'my']
        done = subprocess.run(
            command, cwd=tmp_path / '.venv', env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        calls = (tmp_path / 'calls').read_text().splitlines()
        return done.stdout, [shlex.split(call) for call in calls]

    return run


def calls_of_tools(calls):
    """The tools' arguments, by their names."""
    named = [(call[0].rpartition('/')[2].removesuffix('.py'), call) for call in calls]
    return {name: call for name, call in named if name in TOOLS}


@pytest.mark.parametrize(
    'lacking, offline, installs', [(False, True, False), (True, False, True), (True, True, True)]
)
def test_random_weights_only_where_pretrained_ones_cannot_be_had(
    quickstart, lacking, offline, installs
):
    said, calls = quickstart(lacking, offline)
    assert any('.[pretrained]' in call for call in calls) == installs
    found = calls_of_tools(calls)
    assert tuple(found) == TOOLS
    random = lacking and offline
    assert ('starts from random ones' in said) == random
    for name in TOOLS[1:]:
        assert ('model.encoder.checkpoint_path=' in found[name]) == random


def test_the_tools_take_what_they_are_given(quickstart, monkeypatch):
    said, calls = quickstart(True, True)
    monkeypatch.chdir(ROOT)
    for name, (script, *arguments) in calls_of_tools(calls).items():
        monkeypatch.syspath_prepend(str((ROOT / script).parent))
        monkeypatch.delitem(sys.modules, name, raising=False)
        args = importlib.import_module(name).parse_args(arguments)
        for path in filter(None, (getattr(args, key, None) for key in ('config', 'image'))):
            assert (ROOT / path).is_file()
    assert [f'Step {i} of 4' in said for i in range(1, 5)] == 4 * [True]
    assert 'my/photograph.png' in said and 'my/panels' in said
    assert 'my/report/index.html' in said

"""tools/setup_env.sh never removes an environment that is there already."""

import shutil
import subprocess
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / 'tools' / 'setup_env.sh'
BROKEN = '#!/bin/bash\nexit 1\n'
WITHOUT_PIP = '#!/bin/bash\necho "$@" >> {calls}\n[ "$2" != "import pip" ]\n'


def set_up(folder: Path, python: str) -> subprocess.CompletedProcess:
    """Source the script in a folder whose .venv has this for a Python."""
    (folder / 'tools').mkdir()
    shutil.copy(SCRIPT, folder / 'tools')
    (folder / 'setup.py').touch()
    binary = folder / '.venv' / 'bin' / 'python'
    binary.parent.mkdir(parents=True)
    binary.write_text(python)
    binary.chmod(0o755)
    return subprocess.run(
        ['bash', '-c', '. tools/setup_env.sh'], cwd=folder, capture_output=True, text=True
    )


def test_one_that_does_not_run_is_named_and_kept(tmp_path):
    ended = set_up(tmp_path, BROKEN)
    assert ended.returncode == 1
    assert '.venv/bin/python does not run: remove .venv' in ended.stderr
    assert (tmp_path / '.venv/bin/python').read_text() == BROKEN


def test_one_without_pip_gets_it(tmp_path):
    calls = tmp_path / 'calls'
    ended = set_up(tmp_path, WITHOUT_PIP.format(calls=calls))
    assert ended.returncode == 0, ended.stderr
    said = calls.read_text().splitlines()
    assert said.index('-m ensurepip') < said.index('-m pip install -q -e .')

"""run.sh: what cannot be installed or imported is skipped by name, and nothing else is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = ('tools/setup_env.sh', 'tests/hosts/run.sh', 'tests/hosts/mmcv_ext.py', 'setup.py')
PYTHON = """#!/bin/bash
case "$*" in
    *--target*) mkdir -p .venv/hosts/mmcv; {install} ;;
    *mmseg.apis*) {load} ;;
    *pytest*) echo "tested in $PYTHONPATH"; {test} ;;
esac
"""


@pytest.mark.parametrize(
    'install, load, test, status, said',
    [
        ('false', 'true', 'true', 0, 'SKIPPED tests/hosts/test_mmsegmentation.py: .*installed'),
        ('true', 'false', 'true', 0, 'SKIPPED tests/hosts/test_mmsegmentation.py: .*imported'),
        ('true', 'true', 'true', 0, 'tested in .*/.venv/hosts:'),
        ('true', 'true', 'exit 1', 1, 'tested in'),
    ],
)
def test_status_and_words(tmp_path, install, load, test, status, said):
    for file in FILES:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    binary = tmp_path / '.venv' / 'bin' / 'python'
    binary.parent.mkdir(parents=True)
    binary.write_text(PYTHON.format(install=install, load=load, test=test))
    binary.chmod(0o755)
    ended = subprocess.run(
        ['bash', 'tests/hosts/run.sh'], cwd=tmp_path, capture_output=True, text=True
    )
    assert ended.returncode == status, ended.stderr
    assert re.search(said, ended.stdout), ended.stdout

"""The core does without the workshop, which is installed with it."""

from tests.conftest import ROOT

PACKAGE = ROOT / 'depthdecomp_mm'


def test_nothing_of_the_core_names_the_workshop():
    core = [path for path in PACKAGE.rglob('*.py') if not {'workshop', '.mim'} & {*path.parts}]
    assert len(core) > 100
    assert [path for path in core if 'workshop' in path.read_text()] == []


def test_the_workshop_is_installed_as_packages_are():
    folders = {path.parent for path in (PACKAGE / 'workshop').rglob('*.py')}
    assert len(folders) > 2
    assert [folder for folder in folders if not (folder / '__init__.py').is_file()] == []

"""README and docs: every snippet runs, every link and path leads somewhere, the site builds."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import pytest

from depthdecomp_mm.__main__ import main as run_command
from depthdecomp_mm.apis import init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine import PhasedRunner
from depthdecomp_mm.engine.config_check import check_config
from depthdecomp_mm.version import __version__

from .conftest import ROOT
from .doc_snippets import (
    PAGES,
    REAL,
    Command,
    Snippet,
    call_tool,
    commands_of,
    parse_arguments,
    read_snippets,
)
from .mini_sets import make_custom, scene, write_image

README = ROOT / 'README.md'
RUN = ('python', 'bash')
SHOWN = ('text', 'bibtex', '{toctree}', '{include}', '{eval-rst}')
# programs of others, which marked blocks may call
OTHERS = ('pip', 'bash', 'pytest', 'sphinx-build', 'docker', 'trtexec', 'polygraphy')
# what trainings of the pages leave, and the networks that stand in for them
CHECKPOINTS = {
    'work_dirs/quickstart/phase2/epoch_6.pth': 'rooms.py',
    'work_dirs/rooms/phase1/epoch_4.pth': 'rooms.py',
    'work_dirs/rooms/phase2/epoch_6.pth': 'rooms.py',
    'work_dirs/rooms_baseline/single_phase/epoch_6.pth': 'rooms_baseline.py',
}
# one epoch a phase, and no processes to load the data
SHORT = [
    *('--cfg-options', 'train_cfg.max_epochs=1', 'phases.phase1.train_cfg.max_epochs=1'),
    *(f'{part}_dataloader.num_workers=0' for part in ('train', 'val', 'test')),
    *(f'{part}_dataloader.persistent_workers=False' for part in ('train', 'val', 'test')),
]
DOCTESTS = (
    'apis.alignment',
    'apis.demo.measuring',
    'apis.point_cloud',
    'decomposition',
    'evaluation.alignment',
    'evaluation.boundaries',
    'evaluation.functional',
    'evaluation.points',
    'robust_fit',
)
PATH = re.compile(r'(?<![\w/.-])(?:configs|tools|tests|docs|depthdecomp_mm)/[\w./-]*[\w/]')
LINK = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)')
SNIPPETS = [snippet for page in PAGES for snippet in read_snippets(page)]
MARKED = [snippet for snippet in SNIPPETS if snippet.reason]


@pytest.fixture(scope='module')
def checkpoints(tmp_path_factory) -> dict[str, Path]:
    """Networks of random weights, by the places where pages expect them."""
    folder, made = tmp_path_factory.mktemp('checkpoints'), {}
    for place, name in CHECKPOINTS.items():
        phase = Path(place).parent.name
        made[place] = folder / f'{phase}_of_{name}.pth'
        if not made[place].exists():
            model = init_model(f'depthdecomp/{name}', phase=phase)
            meta = dict(cfg=model.cfg.pretty_text)
            write_checkpoint(made[place], model.state_dict(), meta)
    return made


@pytest.fixture
def workspace(tmp_path, tiny_rooms, checkpoints, monkeypatch) -> Path:
    """A checkout after the quickstart, with images of the reader's."""
    for part in ('configs', 'tools'):
        (tmp_path / part).symlink_to(ROOT / part)
    (tmp_path / 'data').mkdir()
    (tmp_path / 'data' / 'rooms').symlink_to(tiny_rooms)
    for place, checkpoint in checkpoints.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkpoint, tmp_path / place)
    image, _ = scene(0, (120, 160))
    write_image(tmp_path / 'room.jpg', image)
    write_image(tmp_path / 'images' / 'a.png', image)
    video = cv2.VideoWriter(
        str(tmp_path / 'walk.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 5, image.shape[1::-1]
    )
    for _ in range(2):
        video.write(np.ascontiguousarray(image))
    video.release()
    make_custom(tmp_path / 'ROOT')
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


@pytest.fixture
def quick(monkeypatch):
    """What takes time here and none of the results depends on."""
    monkeypatch.setattr('mmengine.config.config.FormatCode', lambda text, **_: (text, True))
    monkeypatch.setattr('gc.collect', lambda *_: 0)
    monkeypatch.setattr('os.cpu_count', lambda: 1)


@pytest.fixture
def forget_modules(workspace):
    """Modules that a page wrote are gone after it."""
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, '__file__', '')).startswith(str(workspace)):
            del sys.modules[name]


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_snippets_run(page, workspace, quick, forget_modules, monkeypatch, capfd):
    names, printed = {}, ''
    for snippet in read_snippets(page):
        assert snippet.language in RUN + SHOWN, f'{snippet}: language {snippet.language!r}'
        if snippet.language in RUN and not snippet.reason:
            printed = ''
            try:
                run_snippet(snippet, names, monkeypatch)
            except BaseException as error:
                raise AssertionError(f'{snippet} does not run: {error!r}') from error
            printed = ''.join(capfd.readouterr())
        elif snippet.language == 'text' and printed and snippet.before != REAL:
            for line in snippet.text.splitlines():
                assert line in printed, f'{snippet}: not printed: {line!r}'


def test_a_new_snippet_is_run_unless_it_says_why_not(tmp_path, monkeypatch):
    page = tmp_path / 'page.md'
    page.write_text(
        '```python\n1 / 0\n```\n```bash\nA=1 ls \\\n  x  # y\n```\n'
        '<!-- not run: needs a GPU -->\n```bash\ndepthdecomp train --no-such-option\n```\n'
    )
    python, bash, marked = read_snippets(page)
    assert (python.line, python.reason, marked.reason) == (1, '', 'needs a GPU')
    with pytest.raises(ZeroDivisionError):
        run_snippet(python, {}, monkeypatch)
    [command] = commands_of(bash.text)
    assert (command.environment, command.words) == ({'A': '1'}, ['ls', 'x'])
    with pytest.raises(AssertionError, match='no tool of ours'):
        run_words(command, monkeypatch)
    [command] = commands_of(marked.text)
    with pytest.raises(AssertionError, match='refuses'):
        parse_arguments(*command.tool, monkeypatch)


def run_snippet(snippet: Snippet, names: dict, monkeypatch) -> None:
    """Run a block of shell or Python, or write the file that it is meant to be."""
    if snippet.language == 'bash':
        for command in commands_of(snippet.text):
            for key, value in command.environment.items():
                monkeypatch.setenv(key, value)
            run_words(command, monkeypatch)
    elif snippet.title or snippet.is_config:
        file = Path(snippet.title or f'snippet_{snippet.line}.py')
        file.write_text(snippet.text)
        if snippet.is_config:
            check_phases(file)
    else:
        exec(compile(snippet.text, str(snippet), 'exec'), names)


def run_words(command: Command, monkeypatch) -> None:
    """Run a command; trainings are cut short."""
    if command.tool is None:
        assert command.words[0] == 'depthdecomp', f'{command.words}: no tool of ours'
        return run_command(command.words[1:])
    path, arguments = command.tool
    if path.name != 'train.py':
        return call_tool(path, arguments, monkeypatch)
    call_tool(path, [*arguments, *SHORT], monkeypatch)
    # the last checkpoint also under the name that the whole training gives it
    for pointer in Path('work_dirs').glob('*/phase2/last_checkpoint'):
        if not (whole := pointer.with_name('epoch_6.pth')).exists():
            shutil.copy(pointer.read_text(), whole)


def check_phases(config: Path) -> None:
    """Build what can be built of each phase without data."""
    cfg = read_config(config)
    cfg.work_dir = 'unused'
    runner = PhasedRunner.from_cfg(cfg)
    for index, name in enumerate(runner.names):
        check_config(runner.phase_cfg(index), name)


@pytest.mark.parametrize('snippet', MARKED, ids=str)
def test_snippets_that_are_not_run_are_right_as_far_as_can_be_told(snippet, monkeypatch):
    assert len(snippet.reason) > 5
    if snippet.language == 'python':
        strings = [getattr(node, 'value', '') for node in ast.walk(ast.parse(snippet.text))]
        for name in map(str, strings):
            if re.fullmatch(r'(depthdecomp_mm::)?depthdecomp/.+\.py', name):
                read_config(name)
        return
    for command in commands_of(snippet.text):
        if command.tool is None:
            check_other(command.words)
        else:
            check_options(parse_arguments(*command.tool, monkeypatch))


def check_other(words: list[str]) -> None:
    """A command of another program: its files and our extras."""
    assert words[0] in OTHERS, f'{words[0]}: no tool of ours'
    if words[0] == 'bash':
        assert (ROOT / words[1]).is_file(), words[1]
    extras = re.search(r'\.\[([\w,]+)\]', ' '.join(words))
    for extra in extras[1].split(',') if extras else ():
        assert f"'{extra}': " in (ROOT / 'setup.py').read_text(), f'setup.py has no {extra}'


def check_options(args) -> None:
    """A config that is named, and that what its options are of is in it."""
    config, options = getattr(args, 'config', None), getattr(args, 'cfg_options', None) or {}
    if not str(config).startswith('configs/'):
        return
    cfg = read_config(ROOT / config, options)
    for key in options:
        parent = read_config(ROOT / config)
        for part in key.split('.')[:-1]:
            parent = parent[int(part)] if part.isdigit() else parent[part]
    assert cfg


@pytest.mark.parametrize('page', PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_paths_lead_somewhere(page):
    text = page.read_text(encoding='utf-8')
    for link in LINK.findall(re.sub(r'```.*?```', '', text, flags=re.S)):
        if link.startswith('https://'):
            continue
        target, _, anchor = link.partition('#')
        file = page.parent / target if target else page
        assert file.is_file(), f'{page}: {link}'
        if anchor:
            assert anchor in anchors(file), f'{page}: {link}'
    for path in PATH.findall(text):
        assert (ROOT / path).exists(), f'{page}: there is no {path}'


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST make them."""
    headings = re.findall(r'^#+ (.+)$', page.read_text(encoding='utf-8'), re.M)
    return {re.sub(r'[^\w -]', '', h.lower()).replace(' ', '-') for h in headings}


@pytest.mark.parametrize('page', PAGES[3:], ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_begin_with_what_they_are_for(page):
    text = page.read_text(encoding='utf-8')
    if included := re.search(r'\{include\} (.+)', text):
        text = (page.parent / included[1]).read_text(encoding='utf-8')
    title, paragraph = text.split('\n\n')[:2]
    assert title.startswith('# ') and paragraph.endswith('.')
    assert re.match(r'This (page|site)|What a user', paragraph), paragraph


def test_readme_is_a_page():
    assert len(README.read_text(encoding='utf-8').splitlines()) <= 180


def test_the_version_to_cite_is_this_one():
    assert f'\nversion: {__version__}\n' in (ROOT / 'CITATION.cff').read_text(encoding='utf-8')
    assert f'depthdecomp_mm, version {__version__}' in README.read_text(encoding='utf-8')


@pytest.mark.parametrize('name', DOCTESTS)
def test_examples_in_docstrings(name):
    result = doctest.testmod(importlib.import_module(f'depthdecomp_mm.{name}'))
    assert result.attempted > 0 and result.failed == 0


@pytest.mark.skipif(
    not all(map(find_spec, ('sphinx', 'myst_parser', 'furo', 'sphinx_copybutton'))),
    reason='Sphinx is not installed: pip install -e .[docs]',
)
def test_the_site_builds_without_warnings(tmp_path):
    command = [sys.executable, '-m', 'sphinx', '-q', '-W', '--keep-going', 'docs', str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    pages = {str(page.relative_to(ROOT / 'docs'))[:-3] for page in PAGES[3:]}
    assert all((tmp_path / f'{page}.html').is_file() for page in pages)

"""The snippets of README and docs: found, and taken apart into what can be run."""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from depthdecomp_mm.__main__ import find_commands

from .conftest import ROOT

PAGES = [
    ROOT / 'README.md',
    ROOT / 'CONTRIBUTING.md',
    ROOT / 'CHANGELOG.md',
    *sorted((ROOT / 'docs').rglob('*.md')),
]
FENCE = re.compile(r'^(```+)([\w{}-]*)[ ]*(.*)$')
MARK = re.compile(r'^<!-- not run: (.+) -->$')
REAL = '<!-- of a real run -->'
ENVIRONMENT = re.compile(r'^[A-Z_]+=')


@dataclass(frozen=True)
class Snippet:
    """A fenced block.

    Args:
        page: The page that it stands in.
        line: Its first line there.
        language: Such as ``python``.
        title: The file that it is meant to be, or nothing.
        text: What it holds.
        before: The line before it.
    """

    page: Path
    line: int
    language: str
    title: str
    text: str
    before: str

    @property
    def reason(self) -> str:
        """Why it is not run; empty where it is."""
        mark = MARK.match(self.before)
        return mark[1] if mark else ''

    @property
    def is_config(self) -> bool:
        """Whether it is a config file."""
        return self.language == 'python' and '_base_' in self.text

    def __str__(self) -> str:
        return f'{os.path.relpath(self.page, ROOT)}:{self.line}'


@dataclass(frozen=True)
class Command:
    """A line of a shell: settings of the environment, and the words after them."""

    environment: dict[str, str]
    words: list[str]

    @property
    def tool(self) -> tuple[Path, list[str]] | None:
        """The tool of ours that it calls, and its arguments."""
        program, *rest = self.words
        if program == 'depthdecomp' and rest[0] in find_commands():
            return find_commands()[rest[0]], rest[1:]
        if program == 'python' and rest[0].startswith('tools/'):
            return ROOT / rest[0], rest[1:]
        return None


def read_snippets(page: Path) -> list[Snippet]:
    """The fenced blocks of a page, in their order."""
    found, block, before, fence = [], None, '', None
    for number, line in enumerate(page.read_text(encoding='utf-8').splitlines(), 1):
        if fence is None and (start := FENCE.match(line)):
            title = re.search(r'title="(.+)"', start[3])
            fence, block = start, (number, start[2], title[1] if title else '', [], before)
        elif fence is not None and line.strip() == fence[1]:
            first, language, title, lines, mark = block
            found.append(Snippet(page, first, language, title, '\n'.join(lines) + '\n', mark))
            fence = None
        elif fence is not None:
            block[3].append(line)
        before = line.strip()
    assert fence is None, f'{page}: a block is not closed'
    return found


def commands_of(text: str) -> list[Command]:
    """The commands of a block of shell; a backslash carries a line on."""
    commands = []
    for line in text.replace('\\\n', ' ').splitlines():
        words = shlex.split(line, comments=True)
        settings = []
        while words and ENVIRONMENT.match(words[0]):
            settings.append(words.pop(0).split('=', 1))
        if words:
            commands.append(Command(dict(settings), words))
    return commands


def load_tool(path: Path) -> ModuleType:
    """A tool as a module of its own."""
    sys.path.insert(0, str(path.parent))  # where it finds the modules beside it
    try:
        spec = spec_from_file_location(f'tool_{path.stem}', path)
        module = sys.modules[spec.name] = module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.parent))
    return module


def call_tool(path: Path, arguments: Sequence[str], monkeypatch) -> None:
    """Run a tool in this process; its exit status must be 0."""
    monkeypatch.setattr(sys, 'argv', [str(path), *arguments])
    try:
        status = load_tool(path).main()
    except SystemExit as stop:
        status = stop.code
    assert not status, f'{path.name} {arguments}: exit status {status}'


class Parsed(BaseException):  # noqa: N818, no error
    """Stops a tool when its arguments are parsed."""


def parse_arguments(path: Path, arguments: Sequence[str], monkeypatch) -> argparse.Namespace:
    """What a tool's own parser makes of arguments; the tool does not go on."""
    parse: Callable = argparse.ArgumentParser.parse_args

    def stop(parser, *args, **kwargs):
        raise Parsed(parse(parser, *args, **kwargs))

    monkeypatch.setattr(sys, 'argv', [str(path), *arguments])
    with monkeypatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, 'parse_args', stop)
        try:
            load_tool(path).main()
        except Parsed as parsed:
            return parsed.args[0]
        except SystemExit as refused:
            raise AssertionError(f'{path.name} refuses {arguments}') from refused
    raise AssertionError(f'{path.name} parses no arguments')

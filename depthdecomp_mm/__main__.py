"""The command ``depthdecomp``: every tool by name, in a checkout or an installed package alike."""

from __future__ import annotations

import ast
import sys
from collections.abc import Sequence
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
FIRST = ('predict', 'train', 'test', 'export')


def tools_folder() -> Path:
    """The folder of the tools: the checkout's, or the one in the installed package."""
    checkout = PACKAGE.parent / 'tools'
    return checkout if (checkout / 'train.py').is_file() else PACKAGE / '.mim' / 'tools'


def find_commands() -> dict[str, Path]:
    """The tools by the names of their commands: ``check-dataset`` for ``check_dataset.py``."""
    scripts = {}
    for path in sorted(tools_folder().rglob('*.py')):
        if "__name__ == '__main__'" in path.read_text(encoding='utf-8'):
            scripts[path.stem.replace('_', '-')] = path
    return {name: scripts.pop(name) for name in FIRST} | scripts


def describe(path: Path) -> str:
    """The first sentence of a tool's docstring, read without running it."""
    text = ast.get_docstring(ast.parse(path.read_text(encoding='utf-8'))) or ''
    return ' '.join(text.split('\n\n')[0].split())


def usage(commands: dict[str, Path]) -> str:
    """What ``depthdecomp --help`` prints."""
    width = max(map(len, commands))
    rows = [f'  {name:<{width}}  {describe(path)}' for name, path in commands.items()]
    return '\n'.join(
        ['usage: depthdecomp COMMAND ...', '', 'Metric depth by depth map decomposition.', '']
        + [*rows, '', 'depthdecomp COMMAND --help tells more of one.']
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Run a tool in this process, as ``python tools/<tool>.py`` would."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    commands = find_commands()
    name = arguments.pop(0) if arguments else '--help'
    if name in ('-h', '--help'):
        print(usage(commands))
        return
    if name not in commands:
        raise SystemExit(f'depthdecomp: no command {name!r}, expected one of {", ".join(commands)}')
    sys.argv = [f'depthdecomp {name}', *arguments]
    run_script(commands[name])


def run_script(path: Path) -> None:
    """Run a script as the main module; unlike ``runpy.run_path``, the command keeps its name."""
    sys.path.insert(0, str(path.parent))  # where a tool finds the modules beside it
    spec = spec_from_file_location('__main__', path)
    module = sys.modules['__main__'] = module_from_spec(spec)
    module.__spec__ = None  # worker processes that are spawned go by the file then
    spec.loader.exec_module(module)


if __name__ == '__main__':
    main()

"""What the command lines share: errors in a sentence, settings of configs, inputs left alone."""

from __future__ import annotations

import argparse
import math
import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from pathlib import Path
from typing import NoReturn

from mmengine.config import DictAction

from .deprecations import ignore_deprecations_within_libraries
from .errors import UserError

TRACEBACK = 'DEPTHDECOMP_TRACEBACK'
"""Environment variable with which :func:`run` shows tracebacks."""
INTERRUPTED = 130
BAD_INPUT = 2


def run(main: Callable[[], int | None], after_interruption: str = '') -> NoReturn:
    """Run a command and leave with its exit status.

    Bad input ends in one line on standard error and status 2, Ctrl-C in one line and status 130. Of
    an error in a data loader's worker the message is taken without the worker's traceback. With
    ``DEPTHDECOMP_TRACEBACK=1`` in the environment the traceback is shown, too. Deprecation warnings
    that libraries cause within themselves are not shown.

    Args:
        main: The command; None counts as status 0.
        after_interruption: What the user can do after Ctrl-C, for the message.
    """
    ignore_deprecations_within_libraries()
    try:
        status = main() or 0
    except Exception as error:
        causes = list(_chain(error))
        if any(isinstance(cause, KeyboardInterrupt) for cause in causes):  # caught on its way
            _interrupted(after_interruption)
        _raise_if_wanted(error)
        if any(map(_is_dead_worker, causes)):
            _say('error: a worker process died, for want of memory? Try fewer of them', BAD_INPUT)
        if not isinstance(
            error, (ValueError, OSError, ImportError, FloatingPointError, SyntaxError)
        ):
            raise
        message = str(error).strip()
        if message.startswith('Caught '):  # by a data loader's worker
            message = message.splitlines()[-1].partition(': ')[2]
        if isinstance(error, SyntaxError):  # MMEngine appends the whole config
            message = message.splitlines()[0]
        hint = '' if isinstance(error, (UserError, OSError)) else f' ({TRACEBACK}=1 shows where)'
        _say(f'error: {message or type(error).__name__}{hint}', BAD_INPUT)
    except KeyboardInterrupt:
        _interrupted(after_interruption)
    sys.exit(status)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and those that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_dead_worker(error: BaseException) -> bool:
    """Whether a process pool or a data loader says that a worker process died."""
    dead_loader = isinstance(error, RuntimeError) and str(error).startswith('DataLoader worker')
    return isinstance(error, BrokenExecutor) or dead_loader


def _interrupted(after: str) -> NoReturn:
    _say('interrupted' + f': {after}' * bool(after), INTERRUPTED)


def _raise_if_wanted(error: BaseException) -> None:
    if os.environ.get(TRACEBACK):
        raise error


def _say(message: str, status: int) -> NoReturn:
    if status == INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C changes nothing
    print(f'\n{message}' if message.startswith('interrupted') else message, file=sys.stderr)
    sys.exit(status)


class ConfigOptions(DictAction):
    """MMEngine's ``DictAction``, with a sentence for what is no ``key=value``."""

    def __call__(self, parser, namespace, values, option_string=None) -> None:
        """Parse the options."""
        for value in values:
            if not value.partition('=')[0].strip() or '=' not in value:
                parser.error(f'{option_string}: expected key=value, found {value!r}')
        super().__call__(parser, namespace, values, option_string)


def add_config_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--cfg-options``."""
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        action=ConfigOptions,
        metavar='KEY=VALUE',
        help='override settings of the config: key=value, lists as key="[a,b]" or key=a,b',
    )


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add ``--workers``."""
    parser.add_argument(
        '--workers',
        type=positive_int,
        default=os.cpu_count(),
        help='processes; default: one for each core',
    )


def output_file(text: str) -> Path:
    """An argument's type: a file that can be written, found out before it is needed."""
    path = Path(text)
    folder = path if path.is_dir() else path.absolute().parent
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise argparse.ArgumentTypeError(f'{text}: no file can be written there')
    return path


def positive_int(text: str) -> int:
    """An argument's type: an integer of at least 1."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'expected at least 1, found {text}')
    return number


def whole_number(text: str) -> int:
    """An argument's type: an integer of at least 0."""
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f'expected at least 0, found {text}')
    return number


def device(text: str) -> str:
    """An argument's type: a device that can be computed on."""
    from .devices import check_device  # imports PyTorch

    try:
        return check_device(text)
    except UserError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def positive_float(text: str) -> float:
    """An argument's type: a finite number above 0."""
    number = float(text)
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f'expected a finite number above 0, found {text}')
    return number

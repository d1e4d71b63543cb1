"""What the console shows; warnings that are to come later, or came before there was a log file."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import MemoryHandler
from pathlib import Path

import mmengine.runner
from mmengine.logging import MMLogger

RUNNER = Path(mmengine.runner.__file__).parent
FOR_THE_FILE = re.compile(
    'paramwise_options -- '  # three lines for each parameter
    '|Exp name: '
    '|Distributed training is not used, '
    '|Loads checkpoint by '  # we say what was loaded
    # MMEngine's own use of what it deprecates
    '|"FileClient" will be deprecated'
    '|"HardDiskBackend" is the alias of '
)


def shorten_console(logger: logging.Logger) -> None:
    """Let the log file alone have what is for looking up.

    These are the runner's descriptions of environment, config and hooks, which take hundreds of
    lines, and messages of MMEngine that tell a user nothing. At level DEBUG the console has them,
    too.
    """
    for handler in logger.handlers:
        if not isinstance(handler, logging.FileHandler) and handler.level > logging.DEBUG:
            handler.addFilter(_is_for_the_console)


def _is_for_the_console(record: logging.LogRecord) -> bool:
    message = record.getMessage()
    described = '\n' in message and Path(record.pathname).parent == RUNNER
    return not described and not FOR_THE_FILE.match(message)


@contextmanager
def muted_warnings() -> Iterator[None]:
    """Log no warnings in this context."""
    level = logging.root.manager.disable
    _disable(logging.WARNING)
    try:
        yield
    finally:
        _disable(level)


def _disable(level: int) -> None:
    logging.disable(level)
    logger = MMLogger.get_current_instance()
    # loggers remember whether a level is enabled; logging.disable does not know MMEngine's, but
    # this lets all of these forget it
    logger.setLevel(logger.level)


@contextmanager
def kept_messages() -> Iterator[MemoryHandler]:
    """Keep what is logged in this context for :func:`write_messages`."""
    kept = MemoryHandler(capacity=10_000, flushLevel=logging.CRITICAL + 1)
    logger = MMLogger.get_current_instance()
    logger.addHandler(kept)
    try:
        yield kept
    finally:
        logger.removeHandler(kept)


def write_messages(kept: MemoryHandler, logger: logging.Logger) -> None:
    """Write what was kept to the log file of a logger, once."""
    for handler in logger.handlers:
        if isinstance(handler, logging.FileHandler):
            kept.setTarget(handler)
            kept.flush()

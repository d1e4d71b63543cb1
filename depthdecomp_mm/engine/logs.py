"""Warnings that are to come later, or came before there was a log file."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import MemoryHandler

from mmengine.logging import MMLogger


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

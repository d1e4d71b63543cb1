"""Packages that tell their makers of every use, kept from doing so."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_telemetry() -> Iterator[None]:
    """Let OpenVINO and NNCF run as on a build server, where they send nothing.

    They send when they are imported and when they convert, without asking.
    """
    before = os.environ.get('CI')
    os.environ['CI'] = 'true'
    try:
        yield
    finally:
        if before is None:
            del os.environ['CI']
        else:
            os.environ['CI'] = before

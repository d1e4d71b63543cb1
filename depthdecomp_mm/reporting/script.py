"""Data as scripts: what a page opened from a disk may load, unlike JSON."""

from __future__ import annotations

import json
from typing import Any


def as_script(function: str, *arguments: Any) -> str:
    """A call of a function of the page's object ``report``."""
    text = ', '.join(json.dumps(argument, separators=(',', ':')) for argument in arguments)
    return f'report.{function}({text});\n'

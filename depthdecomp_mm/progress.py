"""How far a command is, for people and for log files."""

from __future__ import annotations

import sys
from typing import TextIO

from mmengine.utils import ProgressBar


class Progress(ProgressBar):
    """MMEngine's bar on a terminal; elsewhere, as in a log file, a line for each tenth.

    Args:
        total: Number of steps, 0 if it is not known; elsewhere than on a terminal nothing is shown
            then.
        file: Where it is shown, standard error by default.
    """

    def __init__(self, total: int, file: TextIO | None = None) -> None:
        super().__init__(total, file=sys.stderr if file is None else file, start=False)
        self.bar = self.file.isatty()
        self.tenths = 0
        if self.bar:
            self.start()

    def update(self, num_tasks: int = 1) -> None:
        """Go on by so many steps."""
        if self.bar:
            super().update(num_tasks)
            return
        self.completed += num_tasks
        tenths = 10 * self.completed // self.task_num if self.task_num else 0
        if tenths > self.tenths:
            self.tenths = tenths
            print(f'{self.completed} of {self.task_num}', file=self.file, flush=True)

    def close(self) -> None:
        """End the line of the bar."""
        if self.bar:
            print(file=self.file)

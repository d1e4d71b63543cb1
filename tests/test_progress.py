"""Progress is a bar on a terminal, and a few lines in a log file."""

import io
import os
import pty

from depthdecomp_mm.progress import Progress


def test_a_file_gets_a_line_for_each_tenth():
    file = io.StringIO()
    bar = Progress(2000, file)
    for _ in range(2000):
        bar.update()
    bar.close()
    assert file.getvalue().splitlines() == [f'{200 * i} of 2000' for i in range(1, 11)]


def test_few_steps_and_unknown_numbers_of_them():
    file = io.StringIO()
    for total in (3, 0):
        bar = Progress(total, file)
        bar.update()
        bar.update(2)
        bar.close()
    assert file.getvalue() == '1 of 3\n3 of 3\n'


def test_a_terminal_gets_a_bar():
    reader, writer = pty.openpty()
    with open(writer, 'w') as terminal:
        bar = Progress(2, terminal)
        bar.update(2)
        bar.close()
        shown = ''
        while not shown.endswith('\n'):  # what was written arrives in pieces
            shown += os.read(reader, 10_000).decode()
    os.close(reader)
    assert '] 0/2' in shown and '\r[>' in shown and '] 2/2' in shown

"""The benchmark of hole filling."""

import re

from tests import mini_sets


def test_all_methods_are_timed_and_compared(tmp_path, tool, capsys):
    root = mini_sets.make_custom(tmp_path, count=1)
    files = [str(root / 'depth/00000.png'), str(root / 'color/00000.jpg')]
    assert tool('analysis_tools/benchmark_fill').main([*files, '--repeats', '1']) == 0
    output = capsys.readouterr().out
    assert re.search(r'64 x 48, 1\d\.\d % holes', output)
    assert len(re.findall(r'\d\.\d{3} s  +\d+\.\d times fill_depth', output)) == 4
    assert 'holes left: 0, measured pixels changed: 0' in output
    # fill_depth solves the same equations as the full system with measured pixels kept
    found = re.search(r'measured kept, in holes: .*largest (\d+\.\d+) mm', output)
    assert float(found[1]) < 0.01

"""Nothing is written over that a converter did not write."""

import pytest

from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.datasets.converters.record import Record


def test_own_texts_are_replaced_and_changed_ones_kept(tmp_path):
    Record(tmp_path, 'tool').write_texts({'a.txt': 'one', 'b.txt': 'one'})
    Record(tmp_path, 'tool').write_texts({'a.txt': 'two', 'b.txt': 'two'})
    (tmp_path / 'b.txt').write_text('mine')
    with pytest.raises(SampleError, match='b.txt: is there and was changed since'):
        Record(tmp_path, 'tool').write_texts({'a.txt': 'three', 'b.txt': 'three'})
    assert (tmp_path / 'a.txt').read_text() == 'two'
    assert (tmp_path / 'b.txt').read_text() == 'mine'


def test_texts_of_others_are_kept(tmp_path):
    (tmp_path / 'a.txt').write_text('mine')
    (tmp_path / 'link.txt').symlink_to('nowhere')
    for name in ('a.txt', 'link.txt'):
        with pytest.raises(SampleError, match=f'{name}: is there and is not of this converter'):
            Record(tmp_path, 'tool').check_texts([name])


def test_a_kill_before_the_texts_are_whole_is_no_obstacle(tmp_path, monkeypatch):
    def killed(files):
        next(iter(files)).write_bytes(files[next(iter(files))])
        raise KeyboardInterrupt

    module = 'depthdecomp_mm.datasets.converters.record.write_together'
    monkeypatch.setattr(module, killed)
    with pytest.raises(KeyboardInterrupt):
        Record(tmp_path, 'tool').write_texts({'a.txt': 'one', 'b.txt': 'one'})
    monkeypatch.undo()
    Record(tmp_path, 'tool').write_texts({'a.txt': 'two', 'b.txt': 'two'})
    assert (tmp_path / 'a.txt').read_text() == 'two'


def test_files_of_others_are_kept_and_outdated_ones_of_ours_removed(tmp_path):
    Record(tmp_path, 'tool').claim({'a.png': 'frame 1', 'b.png': 'frame 2'})
    for name in ('a.png', 'b.png', 'c.png'):
        (tmp_path / name).touch()
    with pytest.raises(SampleError, match='c.png: is there and not of this converter'):
        Record(tmp_path, 'tool').claim({'a.png': 'frame 3', 'c.png': 'frame 4'})
    assert (tmp_path / 'a.png').exists()
    Record(tmp_path, 'tool').claim({'a.png': 'frame 1', 'b.png': 'frame 3'})
    assert (tmp_path / 'a.png').exists() and not (tmp_path / 'b.png').exists()


@pytest.mark.parametrize('name', ['../a.png', '/a.png', 'a/../../b.png', 'a\nb.png'])
def test_no_file_goes_elsewhere(tmp_path, name):
    with pytest.raises(SampleError, match='expected a printable path below'):
        Record(tmp_path / 'out', 'tool').claim({name: 'frame 1'})
    assert not (tmp_path / 'out').exists()


def test_options_of_two_runs_must_agree(tmp_path):
    Record(tmp_path, 'tool', dict(fill='hard')).claim({})
    Record(tmp_path, 'tool', dict(fill='hard'))
    Record(tmp_path, 'other', dict(fill='soft'))
    with pytest.raises(SampleError, match="tool_record.json.*'hard'.*'soft'"):
        Record(tmp_path, 'tool', dict(fill='soft'))


@pytest.mark.parametrize('content', ['', '[]', '{"options": {}}', '{"options": 1, "texts": 2}'])
def test_a_damaged_record_is_named(tmp_path, content):
    (tmp_path / 'tool_record.json').write_text(content)
    with pytest.raises(SampleError, match='tool_record.json: no record of a conversion'):
        Record(tmp_path, 'tool')

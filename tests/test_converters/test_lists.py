"""Lists are read back as they were written, wherever links lead."""

import os

import pytest

from depthdecomp_mm.datasets import NYUDataset, SampleError
from depthdecomp_mm.datasets.converters.lists import keep_longer_lists, list_text, path_in_list
from depthdecomp_mm.datasets.pairing import parse_line, parse_lines


@pytest.mark.parametrize(
    'names', [('a.jpg', 'b.png'), ('12. Room/a c.jpg', 'b.png'), ('a\u3000c.jpg', 'b.png')]
)
def test_lists_are_read_back(tmp_path, names):
    rows = [(*names, 518.8579), ('c.jpg', 'd.png', 518.8579)]
    (tmp_path / 'list.txt').write_text(list_text(rows))
    assert parse_lines(str(tmp_path / 'list.txt'), parse_line) == rows


@pytest.mark.parametrize(
    'names', [('#c/a.jpg', '#c/b.png'), (' a.jpg', 'b.png'), ('a.jpg', 'None')]
)
def test_names_that_mean_something_else_in_a_list(tmp_path, names):
    (tmp_path / 'list.txt').write_text(list_text([names]))
    dataset = NYUDataset('list.txt', data_root=str(tmp_path))
    info = dataset.get_data_info(0)
    for key, name in zip(('img_path', 'depth_map_path'), names, strict=True):
        assert os.path.normpath(info[key]) == str(tmp_path / name)


@pytest.mark.parametrize('name', ['a\nb.jpg', 'a\tb.jpg', 'a.jpg ', 'a\rb.jpg', 'a\udcff.jpg'])
def test_names_that_no_list_can_hold(name):
    with pytest.raises(SampleError, match='a list cannot hold'):
        list_text([(name, 'b.png')])


def test_links_are_followed(tmp_path):
    """The list lies below a link, so that `..` does not lead to where it seems to."""
    disk, image = tmp_path / 'disk/far/data', tmp_path / 'set/a.jpg'
    disk.mkdir(parents=True)
    image.parent.mkdir()
    image.touch()
    out = tmp_path / 'data'
    out.symlink_to(disk)
    assert (out / path_in_list(image, out)).samefile(image)
    inside = disk / 'link.jpg'
    inside.symlink_to(image)
    assert path_in_list(out / 'link.jpg', out) == 'link.jpg'


def test_a_trial_replaces_no_longer_list(tmp_path):
    (tmp_path / 'list.txt').write_text('a b\n' * 2)
    with pytest.raises(SampleError, match='list.txt: lists 2 pairs, found 1 with --limit'):
        keep_longer_lists(tmp_path, {'list.txt': 'a b\n'})
    keep_longer_lists(tmp_path, {'list.txt': 'c d\n' * 2, 'new.txt': ''})

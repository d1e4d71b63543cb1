import pytest

from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.datasets.pairing import parse_pair_line, read_pair_list, scan_folder


@pytest.mark.parametrize(
    ('line', 'pair'),
    [
        ('a/1.jpg b/1.png', ('a/1.jpg', 'b/1.png')),
        ('/a/1.jpg /b/1.png 518.8579', ('/a/1.jpg', '/b/1.png')),
        ('12. Living room/1.jpg\td/1 2.png', ('12. Living room/1.jpg', 'd/1 2.png')),
        ('a b.jpg\tc d.png\t5e2', ('a b.jpg', 'c d.png')),
        ('a/1.jpg None 518.8', ('a/1.jpg', None)),
        ('a.jpg', None),
        ('a.jpg b.png 1 2', None),
        ('a b.jpg b.png', None),
        ('a.jpg\t', None),
    ],
)
def test_parse_pair_line(line, pair):
    if pair is None:
        with pytest.raises(ValueError, match='expected'):
            parse_pair_line(line)
    else:
        assert parse_pair_line(line) == pair


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig'])
def test_read_pair_list_ignores_comments_blanks_and_line_ends(tmp_path, encoding):
    path = tmp_path / 'list.txt'
    path.write_bytes('# Büro\r\n\r\n  a.jpg a.png\r\nb.jpg None 5\r\n#c.jpg c.png'.encode(encoding))
    assert read_pair_list(str(path)) == [('a.jpg', 'a.png'), ('b.jpg', None)]


def test_read_pair_list_names_file_and_line(tmp_path):
    path = tmp_path / 'list.txt'
    path.write_text('# head\n\na.jpg a.png\nb.jpg\n')
    with pytest.raises(SampleError, match=r'list\.txt, line 4: found 1 fields'):
        read_pair_list(str(path))
    path.write_bytes(b'\x89PNG\xff\xfe')
    with pytest.raises(SampleError, match=r'list\.txt: expected a list in UTF-8'):
        read_pair_list(str(path))
    with pytest.raises(FileNotFoundError, match=r'list file not found: .*none\.txt'):
        read_pair_list(str(tmp_path / 'none.txt'))


def test_scan_folder(tmp_path):
    for name in ('b/1.jpg', 'a/2.jpg', 'a/1.png', 'a/3_c.png', 'a.1/x y.jpg'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    files = scan_folder(str(tmp_path), '.jpg', str)
    assert list(files.items()) == [
        ('a.1/x y', 'a.1/x y.jpg'),
        ('a/2', 'a/2.jpg'),
        ('b/1', 'b/1.jpg'),
    ]
    assert set(scan_folder(str(tmp_path), ('.png', '_c.png'), str)) == {'a/1', 'a/3'}
    (tmp_path / 'a/2.png').touch()
    with pytest.raises(SampleError, match=r"both 'a/2\.jpg' and 'a/2\.png'"):
        scan_folder(str(tmp_path), ('.jpg', '.png'), str)
    with pytest.raises(FileNotFoundError, match='folder not found: .*nothing'):
        scan_folder(str(tmp_path / 'nothing'), '.jpg', str)

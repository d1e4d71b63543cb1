import pytest

from depthdecomp_mm.datasets import SampleError
from depthdecomp_mm.datasets.pairing import parse_line, parse_lines, scan_folder


@pytest.mark.parametrize(
    ('line', 'fields'),
    [
        ('a/1.jpg b/1.png', ('a/1.jpg', 'b/1.png', None)),
        ('/a/1.jpg /b/1.png 518.8579', ('/a/1.jpg', '/b/1.png', 518.8579)),
        ('12. Living room/1.jpg\td/1 2.png', ('12. Living room/1.jpg', 'd/1 2.png', None)),
        ('a b.jpg\tc d.png\t5e2', ('a b.jpg', 'c d.png', 500.0)),
        ('a/1.jpg None 518.8', ('a/1.jpg', None, 518.8)),
        ('a.jpg', None),
        ('a.jpg b.png 1 2', None),
        ('a b.jpg b.png', None),
        ('a.jpg\t', None),
    ],
)
def test_parse_line(line, fields):
    if fields is None:
        with pytest.raises(ValueError, match='expected'):
            parse_line(line)
    else:
        assert parse_line(line) == fields


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig'])
def test_parse_lines_ignores_comments_blanks_and_line_ends(tmp_path, encoding):
    path = tmp_path / 'list.txt'
    path.write_bytes('# Büro\r\n\r\n  a.jpg a.png\r\nb.jpg None 5\r\n#c.jpg c.png'.encode(encoding))
    assert parse_lines(str(path), parse_line) == [('a.jpg', 'a.png', None), ('b.jpg', None, 5.0)]


def test_parse_lines_names_file_and_line(tmp_path):
    path = tmp_path / 'list.txt'
    path.write_text('# head\n\na.jpg a.png\nb.jpg\n')
    with pytest.raises(SampleError, match=r'list\.txt, line 4: found 1 fields'):
        parse_lines(str(path), parse_line)
    path.write_bytes(b'\x89PNG\xff\xfe')
    with pytest.raises(SampleError, match=r'list\.txt: expected a list in UTF-8'):
        parse_lines(str(path), parse_line)
    with pytest.raises(FileNotFoundError, match=r'list file not found: .*none\.txt'):
        parse_lines(str(tmp_path / 'none.txt'), parse_line)


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

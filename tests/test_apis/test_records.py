"""What was written earlier is told from what others wrote."""

from __future__ import annotations

import json

import pytest

from depthdecomp_mm.apis.records import check_replaceable, is_recorded, write_record
from depthdecomp_mm.errors import OutputError
from depthdecomp_mm.files import write_bytes


def test_what_a_record_lists_may_be_replaced_and_nothing_else(tmp_path):
    record = tmp_path / 'a.json'
    check_replaceable(record, ['a_depth.png'])
    write_record(record, dict(unit='metre'), {'a_depth.png': dict(shape=[1, 2]), 'gone.npy': {}})
    (tmp_path / 'a_depth.png').touch()
    (tmp_path / 'a_panel.png').touch()
    check_replaceable(record, ['a_depth.png'])
    assert is_recorded(tmp_path / 'a_depth.png') and not is_recorded(tmp_path / 'a_panel.png')
    with pytest.raises(OutputError, match='a_panel.png: is there'):
        check_replaceable(record, ['a_depth.png', 'a_panel.png'])
    write_record(record, dict(unit='metre'), {'a.ply': {}})
    found = json.loads(record.read_text())['files']
    # what is there stays listed, but not as of this prediction
    assert found == {'a_depth.png': dict(shape=[1, 2], earlier=True), 'a.ply': {}}


@pytest.mark.parametrize(
    'content',
    ['', '[]', '{"files": {"a.ply": {}}}', '{"writer": "depthdecomp_mm", "files": 3}', '\x00', '7'],
)
def test_records_of_others_are_not_replaced(content, tmp_path):
    (tmp_path / 'a.json').write_text(content)
    with pytest.raises(OutputError, match='a.json: is there'):
        check_replaceable(tmp_path / 'a.json', ['a.ply'])
    assert (tmp_path / 'a.json').read_text() == content


@pytest.mark.parametrize('length', range(215, 256, 5))
def test_a_name_that_passes_the_check_can_be_written(length, tmp_path):
    file = tmp_path / ('n' * (length - len('.ply')) + '.ply')
    record = file.with_suffix('.json')
    try:
        check_replaceable(record, [file.name])
    except OutputError as error:
        assert 'File name too long' in str(error)
        assert length > 230
    else:
        write_record(record, {}, {file.name: {}})
        write_bytes(file, b'')


def test_a_link_that_leads_nowhere_is_there(tmp_path):
    (tmp_path / 'a.ply').symlink_to(tmp_path / 'absent')
    with pytest.raises(OutputError, match='a.ply: is there'):
        check_replaceable(tmp_path / 'a.json', ['a.ply'])


def test_a_record_is_valid_json(tmp_path):
    with pytest.raises(ValueError, match='not JSON compliant'):
        write_record(tmp_path / 'a.json', dict(mean=float('nan')), {})
    assert not list(tmp_path.iterdir())

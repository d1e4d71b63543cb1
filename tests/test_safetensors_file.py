"""Weights in one file: what is written is read again, and damage is found."""

import json
import struct
from pathlib import Path

import pytest
import torch

from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.safetensors_file import read_safetensors, write_safetensors

STATE = dict(
    conv=torch.arange(24.0).view(1, 2, 3, 4).to(memory_format=torch.channels_last),
    half=torch.ones(2, 2, dtype=torch.float16),
    count=torch.tensor(3),
)
META = dict(cfg="model = dict(type='x')", calibration=dict(scale=2.0), epoch=3, note='1.5')


@pytest.fixture
def file(tmp_path):
    write_safetensors(tmp_path / 'folder' / 'w.safetensors', STATE, META)
    return tmp_path / 'folder' / 'w.safetensors'


def header_of(path: Path) -> dict:
    """The header by the format's definition."""
    content = path.read_bytes()
    return json.loads(content[8 : 8 + struct.unpack('<Q', content[:8])[0]])


def test_what_is_written_is_read(file):
    read = read_safetensors(file)
    assert read['meta'] == META
    assert read['state_dict'].keys() == STATE.keys()
    for name, value in read['state_dict'].items():
        assert torch.equal(value, STATE[name]) and value.dtype == STATE[name].dtype


def test_texts_are_there_for_any_reader(file):
    meta = header_of(file)['__metadata__']
    assert meta['cfg'] == META['cfg'] and meta['format'] == 'pt'
    assert json.loads(meta['calibration.json']) == META['calibration']


@pytest.mark.parametrize('part', [b'2.0', b'1.5'], ids=['json', 'text'])
def test_a_changed_text_is_found(file, part):
    content = file.read_bytes()
    assert content.count(part) == 1
    file.write_bytes(content.replace(part, b'9.9'))
    with pytest.raises(CheckpointError, match='damaged, its checksum'):
        read_safetensors(file)


def test_a_flipped_bit_is_found(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match='damaged, its checksum'):
        read_safetensors(file)
    assert read_safetensors(file, check=False)['meta'] == META


@pytest.mark.parametrize(
    'content', [b'', b'not weights', b'\xff' * 64, struct.pack('<Q', 2) + b'[]'], ids=len
)
def test_what_is_no_such_file_is_a_sentence(tmp_path, content):
    (tmp_path / 'w.safetensors').write_bytes(content)
    with pytest.raises(CheckpointError, match='w.safetensors: cut off, damaged or no'):
        read_safetensors(tmp_path / 'w.safetensors')


def test_meta_information_that_is_no_json_is_refused(tmp_path):
    header = json.dumps(dict(__metadata__={'metrics.json': '{'})).encode()
    (tmp_path / 'w.safetensors').write_bytes(struct.pack('<Q', len(header)) + header)
    with pytest.raises(CheckpointError, match='w.safetensors: cut off'):
        read_safetensors(tmp_path / 'w.safetensors')


def test_shared_weights_are_written_each(tmp_path):
    weight = torch.ones(3)
    write_safetensors(tmp_path / 'w.safetensors', dict(a=weight, b=weight[:2]), {})
    assert read_safetensors(tmp_path / 'w.safetensors')['state_dict']['b'].tolist() == [1, 1]

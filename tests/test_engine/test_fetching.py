"""Weights from the web and from a hub: fetched once, told apart, and refused in a sentence."""

import huggingface_hub.constants
import pytest
import torch

from depthdecomp_mm.engine.checkpoint import read_checkpoint
from depthdecomp_mm.errors import CheckpointError
from depthdecomp_mm.safetensors_file import write_safetensors
from tests.hub_server import Hub


@pytest.fixture
def torch_home(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_HOME', str(tmp_path / 'torch'))


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A hub with one repository, and an empty cache."""
    hub = Hub()
    hub.use(monkeypatch, tmp_path / 'cache')
    for number, name in enumerate(('model.safetensors', 'other/w.safetensors')):
        write_safetensors(tmp_path / 'w.safetensors', dict(w=torch.tensor([number])), {})
        hub.files['me/net', name] = (tmp_path / 'w.safetensors').read_bytes()
    yield hub
    hub.close()


def value(address):
    return read_checkpoint(address)['state_dict']['w'].item()


@pytest.mark.parametrize(
    'address, expected',
    [
        ('hf://me/net', 0),
        ('hf://me/net@main', 0),
        ('hf://me/net/other/w.safetensors', 1),
        ('hf://me/net@main/other/w.safetensors', 1),
    ],
)
def test_files_of_a_hub(hub, address, expected):
    assert value(address) == expected


def test_what_was_fetched_is_there_without_the_hub(hub, monkeypatch):
    assert value('hf://me/net') == 0
    monkeypatch.setattr(huggingface_hub.constants, 'HF_HUB_OFFLINE', True)
    asked = len(hub.requests)
    assert value('hf://me/net') == 0 and len(hub.requests) == asked
    with pytest.raises(CheckpointError, match='hf://me/net/other/w.safetensors: cannot be fetched'):
        read_checkpoint('hf://me/net/other/w.safetensors')


@pytest.mark.parametrize(
    'address, message',
    [
        ('hf://me/net/none.safetensors', 'cannot be fetched: .*404|cannot be fetched: Entry'),
        ('hf://net', 'expected hf://OWNER/NAME'),
        ('hf://', 'expected hf://OWNER/NAME'),
    ],
)
def test_what_a_hub_has_not_is_a_sentence(hub, address, message):
    with pytest.raises(CheckpointError, match=message) as error:
        read_checkpoint(address)
    assert '\n' not in str(error.value)


def test_mmengine_reads_from_the_hub(hub):
    from mmengine.runner import CheckpointLoader

    assert CheckpointLoader.load_checkpoint('hf://me/net')['state_dict']['w'].item() == 0


def test_files_of_the_web_are_fetched_once_and_told_apart(tmp_path, serve, torch_home):
    for number in range(2):
        write_safetensors(
            tmp_path / 'web' / str(number) / 'w.safetensors', dict(w=torch.tensor([number])), {}
        )
    url = serve(tmp_path / 'web')
    assert [value(f'{url}/{number}/w.safetensors') for number in range(2)] == [0, 1]
    (tmp_path / 'web' / '0' / 'w.safetensors').unlink()
    assert value(f'{url}/0/w.safetensors') == 0
    with pytest.raises(CheckpointError, match='cannot be fetched: .*404'):
        read_checkpoint(f'{url}/2/w.safetensors')


def test_a_query_is_no_part_of_the_name(tmp_path, serve, torch_home):
    write_safetensors(tmp_path / 'w.safetensors', dict(w=torch.tensor([7])), {})
    assert value(f'{serve(tmp_path)}/w.safetensors?download=true') == 7


def test_other_addresses_are_those_of_mmengine(tmp_path, monkeypatch):
    write_safetensors(tmp_path / 'w.safetensors', dict(w=torch.tensor([5])), {})
    store = {'s3://bucket/w.safetensors': (tmp_path / 'w.safetensors').read_bytes()}
    monkeypatch.setattr('depthdecomp_mm.engine.fetching.fileio.get', store.__getitem__)
    assert value('s3://bucket/w.safetensors') == 5

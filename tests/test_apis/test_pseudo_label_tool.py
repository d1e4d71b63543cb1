"""From a folder of images to relative data that training reads."""

import cv2
import numpy as np
import pytest
from mmengine.config import Config

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.apis.pseudo_labels import Labels, Meaning, Trust, label_images
from depthdecomp_mm.datasets import HRWSIDataset
from depthdecomp_mm.datasets.transforms import LoadDepthAnnotation, LoadImageFromFile
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.errors import SampleError, UserError
from depthdecomp_mm.files import partial_of
from depthdecomp_mm.registry import DATASETS
from tests import mini_sets


class Ramp:
    """A teacher whose disparity is the image's green, and wrong in a corner of its right half."""

    name, identity, licence = 'ramp', 'r', 'none'
    meaning = Meaning('disparity')
    calls = 0

    def __call__(self, image):
        self.calls += 1
        values = image[..., 1].astype(np.float32)
        values[:4, -6:] += 90
        return values


@pytest.fixture
def frames(tmp_path):
    """A JPEG, a PNG and one of another folder, whose right is near."""
    rows, columns = np.mgrid[:32, :48]
    ramp = np.uint8(20 + 4 * columns + rows)
    ramp[-5:] = 0  # at infinity
    image = np.dstack([ramp // 2, ramp, ramp // 3])
    paths = [tmp_path / 'in' / name for name in ('a.jpg', 'b.png', 'more/a.png')]
    for path in paths:
        mini_sets.write_image(path, image)
    return [str(path) for path in paths]


def load(sample):
    return LoadDepthAnnotation()(LoadImageFromFile()(dict(sample)))


def test_labels_are_relative_data(frames, tmp_path):
    labels = Labels(tmp_path / 'out', Ramp(), Trust())
    samples, outcomes = label_images(labels, frames)
    assert len(samples) == 3 and not any(outcome.problem for outcome in outcomes)
    dataset = HRWSIDataset(data_root=str(tmp_path / 'out'), pipeline=[])
    found = [dataset.get_data_info(i) for i in range(len(dataset))]
    key = 'depth_map_path'
    assert {info[key] for info in found} == {sample[key] for sample in samples}
    first = load(samples[1])
    label, valid = first['gt_depth_map'], first['gt_valid_mask']
    assert label.max() == 65535 and valid[5:-6].all()
    assert not valid[-4:].any(), 'sky'
    assert not valid[:4, -6:].any() and not valid[:4, :6].any(), 'not the same when mirrored'
    green = first['img'][5:-7, :, 1].astype(np.float32)
    assert np.corrcoef(green.ravel(), label[5:-7].ravel())[0, 1] > 0.999


def test_jpeg_files_keep_their_bytes(frames, tmp_path):
    samples, _ = label_images(Labels(tmp_path / 'out', Ramp(), Trust()), frames[:1])
    with open(samples[0]['img_path'], 'rb') as copy, open(frames[0], 'rb') as file:
        assert copy.read() == file.read()


@pytest.mark.parametrize('lost', ['img_path', 'depth_map_path', 'valid_mask_path'])
def test_it_goes_on_where_it_was_ended(frames, tmp_path, lost):
    out, teacher = tmp_path / 'out', Ramp()
    samples, _ = label_images(Labels(out, teacher, Trust()), frames)
    path = type(out)(samples[2][lost])
    partial_of(path).write_bytes(path.read_bytes()[:40])  # what a kill leaves
    path.unlink()
    teacher.calls = 0
    again, outcomes = label_images(Labels(out, teacher, Trust()), frames)
    assert [outcome.reused for outcome in outcomes] == [True, True, False]
    assert again == samples and teacher.calls == 2
    assert not list(out.rglob('*.part.*'))


def test_a_damaged_label_is_made_again(frames, tmp_path):
    out = tmp_path / 'out'
    samples, _ = label_images(Labels(out, Ramp(), Trust()), frames)
    path = type(out)(samples[0]['depth_map_path'])
    whole = path.read_bytes()
    path.write_bytes(whole[:50])
    _, outcomes = label_images(Labels(out, Ramp(), Trust()), frames)
    assert [outcome.reused for outcome in outcomes] == [False, True, True]
    assert path.read_bytes() == whole


def test_a_frame_that_was_replaced_is_labelled_again(frames, tmp_path):
    label_images(Labels(tmp_path / 'out', Ramp(), Trust()), frames)
    mini_sets.write_image(type(tmp_path)(frames[1]), np.full((32, 48, 3), 9, np.uint8))
    _, outcomes = label_images(Labels(tmp_path / 'out', Ramp(), Trust()), frames)
    assert [outcome.reused for outcome in outcomes] == [True, False, True]


def test_labels_made_in_another_way_are_not_mixed(frames, tmp_path):
    out = tmp_path / 'out'
    label_images(Labels(out, Ramp(), Trust()), frames)
    other = Ramp()
    other.identity = 'other weights'
    for teacher, trust in ((other, Trust()), (Ramp(), Trust(mirror=0.25))):
        with pytest.raises(SampleError, match='were made with'):
            Labels(out, teacher, trust)


def test_a_picture_of_somebody_elses_is_not_replaced(frames, tmp_path):
    labels = Labels(tmp_path / 'out', Ramp(), Trust())
    mini_sets.write_image(labels.sheet, np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(SampleError, match='contact_sheet.png: is there and not of this converter'):
        label_images(labels, frames)


def test_images_without_a_label_are_named_and_the_others_go_on(frames, tmp_path):
    flat = tmp_path / 'in' / 'flat.png'
    mini_sets.write_image(flat, np.zeros((32, 48, 3), np.uint8))
    broken = tmp_path / 'in' / 'broken.png'
    broken.write_bytes(b'nothing')
    paths = [str(flat), str(broken), *frames]
    samples, outcomes = label_images(Labels(tmp_path / 'out', Ramp(), Trust()), paths)
    assert len(samples) == 3
    assert '% of its label can be believed, expected 10 % at least' in outcomes[0].problem
    assert 'broken.png' in outcomes[1].problem


@pytest.fixture(scope='module')
def phase1_checkpoint(config, tmp_path_factory):
    import torch

    torch.manual_seed(0)
    model = init_model(config, phase='phase1')
    model.normalized_decoder.predict.weight.data *= 20
    path = tmp_path_factory.mktemp('phase1') / 'phase1.pth'
    write_checkpoint(path, model.state_dict(), dict(cfg=model.cfg.pretty_text))
    return path


@pytest.mark.parametrize('kind', ['checkpoint', 'phase1_checkpoint'])
def test_the_command_feeds_custom(kind, request, folder, tmp_path, tool, capsys):
    out, camera = tmp_path / 'labels', mini_sets.make_custom(tmp_path / 'camera', count=4)
    main = tool('dataset_converters/pseudo_label')
    teacher = str(request.getfixturevalue(kind))
    argv = [str(folder), '--teacher', teacher, '--out', str(out), '--no-mirror', '--keep-ends']
    assert main(argv) == 0
    printed = capsys.readouterr().out
    meaning = 'depth in metres' if kind == 'checkpoint' else 'the normalized map of a network'
    assert meaning in printed and 'licence: ' in printed and '3 pairs (0 of an earlier' in printed
    sheet = cv2.imread(str(out / 'contact_sheet.png'))
    assert sheet.shape[0] == 2 * 180 and len(np.unique(sheet)) > 50
    assert main(argv) == 0 and '3 pairs (3 of an earlier run)' in capsys.readouterr().out
    custom = tool('dataset_converters/custom')
    scale = ('--depth-scale', '1000', '--light', '--workers', '1')
    assert custom([str(camera), *scale, '--relative', str(out)]) == 0
    cfg = phase_config(Config.fromfile(camera / 'config_hrwsi.py'))
    dataset = DATASETS.build(cfg.train_dataloader.dataset.datasets.relative)
    assert len(dataset) == 3
    sample = dataset[0]['data_samples']
    assert sample.label_type == 'relative' and sample.gt_valid_mask.data.any()


@pytest.mark.parametrize(
    ('argv', 'message'),
    [
        (['walk.mp4', '--teacher', 'm.pth'], 'found a video, expected images'),
        (['.', '--teacher', 'm.pth'], 'no image found there'),
        (['out/a.png', '--teacher', 'm.pth'], 'holds the frame out/a.png, expected another folder'),
    ],
)
def test_what_cannot_be_labelled_is_refused_first(argv, message, tool, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message):
        tool('dataset_converters/pseudo_label')([*argv, '--out', 'out'])


def test_orientation_needs_a_unit(tool, capsys):
    with pytest.raises(SystemExit):
        argv = ['a.png', '--teacher', 'm.onnx', '--out', 'o', '--orientation', 'depth']
        tool('dataset_converters/pseudo_label')(argv)
    assert '--orientation and --unit are expected together' in capsys.readouterr().err

"""Prediction: the same as evaluation's, from any kind of input."""

from __future__ import annotations

import copy
import gc
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
import torch
from mmengine.fileio import load
from mmengine.structures import PixelData
from PIL import Image
from torch._subclasses.fake_tensor import FakeTensorMode

from depthdecomp_mm.apis import DepthInferencer, as_result, init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.errors import SampleError, UserError


def depths(output: dict) -> list[np.ndarray]:
    return [prediction['depth'] for prediction in output['predictions']]


@pytest.fixture(scope='module')
def expected(inferencer, images):
    """Depth of each image, predicted alone."""
    return [depths(inferencer(image))[0] for image in images]


def test_result_has_documented_shapes_and_units(inferencer, images, model):
    result = inferencer(images[2])['predictions'][0]
    assert {k: (v.shape, v.dtype) for k, v in result.items() if isinstance(v, np.ndarray)} == dict(
        depth=((131, 90), np.float32),
        normalized=((131, 90), np.float32),
        gradients=((2, 48, 64), np.float32),  # half of the network's 96 x 128
    )
    assert (result['unit'], result['representation']) == ('metre', 'inverse')
    assert isinstance(result['mean'], float) and result['img_path'] is None
    inputs = inferencer.pipeline(images[2])['inputs'][None]
    with torch.no_grad():
        raw = model(model.data_preprocessor(dict(inputs=inputs, data_samples=None))['inputs'])
    assert result['mean'] == pytest.approx(raw['mean'].item(), rel=1e-5)
    np.testing.assert_allclose(result['gradients'], raw['gradients'][0], atol=1e-5)
    # corners stay where they are when corners are aligned
    code = raw['metric'][0, 0, [0, -1], [0, -1]].numpy()
    corners = np.where(code > 1 / 11, 1 / code - 1, 10)
    np.testing.assert_allclose(result['depth'][[0, -1], [0, -1]], corners, rtol=1e-4)


def as_tensor(image: np.ndarray) -> torch.Tensor:
    """(3, H, W) uint8 RGB of (H, W, 3) BGR, as torchvision reads files."""
    return torch.from_numpy(np.ascontiguousarray(image[..., ::-1].transpose(2, 0, 1)))


def as_pil(image: np.ndarray) -> Image.Image:
    return Image.fromarray(image[..., ::-1].copy())


KINDS = ['folder', 'glob', 'list', 'arrays', 'Path', 'tensors', 'PIL', 'generator']


@pytest.mark.parametrize('kind', KINDS)
def test_inputs_of_every_kind(kind, inferencer, folder, images, expected):
    paths = [str(folder / name) for name in ('a.png', 'b.png', 'c.png')]
    inputs = dict(
        folder=str(folder), glob=f'{folder}/*.png', list=paths, arrays=images, Path=folder,
        tensors=[as_tensor(image) for image in images], PIL=[as_pil(image) for image in images],
        generator=(image for image in (paths[0], as_tensor(images[1]), as_pil(images[2]))),
    )  # fmt: skip
    output = inferencer(inputs[kind], return_vis=True)
    found = depths(output)
    assert all(panel.std() > 10 for panel in output['visualization'])
    assert len(found) == 3
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_single_image_in_memory_and_its_modes(inferencer, images, expected):
    grey = as_pil(images[0]).convert('L')
    same = inferencer([np.stack([np.asarray(grey)] * 3, -1), grey, grey.convert('RGBA')])
    for depth in depths(same)[1:]:
        np.testing.assert_array_equal(depth, depths(same)[0])
    for image in (as_tensor(images[0]), as_pil(images[0])):
        np.testing.assert_array_equal(depths(inferencer(image))[0], expected[0])


def test_iterating_asks_a_generator_as_it_needs_images(inferencer, images):
    asked = []
    for n, _ in enumerate(inferencer.iterate((asked.append(i) or i for i in images[:2] * 3), 2)):
        assert len(asked) <= n + 3
    assert len(asked) == 6


def test_predictions_leave_the_gpu(inferencer, images, monkeypatch):
    kept = []

    def predict(inputs, data_samples, **_):
        with FakeTensorMode():
            maps = [torch.empty(1, 4, 6, device='cuda') for _ in data_samples]
        kept.extend(map(weakref.ref, maps))
        for sample, values in zip(data_samples, maps, strict=True):
            sample.pred_depth_map = PixelData(data=values)
        return data_samples

    monkeypatch.setattr(inferencer.model, 'predict', predict)
    batch = inferencer.collate_fn([inferencer.pipeline(image) for image in images[:1] * 2])
    samples = inferencer.forward(batch)
    del batch
    gc.collect()
    assert [sample.pred_depth_map.data.device.type for sample in samples] == ['cpu'] * 2
    assert len(kept) == 2 and not any(reference() is not None for reference in kept)


@pytest.mark.parametrize('batch_size', [0, -1, 1.5])
def test_a_batch_holds_an_image_at_least(batch_size, inferencer, images):
    words = f'batch_size must be an integer of at least 1, but found {batch_size}'
    for predict in (inferencer, lambda *args, **kw: list(inferencer.iterate(*args, **kw))):
        with pytest.raises(UserError, match=words):
            predict(images, batch_size=batch_size)


@pytest.mark.parametrize('batch_size', [2, 3])
def test_batches_change_nothing(batch_size, inferencer, images, expected):
    for ours, theirs in zip(
        depths(inferencer(images, batch_size=batch_size)), expected, strict=True
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_only_images_of_one_size_share_a_batch(model, images, monkeypatch):
    pipeline = [dict(type='LoadImageFromFile'), dict(type='PackDepthInputs')]
    cfg = copy.deepcopy(model.cfg)
    cfg.test_dataloader.dataset.pipeline = pipeline
    monkeypatch.setattr(model, 'cfg', cfg)
    inferencer = DepthInferencer(model, show_progress=False)
    sizes = []
    forward = inferencer.forward
    monkeypatch.setattr(
        inferencer, 'forward', lambda data: sizes.append(len(data['inputs'])) or forward(data)
    )
    order = [images[0], images[1], images[2], images[0]]
    assert [d.shape for d in depths(inferencer(order, batch_size=4))] == [
        image.shape[:2] for image in order
    ]
    assert sizes == [2, 1, 1]


@pytest.mark.parametrize('flip_test', [False, True])
def test_equals_evaluation(flip_test, checkpoint, tool, images, tmp_path, monkeypatch, config):
    """tools/test.py and the inferencer, on the same files."""
    lines = []
    for i, image in enumerate(images):
        cv2.imwrite(str(tmp_path / f'rgb_{i:05d}.jpg'), image)
        depth = np.full(image.shape[:2], 2000, np.uint16)
        cv2.imwrite(str(tmp_path / f'sync_depth_{i:05d}.png'), depth)
        lines.append(f'rgb_{i:05d}.jpg sync_depth_{i:05d}.png 500\n')
    (tmp_path / 'list.txt').write_text(''.join(lines))
    (tmp_path / 'config.py').write_text(
        f"""_base_ = '{config}'
test_dataloader = dict(
    batch_size=2, num_workers=0, persistent_workers=False,
    dataset=dict(data_root='{tmp_path}', ann_file='list.txt'),
)
test_evaluator = [dict(type='DumpResults', out_file_path='{tmp_path}/out.pkl')]
model = dict(test_cfg=dict(flip_test={flip_test}))
"""
    )
    test_config, work_dir = str(tmp_path / 'config.py'), str(tmp_path / 'work')
    argv = ['test.py', test_config, str(checkpoint), '--work-dir', work_dir]
    monkeypatch.setattr(sys, 'argv', argv)
    tool('test')()
    evaluated = load(tmp_path / 'out.pkl')
    inferencer = DepthInferencer(test_config, checkpoint, device='cpu', show_progress=False)
    ours = depths(inferencer(f'{tmp_path}/*.jpg', batch_size=2))
    assert len(ours) == len(evaluated) == 3
    for depth, sample in zip(ours, evaluated, strict=True):
        np.testing.assert_allclose(depth, sample['pred_depth_map']['data'][0], rtol=1e-5)


def test_flip_averages_with_the_mirrored_image(model, images, expected):
    inferencer = DepthInferencer(model, flip_test=True, show_progress=False)
    # an image that the pipeline does not resize mirrors exactly
    image = cv2.resize(images[0], (128, 96))
    plain = DepthInferencer(model, flip_test=False, show_progress=False)
    pair = [depths(plain(i))[0] for i in (image, np.ascontiguousarray(image[:, ::-1]))]
    np.testing.assert_allclose(
        depths(inferencer(image))[0], (pair[0] + pair[1][:, ::-1]) / 2, rtol=1e-4
    )
    assert model.test_cfg == dict(flip_test=False, outputs=())


def test_threads_and_inferencers_share_a_model(model, images):
    """All are between preprocessing and prediction at the same time."""
    plain = DepthInferencer(model, show_progress=False)
    flipped = DepthInferencer(model, flip_test=True, show_progress=False)
    more = DepthInferencer(model, outputs=['normalized', 'mean'], show_progress=False)
    inferencers = [plain, flipped, more, flipped]
    expected = [inferencer(images[0])['predictions'][0] for inferencer in inferencers]
    meeting = threading.Barrier(len(inferencers), timeout=60)

    def meet(*_) -> None:
        meeting.wait()

    hook = model.data_preprocessor.register_forward_hook(meet)
    try:
        with ThreadPoolExecutor(len(inferencers)) as pool:
            found = list(pool.map(lambda i: i(images[0])['predictions'][0], inferencers))
    finally:
        hook.remove()
    for ours, theirs in zip(found, expected, strict=True):
        assert ours.keys() == theirs.keys()
        np.testing.assert_array_equal(ours['depth'], theirs['depth'])
    assert model.test_cfg == dict(flip_test=False, outputs=())


def test_predictions_that_are_not_finite_are_refused(model, folder, images):
    broken = copy.deepcopy(model)
    broken.cfg = model.cfg
    broken.metric_decoder.predict.weight.data.fill_(float('nan'))
    inferencer, errors = DepthInferencer(broken, show_progress=False), []
    for inputs, name in ((images[0], 'an image'), (folder / 'a.png', 'a.png')):
        with pytest.raises(SampleError, match=f'{name}: the prediction is not finite'):
            inferencer(inputs)
    assert not list(inferencer.iterate(folder, 2, lambda item, _: errors.append(item)))
    assert errors == [str(folder / name) for name in ('a.png', 'b.png', 'c.png')]


@pytest.mark.skipif(torch.cuda.is_available(), reason='CUDA is there')
@pytest.mark.parametrize('device', ['cuda', 'cuda:7', 'gpu', 'meta'])
def test_a_device_that_is_not_there_is_named(device, model, checkpoint):
    for given in (dict(model=model), dict(weights=checkpoint)):
        with pytest.raises(UserError, match=f"device '{device}' cannot be used: "):
            DepthInferencer(**given, device=device)


def test_mixed_precision_is_close(model, images, expected):
    ours = depths(DepthInferencer(model, amp=True, show_progress=False)(images[0]))[0]
    assert ours.dtype == np.float32
    assert np.median(np.abs(ours / expected[0] - 1)) < 0.05
    assert not np.array_equal(ours, expected[0])


def test_relative_model_gives_the_normalized_map(images, tmp_path, config):
    first = init_model(config, phase='phase1')
    write_checkpoint(tmp_path / 'first.pth', first.state_dict(), {})
    inferencer = DepthInferencer(config, tmp_path / 'first.pth', phase='phase1', device='cpu')
    output = inferencer(images[0], return_vis=True)
    result = output['predictions'][0]
    assert 'depth' not in result and result['unit'] == 'unitless'
    assert result['normalized'].shape == images[0].shape[:2]
    assert output['visualization'][0].ndim == 3
    with pytest.raises(ValueError, match=r"but not \['mean'\]"):
        DepthInferencer(first, outputs=['mean'])


def test_bad_inputs_are_named(inferencer, folder, images):
    (folder / 'd.png').write_bytes((folder / 'a.png').read_bytes()[:100])
    with pytest.raises(SampleError, match='d.png'):
        inferencer(str(folder))
    for bad, words in (
        (str(folder / 'absent.png'), 'absent.png'),
        (str(folder / '*.jpg'), 'no file fits'),
        (images[0].astype(np.float32), r'\(120, 160, 3\) float32'),
        (images[0][..., 0], r'\(120, 160\) uint8'),
        (as_tensor(images[0]) / 255, r'tensor \(3, H, W\) uint8 in RGB .* torch.float32'),
        (torch.from_numpy(images[0]), r'\(120, 160, 3\) torch.uint8'),
        (Image.new('I;16', (4, 4)), 'mode I;16'),
        (None, 'NoneType'),
        ([[7]], 'int'),
    ):
        with pytest.raises(SampleError, match=words):
            inferencer(bad)


def test_panels_show_what_was_asked_for(model, inferencer, images):
    """Five tiles stand in two rows, two in one."""
    plain = DepthInferencer(model, show_progress=False)(images[0], return_vis=True)
    whole = inferencer(images[0], return_vis=True)
    (two,), (five,) = plain['visualization'], whole['visualization']
    assert five.shape[0] > 2 * two.shape[0] and five.shape[1] > two.shape[1]


def test_iterating_passes_over_unreadable_files(inferencer, folder, expected):
    (folder / 'b.png').write_bytes(b'')
    errors = []
    pairs = list(inferencer.iterate(folder, 3, lambda item, error: errors.append((item, error))))
    assert [path for path, _ in pairs] == [str(folder / 'a.png'), str(folder / 'c.png')]
    for (_, sample), theirs in zip(pairs, [expected[0], expected[2]], strict=True):
        np.testing.assert_allclose(as_result(sample)['depth'], theirs, rtol=1e-4)
    assert len(errors) == 1 and 'b.png' in str(errors[0][1])


@pytest.mark.parametrize('given', [dict(weights='a.pth'), dict(phase='b'), dict(cfg_options={})])
def test_a_model_that_is_built_takes_no_further_settings(model, given):
    with pytest.raises(ValueError, match=f'{list(given)[0]}.* built already'):
        DepthInferencer(model, **given)

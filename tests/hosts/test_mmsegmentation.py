"""mmsegmentation's own configs, tools, data and metric with our parts; see run.sh."""

import json
import runpy
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import DefaultScope
from mmengine.visualization import Visualizer

mmseg = pytest.importorskip('mmseg', reason='mmsegmentation is not installed: tests/hosts/run.sh')
pytest.importorskip('mmcv.ops', reason='mmcv is without compiled operators: tests/hosts/run.sh')

from mmseg.apis import init_model  # noqa: E402
from mmseg.datasets import NYUDataset as HostDataset  # noqa: E402
from mmseg.models import SegDataPreProcessor, SiLogLoss  # noqa: E402
from mmseg.visualization import SegLocalVisualizer  # noqa: E402

from depthdecomp_mm.datasets import ConcatDataset, NYUDataset  # noqa: E402
from depthdecomp_mm.models import WrappedEncoder  # noqa: E402
from depthdecomp_mm.models.losses import masked  # noqa: E402
from tests.builders import images, light_model, sample  # noqa: E402

HERE = Path(__file__).resolve().parent
TOOLS = Path(mmseg.__file__).parent / '.mim' / 'tools'
SIZE = (480, 640)
SHARED = ('d1', 'd2', 'd3', 'abs_rel', 'sq_rel', 'rmse', 'rmse_log', 'log10')


@pytest.fixture(scope='module')
def nyu_of_mmseg(tmp_path_factory):
    """Images and 16-bit depth in millimetres, a fifth not measured, in mmseg's NYU layout."""
    root, rng = tmp_path_factory.mktemp('nyu'), np.random.default_rng(0)
    for split in ('train', 'test'):
        images, depths = root / 'images' / split, root / 'annotations' / split
        images.mkdir(parents=True)
        depths.mkdir(parents=True)
        for i in range(2):
            depth = cv2.resize(rng.uniform(500, 9000, (5, 7)), SIZE[::-1]).astype(np.uint16)
            image = cv2.resize(rng.integers(0, 256, (9, 12, 3), np.uint8), SIZE[::-1])
            cv2.imwrite(str(images / f'office_{i:04}.jpg'), image)
            cv2.imwrite(str(depths / f'office_{i:04}.png'), depth * (rng.random(SIZE) > 0.2))
    return root


@pytest.fixture(scope='module')
def run_tool(nyu_of_mmseg):
    """Run one of mmsegmentation's command lines, unmodified, as in a process of its own."""

    def run(tool, config, work_dir, *args):
        for named in (Visualizer, SegLocalVisualizer, DefaultScope):
            named._instance_dict.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv('NYU_OF_MMSEG', str(nyu_of_mmseg))
            options = [*map(str, args), '--work-dir', str(work_dir)]
            patch.setattr(sys, 'argv', [tool, str(HERE / config), *options])
            runpy.run_path(str(TOOLS / tool), run_name='__main__')

    return run


def scalars(folder):
    (path,) = folder.glob('*/vis_data/scalars.json')
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture(scope='module', params=['mmseg_config.py', 'mmseg_estimator.py'])
def trained(request, run_tool, tmp_path_factory):
    """Two iterations and a validation by ``tools/train.py``: (config, folder, numbers)."""
    work_dir = tmp_path_factory.mktemp(request.param.removesuffix('.py'))
    run_tool('train.py', request.param, work_dir)
    return request.param, work_dir, scalars(work_dir)


def test_trains_and_both_toolboxes_metrics_agree(trained):
    """In ours as in mmseg's ``DepthEstimator``; silog is of another definition in each toolbox."""
    config, _, lines = trained
    for key in SHARED:
        # pixels whose ratio is a threshold, up to rounding, count in one of them: hundreds if
        # depth is the same everywhere, as so few steps may leave it
        tolerance = dict(abs=2e-3) if key[0] == 'd' else dict(rel=1e-6)
        assert lines[-1][f'depthdecomp_mm/{key}'] == pytest.approx(lines[-1][key], **tolerance), key
    assert not abs(lines[-1]['tau']) > 1  # NaN where predictions are constant: save_best goes on
    assert 0 <= lines[-1]['whdr'] <= 100
    estimator = ('decode.loss_silog', 'decode.loss_l1', 'decode.loss_multi_scale_gradient')
    ours = ('loss_g', 'loss_n', 'loss_m', 'loss_mu')
    for term in estimator if config == 'mmseg_estimator.py' else ours:
        assert 0 < lines[0][term] < 1000, term


def test_tests_a_checkpoint(trained, run_tool, tmp_path):
    config, work_dir, lines = trained
    run_tool('test.py', config, tmp_path, work_dir / 'iter_2.pth')
    found = json.loads(next(tmp_path.glob('*/*.json')).read_text())
    for key in SHARED:
        assert found[key] == pytest.approx(lines[-1][key], rel=1e-4), key


def test_phases_keep_their_folders_apart(run_tool, tmp_path):
    run_tool('train.py', 'mmseg_phased.py', tmp_path)
    assert 'tau' in scalars(tmp_path / 'phase1')[-1]
    last = scalars(tmp_path / 'phase2')
    assert 'loss_m' in last[0] and 'rmse' in last[-1]


def test_init_model_and_out(run_tool, tmp_path, nyu_of_mmseg, monkeypatch):
    """``init_model`` sets arguments to None; ``--out`` needs the host's metric alone."""
    monkeypatch.setenv('NYU_OF_MMSEG', str(nyu_of_mmseg))
    model = init_model(str(HERE / 'mmseg_out.py'), device='cpu')
    assert type(model).__name__ == 'DepthDecomposer' and not model.training
    torch.save(dict(meta={}, state_dict=model.state_dict()), tmp_path / 'model.pth')
    run_tool('test.py', 'mmseg_out.py', tmp_path, tmp_path / 'model.pth', '--out', tmp_path / 'png')
    written = [cv2.imread(str(p), cv2.IMREAD_UNCHANGED) for p in (tmp_path / 'png').glob('*.png')]
    assert [image.shape for image in written] == [SIZE] * 2
    assert all(image.dtype == np.uint16 and 0 < image.max() <= 10000 for image in written)


def test_data_sets_concatenate(nyu_of_mmseg, write_pair):
    ours = NYUDataset(data_root=str(write_pair), pipeline=[])
    hosts = HostDataset(
        data_root=str(nyu_of_mmseg),
        data_prefix=dict(img_path='images/train', depth_map_path='annotations/train'),
    )
    for sets in (dict(ours=ours, hosts=hosts), dict(hosts=hosts, ours=ours)):
        assert len(ConcatDataset(sets)) == 3


@pytest.fixture
def write_pair(tmp_path):
    """One pair in the layout of our NYU set."""
    (tmp_path / 'scene').mkdir()
    for name, array in (('rgb_0.jpg', np.zeros((*SIZE, 3), np.uint8)),
                        ('sync_depth_0.png', np.ones(SIZE, np.uint16))):  # fmt: skip
        cv2.imwrite(str(tmp_path / 'scene' / name), array)
    return tmp_path


def preprocessor(**kwargs):
    return SegDataPreProcessor(mean=[123.7, 116.3, 103.5], std=[58.4, 57.1, 57.4], **kwargs)


@pytest.mark.parametrize('padding', [dict(size=(96, 160)), dict(size_divisor=64)])
def test_our_samples_with_masks_in_the_hosts_batches(padding):
    """It pads depth with 255 and the mask not at all; padding counts for nothing."""
    model = light_model().eval()
    inputs = [torch.randint(256, (3, *size), dtype=torch.uint8) for size in ((72, 100), (80, 96))]
    samples = [sample(tuple(image.shape[1:]), seed=i) for i, image in enumerate(inputs)]
    expected = [s.gt_valid_mask.data.sum() for s in samples]
    data = preprocessor(**padding)(dict(inputs=inputs, data_samples=samples), training=True)
    size = data['inputs'].shape[-2:]
    assert data['data_samples'][0].gt_depth_map.data.shape[-2:] == size != (72, 100)
    targets = model.targets(data['data_samples'], size)
    assert targets['metric'][1].flatten(1).sum(1).tolist() == [int(count) for count in expected]
    assert all(term.isfinite() for term in model(**data, mode='loss').values())


def test_padding_of_tests_is_cut_when_img_shape_was_left_behind():
    """As by a crop that does not update ``img_shape`` (KBCrop of depth toolboxes)."""
    model = light_model().eval()
    image = torch.randint(256, (3, 72, 100), dtype=torch.uint8)
    data_sample = sample((72, 100))
    data_sample.set_metainfo(dict(img_shape=(120, 128), ori_shape=(72, 100)))
    prepare = preprocessor(test_cfg=dict(size_divisor=64))
    data = prepare(dict(inputs=[image], data_samples=[data_sample]))
    assert data['inputs'].shape[-2:] == (128, 128)
    with torch.no_grad():
        raw = model.codec.decode(model(data['inputs'])['metric'])[..., :36, :50]
        found = model(**data, mode='predict')[0].pred_depth_map.data
    expected = torch.nn.functional.interpolate(
        raw, size=(72, 100), mode='bilinear', align_corners=True
    )
    assert torch.equal(found, expected[0])


def test_silog_is_that_of_the_valid_pixels():
    generator = torch.Generator().manual_seed(0)
    pred, target = (torch.rand(2, 1, 16, 24, generator=generator) + 0.2 for _ in range(2))
    mask = torch.rand(2, 1, 16, 24, generator=generator) > 0.3
    loss = masked(SiLogLoss(loss_weight=2.0))(pred, target.where(mask, torch.nan), mask)
    logs = [(t[m].log() - p[m].log()).double() for p, t, m in zip(pred, target, mask, strict=True)]
    expected = [2 * (e.square().mean() - e.mean().square() / 2).sqrt() for e in logs]
    assert loss.item() == pytest.approx(torch.stack(expected).mean().item(), rel=1e-5)


DILATED = dict(strides=(1, 2, 1, 1), dilations=(1, 1, 2, 4))
VIT = dict(type='mmseg.VisionTransformer', embed_dims=32, num_layers=4, num_heads=2)


@pytest.mark.parametrize(
    'backbone, neck',
    [
        (dict(type='mmseg.ResNetV1c', depth=18), None),
        (dict(type='mmseg.MSCAN', embed_dims=[8, 16, 32, 64], depths=[1, 1, 1, 1]), None),
        (dict(type='mmseg.MixVisionTransformer', embed_dims=8, num_layers=[1, 1, 1, 1]), None),
        (dict(VIT, out_indices=(0, 1, 2, 3)), dict(type='ViTPyramid')),
    ],
    ids=lambda config: config and config['type'],
)
def test_backbones_train_in_our_network(backbone, neck):
    encoder = dict(_delete_=True, type='WrappedEncoder', backbone=backbone, neck=neck)
    model = light_model(encoder=encoder).train()
    terms = model(images(2, (64, 96)), [sample((64, 96)), sample((64, 96), seed=1)], mode='loss')
    sum(terms.values()).backward()
    assert [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None] == []


@pytest.mark.parametrize(
    'backbone, words',
    [
        (
            dict(type='mmseg.ResNetV1c', depth=18, **DILATED),
            r'set strides=\(1, 2, 2, 2\) and dilations=\(1, 1, 1, 1\)',
        ),
        (dict(VIT, out_indices=(0, 1, 2, 3)), 'set neck='),
        (VIT, 'see its out_indices'),
    ],
)
def test_a_backbone_that_cannot_serve_is_told_what_to_set(backbone, words):
    with pytest.raises(ValueError, match=f'{backbone["type"]} cannot serve.*{words}'):
        WrappedEncoder(backbone)

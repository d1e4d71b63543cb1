"""Depth models of transformers, of every family that is known, made here with random weights."""

import numpy as np
import pytest
import torch
from PIL import Image

from depthdecomp_mm.apis.pseudo_labels import Meaning, open_teacher
from depthdecomp_mm.errors import UserError

hub = pytest.importorskip('transformers')

NECK = dict(neck_hidden_sizes=[8] * 4, fusion_hidden_size=8)
SMALL = dict(hidden_size=16, num_hidden_layers=4, num_attention_heads=2)


def depth_anything(**options):
    layers = dict(out_indices=[1, 2, 3, 4], reshape_hidden_states=False, mlp_ratio=2)
    backbone = hub.Dinov2Config(**SMALL, **layers, image_size=56, patch_size=14)
    config = hub.DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=16, head_hidden_size=4, **NECK, **options
    )
    size = dict(height=56, width=56)
    processor = hub.DPTImageProcessor(size=size, ensure_multiple_of=14, keep_aspect_ratio=True)
    return hub.DepthAnythingForDepthEstimation(config), processor


def relative_depth_anything():
    return depth_anything(depth_estimation_type='relative', max_depth=1)


def metric_depth_anything():
    return depth_anything(depth_estimation_type='metric', max_depth=20)


def dpt():
    layers = dict(intermediate_size=32, backbone_out_indices=[0, 1, 2, 3])
    config = hub.DPTConfig(**SMALL, **layers, **NECK, image_size=64, patch_size=16)
    return hub.DPTForDepthEstimation(config), hub.DPTImageProcessor(size=dict(height=64, width=64))


def zoedepth():
    layers = dict(out_features=[f'stage{i}' for i in range(1, 5)], reshape_hidden_states=False)
    relative = dict(use_relative_position_bias=True, intermediate_size=32)
    backbone = hub.BeitConfig(**SMALL, **layers, **relative, image_size=64, patch_size=16)
    bins = [dict(n_bins=8, min_depth=0.001, max_depth=10.0, name='nyu')]
    config = hub.ZoeDepthConfig(
        backbone_config=backbone,
        bottleneck_features=8,
        num_relative_features=4,
        num_attractors=[4, 2, 2, 1],
        bin_embedding_dim=8,
        bin_configurations=bins,
        **NECK,
    )
    processor = hub.ZoeDepthImageProcessor(size=dict(height=64, width=64))
    return hub.ZoeDepthForDepthEstimation(config), processor


def depth_pro():
    parts = ('image', 'patch', 'fov')
    vit = dict(image_size=32, patch_size=8, mlp_ratio=2)
    models = {f'{part}_model_config': hub.Dinov2Config(**SMALL, **vit) for part in parts}
    config = hub.DepthProConfig(
        fusion_hidden_size=16,
        patch_size=32,
        intermediate_hook_ids=[1, 0],
        intermediate_feature_dims=[8, 8],
        scaled_images_ratios=[0.5, 1.0],
        scaled_images_overlap_ratios=[0.0, 0.25],
        scaled_images_feature_dims=[8, 8],
        use_fov_model=True,
        **models,
    )
    processor = hub.DepthProImageProcessor(size=dict(height=64, width=64))
    return hub.DepthProForDepthEstimation(config), processor


def glpn():
    sizes = dict(hidden_sizes=[8, 8, 16, 16], depths=[1] * 4, num_attention_heads=[1, 1, 2, 2])
    config = hub.GLPNConfig(**sizes, decoder_hidden_size=8)
    return hub.GLPNForDepthEstimation(config), hub.GLPNImageProcessor()


FAMILIES = {
    relative_depth_anything: Meaning('disparity'),
    dpt: Meaning('disparity'),
    metric_depth_anything: Meaning('depth', 'metre'),
    zoedepth: Meaning('depth', 'metre'),
    depth_pro: Meaning('depth', 'metre'),
    glpn: Meaning('depth', 'metre'),
}


@pytest.fixture
def saved(tmp_path):
    """Save a family's model as the hub has it, with weights that make a map of some contrast."""

    def save(family, folder='model'):
        torch.manual_seed(0)
        model, processor = family()
        for parameter in model.parameters():
            if parameter.dim() > 1:
                torch.nn.init.xavier_uniform_(parameter, gain=1.5)
        model.save_pretrained(tmp_path / folder)
        processor.save_pretrained(tmp_path / folder)
        return str(tmp_path / folder)

    return save


@pytest.mark.parametrize('family', FAMILIES, ids=lambda family: family.__name__)
def test_each_family_is_known_and_labels_images_of_any_size(family, saved, images):
    teacher = open_teacher(saved(family))
    assert teacher.meaning == FAMILIES[family]
    values = teacher(images[2])
    assert values.shape == images[2].shape[:2] and values.dtype == np.float32
    assert np.isfinite(values).all() and values.std() > 0
    code = teacher.meaning.encode(values)
    seen = values > 0
    far, near = np.argmin(np.where(seen, values, np.inf)), np.argmax(values)
    if teacher.meaning.orientation == 'depth':
        far, near = near, far
    assert code.flat[near] > code.flat[far]


@pytest.mark.parametrize('family', FAMILIES, ids=lambda family: family.__name__)
def test_predictions_are_those_of_its_own_pipeline(family, saved, images):
    """Colours, sizes and padding."""
    folder = saved(family)
    image = Image.fromarray(np.ascontiguousarray(images[2][..., ::-1]))
    pipeline = hub.pipeline('depth-estimation', model=folder, device='cpu')
    expected = pipeline(image)['predicted_depth'].squeeze()
    found = open_teacher(folder)(images[2])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
    other = open_teacher(folder)(np.ascontiguousarray(images[2][..., ::-1]))
    assert not np.allclose(other, found, rtol=1e-4, atol=1e-6)


def test_identity_is_of_the_weights(saved):
    first, other = saved(glpn), saved(dpt, 'other')
    assert open_teacher(first).identity == open_teacher(first).identity
    assert open_teacher(first).identity != open_teacher(other).identity


def test_a_family_that_is_not_known_has_to_be_explained(saved, monkeypatch):
    folder = saved(dpt)
    module = 'depthdecomp_mm.apis.pseudo_labels.transformers_teacher'
    monkeypatch.setattr(f'{module}.meaning_of', lambda config: None)
    with pytest.raises(UserError, match='say so with --orientation and --unit'):
        open_teacher(folder)
    given = Meaning('depth', 'millimetre')
    assert open_teacher(folder, meaning=given).meaning == given


def test_what_transformers_cannot_load_is_refused(tmp_path):
    with pytest.raises(UserError, match='transformers cannot load it as a depth model'):
        open_teacher(str(tmp_path))

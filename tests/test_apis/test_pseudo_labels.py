"""What labels are made of a teacher's numbers, and which of them are believed."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from depthdecomp_mm.apis import init_model
from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from depthdecomp_mm.apis.pseudo_labels import Meaning, Trust, open_teacher
from depthdecomp_mm.apis.pseudo_labels.known import licence_of, meaning_of
from depthdecomp_mm.apis.pseudo_labels.trust import mean_of_both, saturated, standardise
from depthdecomp_mm.apis.records import record_of, write_record
from depthdecomp_mm.decomposition import DepthCodec, decompose
from depthdecomp_mm.errors import UserError
from depthdecomp_mm.models.encoders.package_weights import SHIPPED

DEPTH = np.random.default_rng(0).uniform(0.5, 8, (12, 16)).astype(np.float32)  # metres


def z_scores(code):
    maps = torch.as_tensor(code)[None, None]
    return decompose(maps, torch.ones_like(maps, dtype=torch.bool)).normalized[0, 0].numpy()


@pytest.mark.parametrize(
    ('meaning', 'values'),
    [
        (Meaning('depth', 'metre'), DEPTH),
        (Meaning('depth', 'millimetre'), DEPTH * 1000),
        (Meaning('disparity', 'metre'), 1 / DEPTH),
    ],
)
def test_metres_are_encoded_as_metric_labels_are(meaning, values):
    expected = z_scores(DepthCodec('inverse').encode(torch.from_numpy(DEPTH)))
    np.testing.assert_allclose(z_scores(meaning.encode(values)), expected, atol=1e-4)
    assert np.abs(z_scores(1 / DEPTH) - expected).max() > 0.1  # another map


@pytest.mark.parametrize(
    ('meaning', 'values'),
    [(Meaning('disparity'), 7 / DEPTH), (Meaning('depth'), DEPTH * 3)],
)
def test_without_a_unit_labels_are_disparity(meaning, values):
    np.testing.assert_allclose(z_scores(meaning.encode(values)), z_scores(1 / DEPTH), atol=1e-4)


@pytest.mark.parametrize('meaning', [Meaning('disparity'), Meaning('depth', 'metre')])
def test_no_distance_and_infinity_have_no_label(meaning):
    code = meaning.encode(np.float32([[0, -1, np.inf, np.nan, 2]]))
    assert np.isfinite(code).tolist() == [[False] * 4 + [True]]


def test_what_is_too_near_to_be_inverted_has_no_label():
    code = Meaning('depth').encode(np.float32([[1e-42, 1]]))
    assert np.isnan(code[0, 0]) and code[0, 1] == 1


@pytest.mark.parametrize(
    ('meaning', 'words'),
    [
        (Meaning('disparity'), 'disparity without a unit'),
        (Meaning('disparity', 'metre'), '1 / depth in metres'),
        (Meaning('depth', 'millimetre'), 'depth in millimetres'),
    ],
)
def test_a_meaning_in_words(meaning, words):
    assert str(meaning) == words


def test_z_scores_of_ours_stay_as_they_are():
    values = np.float32([[-1.5, 0, 1.5, np.inf]])
    np.testing.assert_array_equal(Meaning('code').encode(values)[0, :3], values[0, :3])


@pytest.mark.parametrize('arguments', [('up',), ('depth', 'feet'), ('code', 'metre')])
def test_other_meanings_are_refused(arguments):
    with pytest.raises(UserError, match=r'(orientation|unit): found .*, expected one of'):
        Meaning(*arguments)


def test_sky_and_saturated_ends_are_masked():
    label = np.linspace(1, 2, 400, dtype=np.float32).reshape(20, 20)
    assert not saturated(label, 0.01).any()
    label[:2], label[-3:] = 1, 2
    found = saturated(label, 0.01)
    assert found[:2].all() and found[-3:].all() and found.sum() == 100
    assert not saturated(label, 0.2).any()


def test_pixels_that_the_mirrored_image_puts_elsewhere_are_masked():
    label = np.random.default_rng(0).normal(size=(30, 40)).astype(np.float32)
    mirrored = 3 * label + 5  # another scale and shift are no disagreement
    mirrored[10:12, 10:20] += 3 * 3
    valid = Trust().mask(label, mirrored)
    assert not valid[10:12, 10:20].any() and valid.sum() == 30 * 40 - 20
    assert Trust(mirror=None).mask(label, None).all()


def test_standard_form_ignores_what_is_missing():
    values = np.float32([[1, 2, 6, np.nan]])
    np.testing.assert_allclose(standardise(values)[0, :3], np.array([-1, 0, 4]) * 3 / 5)
    assert np.isnan(standardise(values)[0, 3])
    assert np.isnan(standardise(values * np.nan)).all()


def test_the_label_is_the_mean_of_both_whatever_their_scale():
    label = np.random.default_rng(0).normal(size=(30, 40)).astype(np.float32)
    np.testing.assert_allclose(mean_of_both(label, 3 * label + 5), standardise(label), atol=1e-5)
    other = label[::-1]
    expected = (standardise(label) + standardise(other)) / 2
    np.testing.assert_allclose(mean_of_both(label, other), expected)


@pytest.mark.parametrize(
    ('name', 'licence'),
    [
        ('depth-anything/Depth-Anything-V2-Small-hf', 'Apache-2.0'),
        ('/models/Depth-Anything-V2-Large-hf', 'CC-BY-NC-4.0, not for commercial use'),
        ('Intel/zoedepth-nyu-kitti', 'MIT'),
        ('me/mine', 'see its model card'),
    ],
)
def test_licences(name, licence):
    assert licence_of(name) == licence


@pytest.mark.parametrize(
    'config',
    [
        dict(model_type='chmv2'),
        dict(model_type='dpt', backbone_config=dict(model_type='dinov2')),
        dict(model_type='depth_anything', depth_estimation_type='other'),
    ],
)
def test_unknown_models_have_no_meaning(config):
    assert meaning_of(config) is None


def test_a_checkpoint_of_ours_teaches_metres(checkpoint, inferencer, images):
    teacher = open_teacher(str(checkpoint))
    assert teacher.meaning == Meaning('depth', 'metre')
    expected = inferencer(images[0])['predictions'][0]['depth']
    np.testing.assert_allclose(teacher(images[0]), expected, rtol=1e-5)
    with pytest.raises(UserError, match='what a checkpoint of ours predicts is known'):
        open_teacher(str(checkpoint), meaning=Meaning('disparity'))


def test_published_weights_teach_by_their_address(images):
    teacher = open_teacher(SHIPPED)
    assert teacher.meaning == Meaning('depth', 'metre') and len(teacher.identity) == 32
    assert teacher(images[0]).shape == images[0].shape[:2]


@pytest.fixture(scope='module')
def phase1(config, tmp_path_factory):
    """Checkpoints of phase 1, by their representation."""
    folder = tmp_path_factory.mktemp('phase1')

    def write(representation):
        options = {'model.representation': representation}
        model = init_model(config, phase='phase1', cfg_options=options)
        path = folder / f'{representation}.pth'
        write_checkpoint(path, model.state_dict(), dict(cfg=model.cfg.pretty_text))
        return str(path)

    return write


def test_a_checkpoint_of_phase_1_teaches_its_normalized_map(phase1, images):
    teacher = open_teacher(phase1('inverse'))
    assert teacher.meaning == Meaning('code')
    assert teacher(images[2]).shape == images[2].shape[:2]
    with pytest.raises(UserError, match="normalized map of 'depth', expected"):
        open_teacher(phase1('depth'))


@pytest.fixture(scope='module')
def brightness(tmp_path_factory):
    """An ONNX file that gives the mean of the channels."""
    onnx = pytest.importorskip('onnx')
    pytest.importorskip('onnxruntime')
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT

    def write(height='h', width='w'):
        axes = helper.make_tensor('axes', onnx.TensorProto.INT64, [1], [1])
        mean = helper.make_node('ReduceMean', ['image', 'axes'], ['depth'], keepdims=1)
        takes = helper.make_tensor_value_info('image', kind, [1, 3, height, width])
        gives = helper.make_tensor_value_info('depth', kind, [1, 1, height, width])
        graph = helper.make_graph([mean], 'brightness', [takes], [gives], [axes])
        opset = helper.make_opsetid('', 18)
        path = tmp_path_factory.mktemp('onnx') / 'brightness.onnx'
        onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)
        return str(path)

    return write


def test_an_onnx_file_teaches(brightness, images):
    disparity = Meaning('disparity')
    options = dict(mean=(10, 20, 30), std=(2, 2, 2))
    teacher = open_teacher(brightness(45, 60), meaning=disparity, **options)
    found = teacher(images[2])
    assert found.shape == images[2].shape[:2]
    resized = cv2.resize(images[2], (60, 45)).astype(np.float32).mean(axis=2)
    expected = cv2.resize((resized - 20) / 2, images[2].shape[1::-1])
    np.testing.assert_allclose(found, expected, atol=1e-3)
    open_size = open_teacher(brightness(), meaning=disparity, size=(45, 60), **options)
    np.testing.assert_allclose(open_size(images[2]), found, atol=1e-3)


def test_colours_reach_an_onnx_file_in_its_order(brightness):
    blue = np.zeros((8, 8, 3), np.uint8)
    blue[..., 0] = 90  # BGR
    teacher = open_teacher(
        brightness(8, 8), meaning=Meaning('disparity'), mean=(0, 0, 0), std=(1, 1, 9)
    )
    np.testing.assert_allclose(teacher(blue), 90 / 9 / 3, rtol=1e-5)


@pytest.mark.parametrize(
    ('sides', 'options', 'message'),
    [
        ((8, 8), {}, 'not known whether this model predicts depth or disparity'),
        (('h', 'w'), {'meaning': Meaning('disparity')}, 'leaves the size of images open'),
        ((8, 8), {'meaning': Meaning('disparity'), 'size': (9, 9)}, r'takes images of \[8, 8\]'),
    ],
)
def test_an_onnx_file_about_which_too_little_is_said_is_refused(
    brightness, sides, options, message
):
    with pytest.raises(UserError, match=message):
        open_teacher(brightness(*sides), **options)


def test_a_file_that_we_exported_takes_images_as_they_are_and_gives_metres(brightness, images):
    path = Path(brightness(*images[2].shape[:2]))
    write_record(record_of(path), {}, {path.name: {}})
    teacher = open_teacher(str(path))
    assert teacher.meaning == Meaning('depth', 'metre')
    np.testing.assert_allclose(teacher(images[2]), images[2].mean(axis=2), atol=1e-3)


@pytest.mark.parametrize('name', ['missing.pth', 'missing.onnx'])
def test_a_file_that_is_not_there_is_named(name):
    pytest.importorskip('onnxruntime')
    with pytest.raises(UserError, match=f'{name}: no such file'):
        open_teacher(name)


@pytest.mark.parametrize(
    ('name', 'options', 'message'),
    [
        ('model.pth', dict(size=(96, 128)), r"\['size'\] are options of ONNX files alone"),
        ('Intel/dpt-large', dict(std=(1, 1, 1)), r"\['std'\] are options of ONNX files alone"),
        ('Intel/dpt-large', dict(phase='phase1'), 'only a checkpoint of ours has phases'),
    ],
)
def test_options_of_other_teachers_are_refused(name, options, message):
    with pytest.raises(UserError, match=message):
        open_teacher(name, **options)

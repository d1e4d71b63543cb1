"""A student and its teacher."""

import copy

import pytest
import torch

from depthdecomp_mm.decomposition import DepthCodec
from depthdecomp_mm.errors import ConfigError
from depthdecomp_mm.registry import MODELS
from tests.builders import images, light_model, sample

NARROW = dict(channels=(32, 24, 16, 16, 16, 8))
DECODERS = dict(gradient_decoder=NARROW, normalized_decoder=NARROW, metric_decoder=NARROW)
MINUS_ONE_TO_ONE = dict(data_preprocessor=dict(mean=[127.5] * 3, std=[127.5] * 3))
SIZE = (64, 96)
HALF = (32, 48)


def make_student(teacher_model=None, teaches='unlabelled', **overrides):
    """A student with narrow decoders, whose config states a teacher that is not loaded."""
    return light_model(
        1,
        type='DistilledDecomposer',
        teacher=dict(model=teacher_model or {}, checkpoint='teacher.pth'),
        teaches=teaches,
        **{**DECODERS, **overrides},
    )


@pytest.fixture(scope='module')
def teacher():
    return light_model(0)


@pytest.fixture
def student(teacher):
    student = make_student()
    student.set_teacher(teacher)
    return student


def batch(*labels):
    return images(len(labels), SIZE), [
        unlabelled() if label == 'none' else sample(SIZE, label, seed=i)
        for i, label in enumerate(labels)
    ]


def unlabelled():
    found = sample(SIZE, 'none')
    found.gt_depth_map.data.zero_()
    found.gt_valid_mask.data.zero_()
    return found


def test_the_teacher_is_no_part_of_the_student(student, teacher):
    plain = light_model(2, **DECODERS)
    assert student.state_dict().keys() == plain.state_dict().keys()
    plain.load_state_dict(student.state_dict())  # strictly
    assert len(list(student.parameters())) == len(list(plain.parameters()))
    assert not any(module is teacher for module in student.modules())
    student.train()
    assert not any(module.training for module in teacher.modules())
    assert not any(parameter.requires_grad for parameter in teacher.parameters())
    assert copy.deepcopy(student).teacher is None
    assert next(student.to(torch.float64).teacher.parameters()).dtype == torch.float64
    student.to(torch.float32)


def test_labels_count_where_there_are_any(student):
    """Of an unlabelled image all comes from the teacher, of a relative one what it lacks."""
    plain = light_model(1, **DECODERS)
    plain.load_state_dict(student.state_dict())
    inputs, samples = batch('metric', 'none')
    torch.manual_seed(0)  # of dropout in the MDR block
    expected = plain.train()(inputs, samples, mode='loss')
    torch.manual_seed(0)
    found = student.train()(inputs, samples, mode='loss')
    assert set(found) == set(expected) | {f'{name}_taught' for name in expected}
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value)
    alone = student(*batch('metric', 'metric'), mode='loss')
    assert all(alone[f'{name}_taught'] == 0 for name in expected)
    relative = student(*batch('relative', 'relative'), mode='loss')
    taught = {name for name in expected if relative[f'{name}_taught'] != 0}
    assert taught == {'loss_m', 'loss_m_grad', 'loss_mu', 'loss_log_m'}


def test_the_targets_are_the_teachers_maps(student, teacher):
    inputs, samples = batch('metric', 'none')
    targets = student.targets(samples, HALF)
    taught = student.taught_targets(inputs, samples, targets)
    for name, out in teacher.raw_outputs(inputs).items():
        target, mask = taught[name]
        if name == 'metric':  # as it predicts
            out = 1 / (teacher.codec.decode(out) + 1)
        torch.testing.assert_close(target, out)
        assert mask.shape == out.shape and not mask[0].any()
        borders = out.shape[1] - 1  # of gradients: nothing is beyond the last row and column
        assert (~mask[1]).sum() == borders * sum(HALF)
    raw = student.train().raw_outputs(inputs)
    terms = student(inputs, samples, mode='loss')
    # batch statistics are those of the same batch: the outputs are the same
    error = (raw['normalized'] - taught['normalized'][0])[1].abs().mean()
    torch.testing.assert_close(terms['loss_n_taught'], error, rtol=1e-4, atol=1e-5)


def test_all_images_may_be_taught(teacher):
    student = make_student(teaches='all')
    student.set_teacher(teacher)
    inputs, samples = batch('metric', 'none')
    samples[0].set_metainfo(dict(img_padding_size=(8, 0, 4, 0)))  # left and top
    samples[1].set_metainfo(dict(img_shape=(33, 50)))  # the rest is padding
    taught = student.taught_targets(inputs, samples, student.targets(samples, HALF))
    mask = taught['normalized'][1]
    assert mask[0, 0, 2:, 4:].all() and mask[0].sum() == (HALF[0] - 2) * (HALF[1] - 4)
    assert mask[1, 0, :17, :25].all() and mask[1].sum() == 17 * 25
    assert taught['mean'][1].all()


def test_only_the_branches_that_both_have(teacher):
    student = make_student(metric_decoder=None)
    student.set_teacher(teacher)
    terms = student.train()(*batch('none', 'none'), mode='loss')
    assert {name for name, value in terms.items() if value != 0} == {
        'loss_g_taught',
        'loss_n_taught',
        'loss_n_grad_taught',
    }
    of_phase_1 = light_model(0, metric_decoder=None)
    student = make_student()
    student.set_teacher(of_phase_1)
    terms = student.train()(*batch('none', 'none'), mode='loss')
    assert 'loss_m_taught' not in terms and terms['loss_n_taught'] > 0


@pytest.mark.parametrize('labels', [('metric', 'none'), ('none', 'none'), ('relative', 'none')])
def test_every_parameter_gets_a_gradient(student, labels):
    total, _ = student.parse_losses(student.train()(*batch(*labels), mode='loss'))
    total.backward()
    assert [name for name, p in student.named_parameters() if p.grad is None] == []
    assert all(p.grad.isfinite().all() for p in student.parameters())
    assert all(p.grad is None for p in student.teacher.parameters())


def test_the_teacher_gets_its_own_normalisation(student):
    """It sees the same picture, whatever it is normalised with."""
    other = light_model(0, **MINUS_ONE_TO_ONE)
    picture = torch.randint(0, 256, (2, 3, *SIZE), dtype=torch.uint8)
    seen = []
    handle = other.encoder.register_forward_pre_hook(lambda module, args: seen.append(args[0]))
    student.set_teacher(other)
    data = dict(inputs=picture, data_samples=batch('none', 'none')[1])
    data = student.data_preprocessor(data, True)
    student.train()(**data, mode='loss')
    handle.remove()
    torch.testing.assert_close(seen[0].contiguous(), (picture.flip(1) - 127.5) / 127.5)


def test_steps_come_closer_to_the_teacher(student):
    torch.manual_seed(0)
    optimiser = torch.optim.Adam(student.parameters(), 1e-3)
    inputs, samples = batch('none', 'none')
    totals = []
    for _ in range(8):
        total, _ = student.parse_losses(student.train()(inputs, samples, mode='loss'))
        optimiser.zero_grad()
        total.backward()
        optimiser.step()
        totals.append(total.item())
    assert totals[-1] < 0.95 * totals[0]


def test_a_teacher_that_is_beyond_any_depth(student, monkeypatch):
    """The logarithm of its code is none."""
    raw = student.teacher.raw_outputs(images(2, SIZE))
    raw['metric'] = raw['metric'] - 5
    monkeypatch.setattr(student.teacher, 'raw_outputs', lambda *_: raw)
    terms = student.train()(*batch('none', 'none'), mode='loss')
    assert all(term.isfinite() for term in terms.values())


def test_without_a_teacher():
    student = make_student()
    with pytest.raises(ConfigError, match='has no teacher: train with depthdecomp train'):
        student.train()(*batch('none'), mode='loss')
    assert len(student.eval()(*batch('metric'), mode='predict')) == 1


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(codec=DepthCodec('depth')), "its representation is 'depth', but the student's 'inv"),
        (dict(canonical_focal=100.0), "its canonical_focal is 100.0, but the student's None"),
        (dict(outputs=()), 'of which nothing is learnt'),
    ],
)
def test_a_teacher_that_means_something_else(teacher, monkeypatch, change, message):
    for name, value in change.items():
        monkeypatch.setattr(teacher, name, value)
    with pytest.raises(ValueError, match=message):
        make_student().set_teacher(teacher)


@pytest.mark.parametrize(
    ('settings', 'message'),
    [
        (dict(teacher=dict(model={})), 'teacher: expected a dict of'),
        (dict(teaches='some'), "teaches is 'some'"),
    ],
)
def test_wrong_settings(settings, message):
    settings = dict(teacher=dict(model={}, checkpoint='x')) | settings
    with pytest.raises(ValueError, match=message):
        MODELS.build(dict(type='DistilledDecomposer', encoder={}, **settings))

"""Losses against plain loops over pixels."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from depthdecomp_mm.models import L1Loss, LogL1Loss, MeanL1Loss, MultiScaleGradientLoss
from depthdecomp_mm.models.losses import HostLoss, masked
from depthdecomp_mm.models.losses.l1_loss import without_worst

LOSSES = [L1Loss(), L1Loss(trim=0.1), LogL1Loss(), MeanL1Loss(), MultiScaleGradientLoss()]


def name(loss):
    return type(loss).__name__ + '-trimmed' * bool(getattr(loss, 'trim', 0))


def batch(channels=1, size=(16, 24), seed=0):
    generator = torch.Generator().manual_seed(seed)
    pred = torch.rand(3, channels, *size, generator=generator) + 0.1
    target = torch.rand(3, channels, *size, generator=generator) + 0.1
    mask = torch.rand(3, channels, *size, generator=generator) > 0.2
    mask[1] = False
    return pred.requires_grad_(), target, mask


def l1_by_hand(pred, target, mask):
    """Mean over the valid pixels of each channel, summed; mean over images with any."""
    per_image = []
    for p, t, m in zip(pred, target, mask, strict=True):
        if m.any():
            per_image.append(
                sum(abs(p[c] - t[c])[m[c]].mean() for c in range(len(p)) if m[c].any())
            )
    return np.mean(per_image)


@pytest.mark.parametrize('channels', [1, 2])
def test_l1(channels):
    pred, target, mask = batch(channels)
    expected = l1_by_hand(pred.detach().numpy(), target.numpy(), mask.numpy())
    assert L1Loss(loss_weight=2.0)(pred, target, mask).item() == pytest.approx(2 * expected)


@pytest.mark.parametrize('channels', [1, 2])
@pytest.mark.parametrize('trim', [0.1, 0.5])
def test_trimmed_l1_drops_the_worst_of_each_image(channels, trim):
    pred, target, mask = batch(channels)
    mask[2, :, 3:] = False  # another number of pixels
    expected = []
    for i in (0, 2):
        errors = [
            np.sort((pred - target).detach().abs().numpy()[i, c][mask[i, c].numpy()])
            for c in range(channels)
        ]
        expected.append(sum(e[: len(e) - round(len(e) * trim)].mean() for e in errors))
    loss = L1Loss(trim=trim)(pred, target, mask)
    assert loss.item() == pytest.approx(np.mean(expected), rel=1e-5)
    loss.backward()
    learnt = pred.grad.ne(0).sum(dim=(2, 3))
    valid = mask.sum(dim=(2, 3))
    assert (learnt == valid - (valid * trim).round()).all()


def test_trimmed_l1_does_not_see_outliers_but_l1_does():
    pred, target, mask = batch()
    wrong = target.clone()
    wrong[0, 0, :, 0], mask[0, 0, :, 0] = 100, True  # a column of 24
    clean = L1Loss(trim=0.1)(pred, target, mask).item()
    assert L1Loss(trim=0.1)(pred, wrong, mask).item() == pytest.approx(clean, rel=0.1)
    assert L1Loss()(pred, wrong, mask).item() > 5 * clean


def test_trimming_equal_errors_keeps_the_exact_number():
    zeros, mask = torch.zeros(1, 1, 4, 5), torch.ones(1, 1, 4, 5, dtype=torch.bool)
    mask[..., 0] = False
    assert without_worst(zeros, mask, 0.25).sum() == 12  # of 16
    assert not (without_worst(zeros, mask, 0.25) & ~mask).any()


@pytest.mark.parametrize('trim', [-0.1, 1, float('nan')])
def test_trim_is_a_share(trim):
    with pytest.raises(ValueError, match='trim: found .*, expected a share'):
        L1Loss(trim=trim)


def test_log_l1_clamps_the_prediction_only():
    pred, target, mask = batch()
    pred = (pred - 0.5).detach().requires_grad_()
    loss = LogL1Loss(eps=1e-2)(pred, target, mask)
    clamped = np.maximum(pred.detach().numpy(), 1e-2)
    assert (pred < 0).any()
    expected = l1_by_hand(np.log(clamped), np.log(target.numpy()), mask.numpy())
    assert loss.item() == pytest.approx(expected, rel=1e-5)


def test_equation_10_as_printed_compares_means_of_the_valid_pixels():
    pred, target, mask = batch()
    maps = zip(pred.detach(), target, mask, strict=True)
    expected = [abs(p[m].mean() - t[m].mean()) for p, t, m in maps if m.any()]
    assert MeanL1Loss()(pred, target, mask).item() == pytest.approx(np.mean(expected), rel=1e-4)


def test_multi_scale_gradient_at_one_half_by_hand():
    pred, target, mask = batch()
    loss = MultiScaleGradientLoss(scales=(0.5,))(pred, target, mask).item()
    error = (pred - target).detach().numpy()[:, 0]
    per_image = []
    for e, m in zip(error, mask.numpy()[:, 0], strict=True):
        if not m.any():
            continue
        # bilinear scaling by one half averages disjoint blocks of 2 x 2 pixels
        blocks = e.reshape(8, 2, 12, 2).mean((1, 3))
        valid = m.reshape(8, 2, 12, 2).all((1, 3))
        total = 0.0
        for y in range(8):
            for x in range(12):
                if x + 1 < 12 and valid[y, x] and valid[y, x + 1]:
                    total += abs(blocks[y, x + 1] - blocks[y, x])
                if y + 1 < 8 and valid[y, x] and valid[y + 1, x]:
                    total += abs(blocks[y + 1, x] - blocks[y, x])
        per_image.append(total / valid.sum())
    assert loss == pytest.approx(np.mean(per_image), rel=1e-5)


def test_multi_scale_gradient_is_blind_to_a_constant_offset():
    _, target, mask = batch()
    assert MultiScaleGradientLoss()(target + 5, target, mask).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize('loss', LOSSES, ids=name)
def test_values_where_invalid_change_nothing(loss):
    pred, target, mask = batch()
    reference = loss(pred, target, mask)
    garbage = torch.where(mask, target, torch.full_like(target, math.nan))
    assert loss(pred, garbage, mask).item() == pytest.approx(reference.item())


@pytest.mark.parametrize('loss', LOSSES, ids=name)
def test_empty_mask_gives_zero_and_zero_gradient(loss):
    pred, target, mask = batch(size=(5, 3))
    value = loss(pred, target, mask & False)
    value.backward()
    assert value.item() == 0 and pred.grad.eq(0).all()


@pytest.mark.parametrize('loss', LOSSES, ids=name)
def test_split_batches_average_to_the_whole_with_a_common_factor(loss):
    """What two ranks work out with the mean number of labelled images per rank."""
    pred, target, mask = batch()
    whole = loss(pred, target, mask)
    factor = torch.tensor(2.0 / 2)  # two labelled images on two ranks
    parts = [loss(pred[i], target[i], mask[i], factor) for i in (slice(0, 1), slice(1, 3))]
    assert whole.item() == pytest.approx(sum(parts).item() / 2, rel=1e-5)


@pytest.mark.parametrize('loss', LOSSES, ids=name)
def test_a_hosts_head_calls_without_mask_and_names_the_term(loss):
    """As mmsegmentation's depth heads do: zero, negative or not finite is not measured."""
    pred, target, mask = batch()
    target[0, 0, 0, :2] = torch.tensor([math.nan, math.inf])
    mask[0, 0, 0, :2] = False
    found = loss(pred, target.where(mask | ~target.isfinite(), 0))
    assert found.item() == pytest.approx(loss(pred, target, mask).item())
    assert loss.loss_name.startswith('loss_')
    assert type(loss)(loss_name='loss_mine').loss_name == 'loss_mine'
    assert loss(pred, target, mask, avg_factor=4).item() == pytest.approx(found.item() / 2)


class HostsSquaredLoss(nn.Module):
    """Takes what comes third for a weight, as losses of other toolboxes do."""

    loss_weight = 3.0

    def forward(self, pred, target, weight=None, avg_factor=None):
        assert weight is None and avg_factor is None
        return self.loss_weight * (pred - target).square().mean()


@pytest.mark.parametrize('channels', [1, 2])
def test_a_hosts_loss_sees_the_valid_pixels_of_each_image(channels):
    pred, target, mask = batch(channels)
    target[~mask] = math.nan
    loss = masked(HostsSquaredLoss())
    value = loss(pred, target, mask)
    squares = (pred - target).detach().square().numpy()
    expected = np.mean([3 * squares[i][mask[i].numpy()].mean() for i in (0, 2)])
    assert value.item() == pytest.approx(expected, rel=1e-5) and loss.loss_weight == 3
    value.backward()
    assert pred.grad.isfinite().all() and pred.grad[mask].ne(0).all() and pred.grad[1].eq(0).all()
    nothing = loss(pred, target, mask & False)
    assert nothing.item() == 0 and nothing.requires_grad
    assert loss(pred, target, mask, avg_factor=torch.tensor(4.0)).item() == value.item() / 2


def test_losses_with_a_mask_are_left_as_they_are():
    assert all(masked(loss) is loss for loss in LOSSES)
    assert isinstance(masked(nn.MSELoss()), HostLoss)


class MaskedLoss(nn.Module):
    def forward(self, pred, target, mask):
        return (pred - target)[mask].mean()


def test_a_masked_loss_that_cannot_be_averaged_over_ranks_is_refused_when_it_is_built():
    with pytest.raises(ValueError, match=r'MaskedLoss.forward\(pred, target, mask\).*avg_factor'):
        masked(MaskedLoss())

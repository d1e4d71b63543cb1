"""M-Net guided by the truth."""

import torch

from depthdecomp_mm.workshop.truth_guide import TruthGuidedDecomposer
from tests.builders import images, light_model, sample

GUIDE = dict(_delete_=True, type='TruthGuide', channels=(128, 96, 64, 48))


def truth_guided():
    return light_model(
        type=TruthGuidedDecomposer.__name__, gradient_decoder=None, normalized_decoder=GUIDE
    )


def test_the_guide_is_the_truth_and_teaches_m_net():
    model = truth_guided()
    samples = [sample(seed=i) for i in range(2)]
    losses = model.loss(images(2), samples)
    assert losses['loss_n'] == 0 and losses['loss_m'] > 0
    losses['loss_m'].backward()
    assert all(conv.weight.grad.any() for conv in model.normalized_decoder.convs)


@torch.no_grad()
def test_predictions_follow_the_truth():
    model = truth_guided().eval()
    torch.nn.init.constant_(model.metric_decoder.predict.bias, 0.3)
    maps = [
        model.predict(images(1), [sample(seed=seed)], flip_test=True)[0].pred_depth_map.data
        for seed in (0, 0, 1)
    ]
    assert torch.equal(maps[0], maps[1]) and not torch.allclose(maps[0], maps[2])

"""How a batch reaches a GPU, and what prediction does there."""

import pytest
import torch

from depthdecomp_mm.models import DepthDataPreprocessor

from .device import fake_cuda
from .steps import batch_of, config_of, model_of
from .waits import HostWaits


@pytest.fixture
def cfg():
    return config_of('rooms_hrwsi', 'phase2')


@pytest.mark.parametrize('training', [True, False])
def test_images_and_ground_truth_of_any_size_travel_in_one_copy(cfg, training):
    preprocessor = DepthDataPreprocessor()
    with fake_cuda(preprocessor):
        small, large = batch_of(cfg, 1), batch_of(cfg, 2, (131, 97))
        data = {key: small[key] + large[key] for key in small}
        with HostWaits() as waits:
            out = preprocessor(data, training)
        assert out['inputs'].is_cuda and out['inputs'].shape == (3, 3, 97, 131)
        maps = [s.gt_depth_map.data for s in out['data_samples']]
        assert all(m.is_cuda and m.dtype == torch.float32 for m in maps)
        assert (maps[0].shape == maps[1].shape) == training
    assert waits.seen == {'copy': 1}, waits.places


@pytest.mark.parametrize('flip', [False, True])
@pytest.mark.parametrize('amp', [False, True])
def test_prediction_waits_for_nothing(cfg, flip, amp):
    cfg.model.test_cfg.flip_test = flip
    model = model_of(cfg).eval()
    with fake_cuda(model), torch.no_grad(), torch.autocast('cuda', enabled=amp):
        with HostWaits() as waits:
            samples = model.test_step(batch_of(cfg))
        depths = [s.pred_depth_map.data for s in samples]
        assert all(d.is_cuda and d.dtype == torch.float32 for d in depths)
    assert waits.seen == {'copy': 1}, waits.places

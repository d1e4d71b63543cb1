"""What data loaders do with samples."""

import torch
from torch.utils.data._utils.pin_memory import pin_memory

from tests.builders import sample


def test_a_data_loader_pins_the_maps(monkeypatch):
    pinned = []

    def pin(tensor):
        pinned.append(tensor.clone())
        return pinned[-1]

    monkeypatch.setattr(torch.Tensor, 'pin_memory', pin)
    ours = sample(img_path='a.jpg')
    ours.set_data(dict(scores=torch.ones(2), name='a'))
    (found,) = pin_memory([ours])
    assert type(found) is type(ours) and found is not ours
    assert found.metainfo == ours.metainfo and found.name == 'a'
    held = [found.gt_depth_map.data, found.gt_valid_mask.data, found.scores]
    assert {id(x) for x in held} == {id(x) for x in pinned}
    assert torch.equal(held[0], ours.gt_depth_map.data)

"""Building blocks of the decoders."""

import pytest
import torch

from depthdecomp_mm.models.layers import ChannelAttention


@pytest.mark.parametrize(('channels', 'hidden'), [(64, 4), (40, 5), (8, 1)])
def test_checkpoints_know_channel_attention_by_these_names(channels, hidden):
    shapes = {
        'squeeze.weight': (hidden, channels, 1, 1),
        'squeeze.bias': (hidden,),
        'excite.weight': (channels, hidden, 1, 1),
        'excite.bias': (channels,),
    }
    module = ChannelAttention(channels)
    assert {name: tuple(value.shape) for name, value in module.state_dict().items()} == shapes
    assert [name for name, _ in module.named_parameters()] == list(shapes)


def test_channel_attention_is_the_paper_s_gate():
    module, x = ChannelAttention(64), torch.randn(2, 64, 5, 7)
    state = {name: torch.randn_like(value) / 8 for name, value in module.state_dict().items()}
    module.load_state_dict(state)
    squeeze, excite = (state[f'{name}.weight'][..., 0, 0] for name in ('squeeze', 'excite'))
    hidden = (x.mean((2, 3)) @ squeeze.T + state['squeeze.bias']).clamp(min=0)
    gate = torch.sigmoid(hidden @ excite.T + state['excite.bias'])
    torch.testing.assert_close(module(x), x * gate[..., None, None])

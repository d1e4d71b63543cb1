"""The MDR block against its definition, and its fixed grid."""

import pytest
import torch

from depthdecomp_mm.models import MDRBlock


def small(**kwargs):
    torch.manual_seed(0)
    defaults = dict(in_channels=6, embed_dims=8, patch_size=4, grid_size=(3, 4), num_layers=1)
    return MDRBlock(**(defaults | dict(num_heads=2, feedforward_channels=16) | kwargs)).eval()


def test_sizes_of_the_paper():
    with torch.device('meta'):
        features, mean = MDRBlock()(torch.empty(2, 64, 96, 128))
    block = MDRBlock()
    assert features.shape == (2, 64, 96, 128) and mean.shape == (2, 1, 1, 1)
    assert block.queries == 191 and block.project.in_channels == 191
    assert block.pos_embed.shape == (192, 128)


def test_attention_is_a_dot_product_at_each_pixel():
    block = small()
    x = torch.randn(1, 6, 12, 16)
    with torch.no_grad():
        features, mean = block(x)
        patches = block.patch_embed(x)  # 12 x 16 gives the 3 x 4 grid itself
        tokens = block.transformer(patches.flatten(2).transpose(1, 2) + block.pos_embed)[0]
        pixels = block.pixel_embed(x)[0]
        maps = torch.stack([(tokens[q][:, None, None] * pixels).sum(0) for q in range(1, 12)])
        assert torch.allclose(features, block.project(maps[None]), atol=1e-5)
        assert torch.allclose(mean.view(-1), block.regressor(tokens[0]))


def test_the_maps_of_all_queries_are_never_made():
    """They would be 191 channels wide with the paper's sizes, and be saved for the gradient."""
    block, channels = small().train(), []
    with torch.autograd.graph.saved_tensors_hooks(
        lambda x: channels.append(x.shape[1] if x.dim() == 4 and x.size(-1) == 16 else 0),
        lambda x: x,
    ):
        block(torch.randn(1, 6, 12, 16))
    assert block.queries == 11 and 0 < max(channels) <= 8


@pytest.mark.parametrize('size', [(12, 16), (16, 12), (9, 31), (4, 4), (48, 64)])
def test_any_input_size(size):
    features, mean = small()(torch.randn(2, 6, *size))
    assert features.shape == (2, 6, *size) and mean.shape == (2, 1, 1, 1)


def test_without_the_mean_nothing_regresses():
    block = small(predict_mean=False)
    assert block(torch.randn(1, 6, 12, 16))[1] is None
    assert not any('regressor' in name for name, _ in block.named_parameters())


@pytest.mark.parametrize('queries', [0, 12, 500])
def test_too_few_tokens_is_an_error(queries):
    with pytest.raises(ValueError, match='tokens'):
        small(queries=queries)


def test_a_pooled_mean_starts_at_the_datas_and_is_linear_in_the_pooled_input():
    block = small(mean_head='pooled', initial_mean=0.28)
    x = torch.randn(2, 6, 12, 16)
    assert block(x)[1].flatten().tolist() == pytest.approx([0.28, 0.28])
    torch.nn.init.normal_(block.regressor[0].weight)
    expected = x.mean((2, 3)) @ block.regressor[0].weight[0] + 0.28
    assert torch.allclose(block(x)[1].flatten(), expected)


def test_the_papers_mean_can_start_at_the_datas_too():
    block = small(initial_mean=2.5)
    assert block(torch.randn(1, 6, 12, 16))[1].item() == pytest.approx(2.5)


def test_a_residual_adds_the_input():
    x = torch.randn(1, 6, 12, 16)
    plain, residual = (small(residual=value)(x)[0] for value in (False, True))
    assert torch.allclose(residual, plain + x)


def test_a_residual_block_can_start_as_the_identity():
    x = torch.randn(1, 6, 12, 16)
    block = small(residual=True, zero_init=True)
    assert torch.equal(block(x)[0], x)
    block.train()(x)[0].sum().backward()
    assert block.project.weight.grad.abs().max() > 0  # it learns nevertheless


def test_an_unknown_head_is_an_error():
    with pytest.raises(ValueError, match="'token', 'pooled'"):
        small(mean_head='linear')

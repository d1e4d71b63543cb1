"""Depth networks of other papers, from ``transformers``, with random weights."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor


def dpt_hybrid(batch: int, device: str) -> Callable[[], Tensor]:
    """DPT-Hybrid (ResNet-50 and ViT-B) at 384 x 384.

    Raises:
        ImportError: If transformers is not installed.
    """
    from transformers import BitConfig, DPTConfig, DPTForDepthEstimation

    backbone = BitConfig(
        global_padding='same', layer_type='bottleneck', depths=[3, 4, 9],
        out_features=['stage1', 'stage2', 'stage3'], embedding_dynamic_padding=True,
    )  # fmt: skip
    config = DPTConfig(
        is_hybrid=True, backbone_config=backbone, image_size=384,
        backbone_out_indices=[2, 5, 8, 11],
        neck_hidden_sizes=[256, 512, 768, 768], neck_ignore_stages=[0, 1],
        readout_type='project', backbone_featmap_shape=[1, 1024, 24, 24],
    )  # fmt: skip
    return _call(DPTForDepthEstimation(config), torch.randn(batch, 3, 384, 384), device)


def depth_anything_b(batch: int, device: str) -> Callable[[], Tensor]:
    """Depth Anything B (DINOv2 ViT-B/14) at 518 x 518.

    Raises:
        ImportError: If transformers is not installed.
    """
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    backbone = Dinov2Config(
        image_size=518, patch_size=14, out_features=['stage3', 'stage6', 'stage9', 'stage12'],
        reshape_hidden_states=False,
    )  # fmt: skip
    config = DepthAnythingConfig(
        backbone_config=backbone, reassemble_hidden_size=768, fusion_hidden_size=128,
        neck_hidden_sizes=[96, 192, 384, 768],
    )  # fmt: skip
    return _call(DepthAnythingForDepthEstimation(config), torch.randn(batch, 3, 518, 518), device)


def _call(model: torch.nn.Module, image: Tensor, device: str) -> Callable[[], Tensor]:
    model, image = model.eval().to(device), image.to(device)
    return lambda: model(image).predicted_depth


OTHERS = {'DPT-Hybrid': dpt_hybrid, 'Depth Anything B': depth_anything_b}

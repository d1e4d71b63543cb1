"""The paper's method: the network, what it learns from, and what it predicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import torch
from mmengine.dist import all_reduce
from torch import Tensor, nn

from depthdecomp_mm.calibration import NO_CALIBRATION, Calibration
from depthdecomp_mm.decomposition import DepthCodec
from depthdecomp_mm.registry import MODELS
from depthdecomp_mm.structures import DepthDataSample

from .cameras import camera_scales
from .from_pretrained import FromPretrained
from .loss_terms import build_terms
from .network import DecompositionNetwork, output_size
from .prediction import flip_averaged, read_test_cfg, store_prediction
from .target_resizing import METHODS
from .targets import make_targets

Targets = dict[str, tuple[Tensor, Tensor]]
"""For each branch its target and the mask of valid pixels, of the same shape."""


@MODELS.register_module()
class DepthDecomposer(FromPretrained, DecompositionNetwork):
    """Encoder and decoders, each decoder guided by the one before it.

    Any decoder may be absent: without G and N it is the paper's Baseline, without M the network of
    training phase 1. Loss terms of absent branches take no part.

    Args:
        encoder: Config of the encoder; it must have ``out_channels`` (five features, finest first)
            and ``size_divisor``.
        gradient_decoder: Config of G-Net.
        normalized_decoder: Config of N-Net.
        metric_decoder: Config of M-Net.
        losses: Loss terms by name; each is the config of a loss with one key more, ``branch``:
            ``'gradients'``, ``'normalized'``, ``'metric'`` or ``'mean'``. A term of None is left
            out. Names start with ``loss``, as MMEngine sums what does. Losses of other toolboxes
            serve, too, see :class:`HostLoss`.
        representation: ``'inverse'`` (Eq. 12) or ``'depth'``, see :class:`DepthCodec`.
        min_depth: Lowest predicted depth, metres.
        max_depth: Highest predicted depth, metres.
        canonical_focal: Focal length, in pixels of the network's input, of the camera whose metres
            the network is taught, for training with several cameras; see
            :mod:`~depthdecomp_mm.models.cameras`. Each metric sample then needs its ``focal``.
            Ground truth, predictions, ``min_depth`` and ``max_depth`` are true metres; what the MDR
            block says of the mean is not.
        target_resizing: How the ground truth gets the outputs' resolution: ``'nearest'`` neighbour,
            or ``'bilinear'`` with aligned corners, which is how predictions get the ground truth's.
            If the network gave its targets exactly, its RMSE on three filled NYUv2 frames were .087
            m with the first, .070 m with the second; beside holes, where all four neighbours must
            be valid, .055 and .045 m on the pixels that both reach, with 72.0 and 70.4 % of the
            targets valid. What it does to a trained network is not measured.
        test_cfg: ``flip_test`` (bool): average with the prediction of the mirrored image;
            ``outputs`` (sequence): what :meth:`predict` stores beside depth, of ``'normalized'``,
            ``'gradients'``, ``'mean'``.
        channels_last: Keep images and convolution weights in channels-last memory format, which is
            faster on CPUs, and on GPUs with mixed precision.
        data_preprocessor: Config of the data preprocessor.
        pretrained: Here because toolboxes set it to None before they build a model for prediction;
            weights are named under ``encoder``.
        train_cfg: Likewise.
        init_cfg: MMEngine's initialisation config.

    Attributes:
        training_maps: For each output map of the last call of :meth:`loss` the prediction, its
            target and the mask of valid pixels, (B, C, h, w) each, for hooks to look at.

    Raises:
        ValueError: If there is no decoder, a decoder has no loss term or lacks the guide that its
            config weighs, or a key is unknown.
    """

    def __init__(
        self,
        encoder: dict,
        gradient_decoder: dict | None = None,
        normalized_decoder: dict | None = None,
        metric_decoder: dict | None = None,
        losses: dict | None = None,
        representation: str = 'inverse',
        min_depth: float = 1e-3,
        max_depth: float = 10.0,
        canonical_focal: float | None = None,
        target_resizing: str = 'nearest',
        test_cfg: dict | None = None,
        channels_last: bool = False,
        data_preprocessor: dict | None = None,
        pretrained: None = None,
        train_cfg: None = None,
        init_cfg: dict | None = None,
    ) -> None:
        _expect_none(pretrained=pretrained, train_cfg=train_cfg)
        if target_resizing not in METHODS:
            raise ValueError(
                f'target_resizing is {target_resizing!r}, expected one of {tuple(METHODS)}'
            )
        decoders = dict(
            gradient_decoder=gradient_decoder,
            normalized_decoder=normalized_decoder,
            metric_decoder=metric_decoder,
        )
        super().__init__(encoder, decoders, channels_last, data_preprocessor, init_cfg)
        self.training_maps: dict[str, tuple[Tensor, Tensor, Tensor]] = {}
        self.codec = DepthCodec(representation, min_depth, max_depth)
        if canonical_focal is not None and not canonical_focal > 0:
            raise ValueError(f'canonical_focal is {canonical_focal}, expected pixels above 0')
        self.canonical_focal = canonical_focal
        self.target_resizing = target_resizing
        self.test_cfg = read_test_cfg(test_cfg)
        self._calibration = NO_CALIBRATION
        self._build_losses(losses or {})

    @property
    def calibration(self) -> Calibration:
        """What predicted depth is scaled by for a camera.

        It takes no part in training, and is not among the weights.

        Raises:
            ValueError: If its shift leaves nothing of the range of depth.
        """
        return self._calibration

    @calibration.setter
    def calibration(self, calibration: Calibration) -> None:
        if not calibration.shift < self.codec.max_depth:
            raise ValueError(f'{calibration}: nothing is nearer than {self.codec.max_depth:g} m')
        self._calibration = calibration

    def _build_losses(self, losses: dict) -> None:
        self.losses, self.loss_branches = build_terms(losses, self.outputs)
        untrained = set(self.outputs) - {'mean'} - set(self.loss_branches.values())
        if losses and untrained:
            raise ValueError(f'no term in losses trains the branch {sorted(untrained)}')

    def forward(
        self, inputs: Tensor, data_samples: list | None = None, mode: str = 'tensor'
    ) -> dict | list:
        """Run one of the modes.

        Args:
            inputs: (B, 3, H, W) float32, normalised images.
            data_samples: Samples of the batch, as :class:`DepthDataSample` documents them.
            mode: ``'loss'``, ``'predict'`` or ``'tensor'``.

        Returns:
            The dict of :meth:`raw_outputs` with all branches for ``'tensor'``, the loss terms for
            ``'loss'``, the samples with their predictions for ``'predict'``.
        """
        if mode == 'tensor':
            return self.raw_outputs(inputs)
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise RuntimeError(f"mode must be 'loss', 'predict' or 'tensor', but found '{mode}'")

    def loss(self, inputs: Tensor, data_samples: list[DepthDataSample]) -> dict[str, Tensor]:
        """Loss terms of a batch of metric and relative samples (Section 3.4).

        The ground truth is brought to network resolution (see ``target_resizing``) and decomposed
        here, after every crop and resize. Each term is the mean over an image's valid pixels, then
        over the images of the global batch, on all ranks, that have any in that branch.
        """
        raw, targets = self.outputs_and_targets(inputs, data_samples)
        return self.compare(raw, targets, self.losses, self.loss_branches)

    def outputs_and_targets(
        self, inputs: Tensor, data_samples: list[DepthDataSample]
    ) -> tuple[dict[str, Tensor], Targets]:
        """Outputs in float32, and what the ground truth says that they should be."""
        targets = self.targets(data_samples, output_size(inputs.shape[-2:]))
        raw = {name: out.float() for name, out in self.raw_outputs(inputs).items()}
        self.training_maps = {
            name: (out.detach(), *targets[name]) for name, out in raw.items() if name != 'mean'
        }
        return raw, targets

    def compare(
        self,
        raw: dict[str, Tensor],
        targets: Targets,
        losses: Mapping[str, nn.Module],
        branches: dict[str, str],
    ) -> dict[str, Tensor]:
        """Loss terms of outputs, by their branches' targets and masks."""
        names = list(dict.fromkeys(branches.values()))
        counts = torch.stack([targets[b][1].flatten(1).any(1).sum() for b in names]).float()
        all_reduce(counts, 'mean')
        factors = dict(zip(names, counts, strict=True))
        return {
            name: losses[name](raw[branch], *targets[branch], avg_factor=factors[branch])
            for name, branch in branches.items()
        }

    def targets(self, data_samples: list[DepthDataSample], size: tuple[int, int]) -> Targets:
        """Targets and masks at network resolution (h, w), as :func:`make_targets` gives them."""
        return make_targets(
            data_samples, size, self.codec, self.target_resizing, self.canonical_focal
        )

    def predict(
        self,
        inputs: Tensor,
        data_samples: list | None = None,
        flip_test: bool | None = None,
        outputs: Sequence[str] | None = None,
    ) -> list[DepthDataSample]:
        """Predict at the size of the original images.

        The raw output is decoded to metres and clamped, averaged with that of the mirrored image if
        ``flip_test`` is set, then resized bilinearly. Without M-Net the normalized map is predicted
        in place of depth, and without N-Net neither.

        Args:
            inputs: (B, 3, H, W) float32, normalised images.
            data_samples: Samples of the batch; new ones by default.
            flip_test: In place of that in ``test_cfg``.
            outputs: In place of those in ``test_cfg``.

        Returns:
            The samples, with ``pred_depth_map`` in metres and what ``outputs`` asks for.
        """
        flip_test = self.test_cfg['flip_test'] if flip_test is None else flip_test
        outputs = self.test_cfg['outputs'] if outputs is None else outputs
        if data_samples is None:
            data_samples = [DepthDataSample() for _ in inputs]
        main = 'metric' if 'metric' in self.outputs else 'normalized'
        wanted = {main, *outputs}
        scales = camera_scales(data_samples, self.canonical_focal, inputs.device)
        predict = partial(self.decoded_outputs, scales=scales)
        maps = flip_averaged(predict, inputs, wanted) if flip_test else predict(inputs, wanted)
        for i, sample in enumerate(data_samples):
            sample.set_metainfo(dict(representation=self.codec.representation))
            store_prediction(sample, {k: v[i] for k, v in maps.items()}, inputs.shape[-2:])
        return data_samples

    def decoded_outputs(
        self, inputs: Tensor, wanted: set[str], scales: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Those of :meth:`raw_outputs` that are wanted, with ``metric`` in metres, clamped.

        Args:
            inputs: (B, 3, H, W), or the images and their mirrored ones one after another.
            wanted: Names of the outputs.
            scales: (B, 1, 1, 1) of :func:`~depthdecomp_mm.models.cameras.camera_scales`.
        """
        raw = {k: v.float() for k, v in self.raw_outputs(inputs, sorted(wanted)).items()}
        if 'metric' in raw:
            if scales is not None:
                scales = scales.repeat(len(inputs) // len(scales), 1, 1, 1)
            raw['metric'] = self.decode(raw['metric'], 1.0 if scales is None else scales)
        return raw

    def decode(self, code: Tensor, scale: float | Tensor = 1.0) -> Tensor:
        """Decode M-Net's output of any shape to true metres, calibrated and clamped."""
        calibration = self.calibration
        return self.codec.decode(code, calibration.scale * scale, calibration.shift)


def _expect_none(**arguments: object) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f'model.{name} is not used and must be None, but found {value!r}: weights to start '
                'from are named by encoder.pretrained or encoder.checkpoint_path'
            )

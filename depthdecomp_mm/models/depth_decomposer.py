"""The network of the paper: a shared encoder and the decoders G-Net, N-Net and M-Net (Fig. 2)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce
from mmengine.model import BaseModel
from mmengine.structures import PixelData
from torch import Tensor, nn

from depthdecomp_mm.decomposition import DepthCodec, decompose
from depthdecomp_mm.registry import MODELS, ours_first
from depthdecomp_mm.structures import DepthDataSample

from .layers import resize
from .losses import masked
from .target_resizing import METHODS

# decoder: (what it predicts, output channels), in the order in which one guides the next
BRANCHES = {
    'gradient_decoder': ('gradients', 2),
    'normalized_decoder': ('normalized', 1),
    'metric_decoder': ('metric', 1),
}
OUTPUTS = ('gradients', 'normalized', 'metric', 'mean')


@MODELS.register_module()
class DepthDecomposer(BaseModel):
    """Encoder and decoders, each decoder guided by the one before it.

    Any decoder may be absent: without G and N it is the paper's Baseline, without M the network of
    training phase 1. Loss terms of absent branches take no part.

    Args:
        encoder (dict): Config of the encoder; it must have ``out_channels`` (five features, finest
            first) and ``size_divisor``.
        gradient_decoder (dict, optional): Config of G-Net.
        normalized_decoder (dict, optional): Config of N-Net.
        metric_decoder (dict, optional): Config of M-Net.
        losses (dict): Loss terms by name; each is the config of a loss with one key more,
            ``branch``: ``'gradients'``, ``'normalized'``, ``'metric'`` or ``'mean'``. A term of
            None is left out. Names start with ``loss``, as MMEngine sums what does. Losses of other
            toolboxes serve, too, see :class:`HostLoss`.
        representation (str): ``'inverse'`` (Eq. 12) or ``'depth'``, see :class:`DepthCodec`.
        min_depth (float): Lowest predicted depth, metres.
        max_depth (float): Highest predicted depth, metres.
        target_resizing (str): How the ground truth gets the outputs' resolution: ``'nearest'``
            neighbour, or ``'bilinear'`` with aligned corners, which is how predictions get the
            ground truth's. If the network gave its targets exactly, its RMSE on three filled NYUv2
            frames were .087 m with the first, .070 m with the second; beside holes, where all four
            neighbours must be valid, .055 and .045 m on the pixels that both reach, with 72.0 and
            70.4 % of the targets valid. What it does to a trained network is not measured.
        test_cfg (dict): ``flip_test`` (bool): average with the prediction of the mirrored image;
            ``outputs`` (sequence): what :meth:`predict` stores beside depth, of ``'normalized'``,
            ``'gradients'``, ``'mean'``.
        channels_last (bool): Keep images and convolution weights in channels-last memory format,
            which is faster on CPUs, and on GPUs with mixed precision.
        data_preprocessor (dict, optional): Config of the data preprocessor.
        pretrained (None): Here because toolboxes set it to None before they build a model for
            prediction; weights are named under ``encoder``.
        train_cfg (None): Likewise.
        init_cfg (dict, optional): MMEngine's initialisation config.

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
        target_resizing: str = 'nearest',
        test_cfg: dict | None = None,
        channels_last: bool = False,
        data_preprocessor: dict | None = None,
        pretrained: None = None,
        train_cfg: None = None,
        init_cfg: dict | None = None,
    ) -> None:
        _expect_none(pretrained=pretrained, train_cfg=train_cfg)
        super().__init__(ours_first(data_preprocessor, MODELS), init_cfg)
        self.codec = DepthCodec(representation, min_depth, max_depth)
        if target_resizing not in METHODS:
            raise ValueError(
                f'target_resizing is {target_resizing!r}, expected one of {tuple(METHODS)}'
            )
        self.target_resizing = target_resizing
        self.test_cfg = _read_test_cfg(test_cfg)
        self.encoder = MODELS.build(ours_first(encoder, MODELS))
        configs = dict(
            gradient_decoder=gradient_decoder,
            normalized_decoder=normalized_decoder,
            metric_decoder=metric_decoder,
        )
        self.decoders: dict[str, str] = {}  # output name: attribute
        for attribute, (output, channels) in BRANCHES.items():
            if configs[attribute] is None:
                continue
            default = dict(in_channels=self.encoder.out_channels, out_channels=channels)
            if 'fusion_weights' in configs[attribute] and not self.decoders:
                raise ValueError(
                    f'{attribute}.fusion_weights is set, but there is no decoder before it that '
                    'could guide it: leave it out, or add one'
                )
            config = ours_first(configs[attribute], MODELS)
            setattr(self, attribute, MODELS.build(config, default_args=default))
            self.decoders[output] = attribute
        if not self.decoders:
            raise ValueError(f'DepthDecomposer needs at least one of {tuple(BRANCHES)}')
        self.outputs = tuple(self.decoders)
        if metric_decoder is not None and self.metric_decoder.predicts_mean:
            self.outputs += ('mean',)
        self.losses = nn.ModuleDict()
        self.loss_branches: dict[str, str] = {}
        self._build_losses(losses or {})
        self.memory_format = torch.channels_last if channels_last else torch.preserve_format
        self.to(memory_format=self.memory_format)
        self._network = type(self)._raw_outputs  # :meth:`compile` replaces it

    def _build_losses(self, losses: dict) -> None:
        for name, config in losses.items():
            if config is None:
                continue
            config = dict(config)
            branch = config.pop('branch', None)
            if branch not in OUTPUTS or not name.startswith('loss'):
                raise ValueError(
                    f"losses.{name}: names start with 'loss' and have a branch of {OUTPUTS}, but "
                    f'found branch={branch!r}'
                )
            if branch in self.outputs:
                self.losses[name] = masked(MODELS.build(ours_first(config, MODELS)))
                self.loss_branches[name] = branch
        untrained = set(self.outputs) - {'mean'} - set(self.loss_branches.values())
        if losses and untrained:
            raise ValueError(f'no term in losses trains the branch {sorted(untrained)}')

    def compile(self, **kwargs) -> None:
        """Let :func:`torch.compile` make the network faster, from the next batch on.

        Images to raw outputs are compiled, in every mode; samples, losses and metrics are not.

        Args:
            **kwargs: Arguments of :func:`torch.compile`.
        """
        # of the class, not of this object: a copy of the model has weights of its own
        self._network = torch.compile(type(self)._raw_outputs, **kwargs)

    def forward(
        self, inputs: Tensor, data_samples: list | None = None, mode: str = 'tensor'
    ) -> dict | list:
        """Run one of the modes.

        Args:
            inputs: (B, 3, H, W) float32, normalised images.
            data_samples: Samples of the batch, as :class:`DepthDataSample` documents them.
            mode (str): ``'loss'``, ``'predict'`` or ``'tensor'``.

        Returns:
            dict or list: ``'tensor'``: the dict of :meth:`raw_outputs` with all branches;
            ``'loss'``: the loss terms; ``'predict'``: the samples with their predictions.
        """
        if mode == 'tensor':
            return self.raw_outputs(inputs)
        if mode == 'loss':
            return self.loss(inputs, data_samples)
        if mode == 'predict':
            return self.predict(inputs, data_samples)
        raise RuntimeError(f"mode must be 'loss', 'predict' or 'tensor', but found '{mode}'")

    def raw_outputs(self, inputs: Tensor, outputs: Sequence[str] | None = None) -> dict:
        """Raw branch outputs at network resolution, half of the input's (rounded up).

        Inputs whose size the encoder does not divide are padded at the right and bottom, and the
        outputs cropped.

        Args:
            inputs: (B, 3, H, W), normalised images.
            outputs: Names of the outputs wanted, all by default. What none of them needs, such as
                the last blocks of G- and N-Net for the metric map alone, is not computed.

        Returns:
            dict: ``gradients`` (B, 2, h, w), differences of the normalized map to the next pixel;
            ``normalized`` (B, 1, h, w), unitless; ``metric`` (B, 1, h, w), in the model's
            representation, neither decoded nor clamped; ``mean`` (B, 1, 1, 1), likewise.
        """
        wanted = self.outputs if outputs is None else [o for o in outputs if o in self.outputs]
        return self._network(self, inputs, wanted)

    def _raw_outputs(self, inputs: Tensor, wanted: Sequence[str]) -> dict:
        height, width = inputs.shape[-2:]
        divisor = self.encoder.size_divisor
        inputs = F.pad(inputs, (0, -width % divisor, 0, -height % divisor))
        features = self.encoder(inputs.to(memory_format=self.memory_format))
        raw, guides = {}, None
        for output, steps in self._steps(wanted).items():
            decoded = getattr(self, self.decoders[output])(features, guides, steps)
            guides = decoded.features
            if decoded.maps is not None:
                raw[output] = decoded.maps[..., : -(-height // 2), : -(-width // 2)]
            if decoded.mean is not None:
                raw['mean'] = decoded.mean
        return {name: raw[name] for name in wanted}

    def _steps(self, wanted: Sequence[str]) -> dict[str, int | None]:
        """How many features of each decoder are needed, None for all and its maps.

        A decoder that stops at its k-th feature has used k - 1 of its guide's.
        """
        steps, needed = {}, 0
        for output in reversed(self.decoders):
            maps = output in wanted or (output == 'metric' and 'mean' in wanted)
            if maps or needed:
                steps[output] = None if maps else needed
            needed = 4 if maps else max(needed - 1, 0)
        return dict(reversed(steps.items()))

    def loss(self, inputs: Tensor, data_samples: list[DepthDataSample]) -> dict[str, Tensor]:
        """Loss terms of a batch of metric and relative samples (Section 3.4).

        The ground truth is brought to network resolution (see ``target_resizing``) and decomposed
        here, after every crop and resize. Each term is the mean over an image's valid pixels, then
        over the images of the global batch, on all ranks, that have any in that branch.
        """
        raw = {name: out.float() for name, out in self.raw_outputs(inputs).items()}
        size = next(out for name, out in raw.items() if name != 'mean').shape[-2:]
        targets = self.targets(data_samples, size)
        counts = torch.stack([targets[b][1].flatten(1).any(1).sum() for b in raw]).float()
        all_reduce(counts, 'mean')
        factors = dict(zip(raw, counts, strict=True))
        return {
            name: self.losses[name](raw[branch], *targets[branch], avg_factor=factors[branch])
            for name, branch in self.loss_branches.items()
        }

    @torch.no_grad()
    def targets(
        self, data_samples: list[DepthDataSample], size: tuple[int, int]
    ) -> dict[str, tuple[Tensor, Tensor]]:
        """Decompose the ground truth at network resolution.

        Args:
            data_samples: B samples with ground truth of one size.
            size: (h, w) of the network's outputs.

        Returns:
            dict: For each output its target and bool mask, of the same shape as the output. A
            relative sample has a mask of False for ``metric`` and ``mean``.
        """
        depth, valid = _stack_ground_truth(data_samples)
        depth, valid = METHODS[self.target_resizing](depth, valid, size)
        relative = [s.metainfo.get('label_type', 'metric') == 'relative' for s in data_samples]
        relative = torch.tensor(relative, device=depth.device).view(-1, 1, 1, 1)
        code = torch.where(relative, depth, self.codec.encode(depth))
        parts = decompose(code, valid)
        return dict(
            gradients=(parts.gradients, parts.gradients_mask),
            normalized=(parts.normalized, parts.normalized_mask),
            metric=(code, valid & ~relative),
            mean=(parts.mean, parts.mean_mask & ~relative),
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
            list: The samples, with ``pred_depth_map`` in metres and what ``outputs`` asks for.
        """
        flip_test = self.test_cfg['flip_test'] if flip_test is None else flip_test
        outputs = self.test_cfg['outputs'] if outputs is None else outputs
        if data_samples is None:
            data_samples = [DepthDataSample() for _ in inputs]
        main = 'metric' if 'metric' in self.outputs else 'normalized'
        wanted = {main, *outputs}
        predict = self._flip_averaged if flip_test else self._decoded_outputs
        maps = predict(inputs, wanted)
        for i, sample in enumerate(data_samples):
            self._store(sample, {k: v[i] for k, v in maps.items()}, inputs.shape[-2:])
        return data_samples

    def _flip_averaged(self, inputs: Tensor, wanted: set[str]) -> dict[str, Tensor]:
        """Means of the outputs and those of mirrored images; gradients are of the images alone."""
        mirrored = inputs.flip(-1)
        if _better_in_one_batch(inputs):
            both = self._decoded_outputs(torch.cat((inputs, mirrored)), wanted)
            maps, others = ({k: v.chunk(2)[i] for k, v in both.items()} for i in range(2))
        else:
            maps = self._decoded_outputs(inputs, wanted)
            others = self._decoded_outputs(mirrored, wanted - {'gradients'})
        for name in others.keys() - {'gradients'}:
            maps[name] = (maps[name] + others[name].flip(-1)) / 2
        return maps

    def _decoded_outputs(self, inputs: Tensor, wanted: set[str]) -> dict[str, Tensor]:
        raw = {k: v.float() for k, v in self.raw_outputs(inputs, sorted(wanted)).items()}
        if 'metric' in raw:
            raw['metric'] = self.codec.decode(raw['metric'])
        return raw

    def _store(self, sample: DepthDataSample, maps: dict, batch_shape: tuple[int, int]) -> None:
        """Crop an image's maps to its own part of a padded batch, resize and store them."""
        rows, columns = _image_window(sample, batch_shape)
        ori_shape = sample.metainfo.get('ori_shape')
        ori_shape = ori_shape or (rows.stop - rows.start, columns.stop - columns.start)

        def crop(x: Tensor) -> Tensor:
            halves = (slice(s.start // 2, -(-s.stop // 2)) for s in (rows, columns))
            return x[(None, slice(None), *halves)]

        sample.set_metainfo(dict(representation=self.codec.representation))
        if 'metric' in maps:
            sample.pred_depth_map = PixelData(data=resize(crop(maps['metric']), ori_shape[:2])[0])
        if 'normalized' in maps:
            data = resize(crop(maps['normalized']), ori_shape[:2])[0]
            sample.pred_normalized_map = PixelData(data=data)
        if 'gradients' in maps:
            sample.pred_gradient_maps = PixelData(data=crop(maps['gradients'])[0])
        if 'mean' in maps:
            sample.set_metainfo(dict(pred_mean=maps['mean'].item()))


def _image_window(sample: DepthDataSample, batch_shape: tuple[int, int]) -> tuple[slice, slice]:
    """Rows and columns that an image has in a padded batch.

    The padding itself, where a preprocessor notes it, is to be trusted more than ``img_shape``,
    which transforms of other toolboxes may have left at an earlier size.
    """
    if 'img_padding_size' in sample.metainfo:
        left, right, top, bottom = sample.metainfo['img_padding_size']
        return slice(top, batch_shape[0] - bottom), slice(left, batch_shape[1] - right)
    height, width = sample.metainfo.get('img_shape', batch_shape)[:2]
    return slice(0, height), slice(0, width)


def _better_in_one_batch(inputs: Tensor) -> bool:
    """A CPU has its hands full with one image, and larger activations leave its caches."""
    return inputs.is_cuda


def _expect_none(**arguments: object) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f'model.{name} is not used and must be None, but found {value!r}: weights to start '
                'from are named by encoder.pretrained or encoder.checkpoint_path'
            )


def _read_test_cfg(test_cfg: dict | None) -> dict:
    config = dict(flip_test=False, outputs=())
    unknown = set(test_cfg or {}) - set(config)
    if unknown:
        raise ValueError(f'test_cfg has unknown keys {sorted(unknown)}; known: {list(config)}')
    config.update(test_cfg or {})
    unknown = set(config['outputs']) - set(OUTPUTS)
    if unknown:
        raise ValueError(f'test_cfg.outputs must be of {OUTPUTS}, but found {sorted(unknown)}')
    return config


def _stack_ground_truth(data_samples: list[DepthDataSample]) -> tuple[Tensor, Tensor]:
    """Depth and mask (B, 1, H, W); what is not valid is 0."""
    depth = torch.stack([sample.gt_depth_map.data for sample in data_samples]).float()
    valid = torch.stack([_valid_pixels(sample) for sample in data_samples]) & depth.isfinite()
    return depth.where(valid, 0), valid


def _valid_pixels(sample: DepthDataSample) -> Tensor:
    """The mask (1, H, W); without one a pixel of the image is valid if positive.

    Padding counts for nothing, whatever a host's preprocessor fills it with, and also where it pads
    the depth map but not the mask.
    """
    depth = sample.gt_depth_map.data
    height, width = sample.metainfo.get('img_shape', depth.shape[-2:])[:2]
    if 'gt_valid_mask' in sample:
        mask = sample.gt_valid_mask.data.bool()
        if mask.shape[-2:] != (height, width):
            return mask
        return F.pad(
            mask, (0, max(depth.shape[-1] - width, 0), 0, max(depth.shape[-2] - height, 0))
        )
    valid = depth > 0
    valid[..., height:, :] = False
    valid[..., width:] = False
    return valid

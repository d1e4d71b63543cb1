"""HR-WSI: web stereo images with disparity maps."""

from __future__ import annotations

from depthdecomp_mm.registry import DATASETS

from .base_depth_dataset import BaseDepthDataset


@DATASETS.register_module()
class HRWSIDataset(BaseDepthDataset):
    """HR-WSI: relative labels (disparity, larger = nearer) with masks of the valid pixels.

    Files ``{train,val}/imgs/*.jpg``, ``gts/*.png`` and ``valid_masks/*.png`` of the same stems.

    Args:
        split: ``'train'`` or ``'val'``; the folder below ``data_root`` that holds the three.
        data_prefix: The three folders; when given, ``split`` is not used.
        **kwargs: Arguments of :class:`BaseDepthDataset`.
    """

    METAINFO: dict = dict(dataset_type='hrwsi', depth_unit='unitless')
    PREPARED_BY: dict = {
        '*': 'tools/dataset_converters/hrwsi.py checks a download, make_rooms.py renders a stand-in'
    }

    def __init__(
        self,
        *,
        split: str = 'train',
        data_prefix: dict | None = None,
        label_type: str = 'relative',
        **kwargs,
    ) -> None:
        if data_prefix is None:
            data_prefix = dict(
                img_path=f'{split}/imgs',
                depth_map_path=f'{split}/gts',
                valid_mask_path=f'{split}/valid_masks',
            )
        super().__init__(data_prefix=data_prefix, label_type=label_type, **kwargs)

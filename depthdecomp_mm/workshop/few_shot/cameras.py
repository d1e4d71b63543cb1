"""The cameras of the curve, by the scenes that they recorded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Camera:
    """Which scenes of a folder of real frames are of a camera.

    Args:
        name: Its name, which is that of its folder of lists.
        recordings: Scenes of which it is trained on the beginning and tested on the end.
        extras: Scenes, too short to be divided, that it is trained on.
        elsewhere: Scenes of other places, which it is tested on alone.
        last: Share of each recording to test on.
    """

    name: str
    recordings: tuple[str, ...]
    extras: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    last: float = 0.25


CAMERAS = (
    Camera(
        'kinect',
        recordings=('nyu_cafe', 'sevenscenes_tsdfpython', 'tum_fr2_pioneer'),
        extras=('tsdffusion_50', 'tum_fr1_desk', 'tum_fr1_360', 'tum_fr2_desk'),
        elsewhere=(
            'nyu_metric3d_basement',
            'nyu_rcnndepth_dining',
            'nyu_revisit_dresser',
            'nyuis_classroom',
            'nyuis_corridor',
            'nyuis_office_b',
            'nyuis_printroom',
            'nyuis_reception',
            'nyuis_window',
            'jsk_checkerboard',
        ),
    ),
    Camera('primesense', recordings=('piv_hobbes',), elsewhere=('piv_cabinet',)),
    Camera('xtion', recordings=('tum_fr3_cabinet',), extras=('tum_fr3_office',)),
)
"""The three with most frames. The Kinects are several devices of one kind."""
OTHERS = ('dvmvs_hololens', 'taeyoung_office', 'sunis_storeA')
"""Scenes of further cameras, which only the teachers learn from."""

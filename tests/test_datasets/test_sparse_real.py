"""Real frames of which a part of the depth is kept: how near is what a network then learns from?

``python -m tests.test_datasets.test_sparse_real FOLDER`` prints the table of docs/camera.md for the
frames of a list ``test.txt`` there, in millimetres.
"""

import sys
from pathlib import Path

import cv2
import numpy as np
import torch

from depthdecomp_mm.datasets.pairing import parse_line, parse_lines
from depthdecomp_mm.datasets.relative_fit import OFFSETS, FitError, fit_relative_map
from depthdecomp_mm.datasets.transforms import Resize
from depthdecomp_mm.decomposition import decompose
from depthdecomp_mm.models.target_resizing import nearest
from depthdecomp_mm.structures import valid_pixels

NOISE = 0.1  # of a relative map, in its standard deviations
MIN_SHARE = 0.6


def scattered(valid, count, rng, top=0.0):
    """A number of the measured pixels below a part of the height."""
    allowed = valid.copy()
    allowed[: int(top * len(valid))] = False
    chosen = np.zeros_like(valid)
    places = np.flatnonzero(allowed)
    chosen.flat[rng.choice(places, min(count, len(places)), replace=False)] = True
    return chosen


def mistaken(depth, kept, share, rng):
    """The depth with some of the points kept at any other within the range."""
    places = np.flatnonzero(kept)
    wrong = rng.choice(places, int(share * len(places)), replace=False)
    depth = depth.copy()
    depth.flat[wrong] = rng.uniform(0.5, 10, len(wrong))
    return depth


KEPT = {  # share or number of the pixels, the part of the height without any, and how many err
    '5 % of the pixels': (0.05, 0, 0),
    '5 %, all in the lower 60 %': (0.05, 0.4, 0),
    '20 points': (20, 0, 0),
    '20 points, 6 of them wrong': (20, 0, 0.3),
}


def relative_map(depth, encoding, rng):
    """Of unknown scale and shift, with errors as smooth as a network's."""
    disparity = 1 / (np.maximum(depth, 0.1) + OFFSETS[encoding])
    errors = cv2.GaussianBlur(rng.standard_normal(depth.shape), (0, 0), 25)
    scale, shift = rng.uniform(100, 1000), rng.uniform(0, 500)
    noise = NOISE * disparity[depth > 0].std() / errors.std() * errors
    return scale * (disparity + noise) + shift


def learnt_without(depth, kept):
    """Mean and deviation of the code that the measured pixels alone give, and their pairs."""
    results = dict(
        img=np.zeros((*depth.shape, 3), np.uint8),
        gt_depth_map=np.where(kept, depth, 0).astype(np.float32),
        gt_valid_mask=kept,
    )
    results = Resize((512, 384))(results)
    maps = (torch.from_numpy(results[key])[None, None] for key in ('gt_depth_map', 'gt_valid_mask'))
    metres, valid = nearest(*maps, (192, 256))
    parts = decompose(1 / (metres + 1), valid)
    code = (1 / (metres + 1))[valid]
    return moments(code.numpy()), int(parts.gradients_mask.sum())


def moments(code):
    return (code.mean(), code.std()) if code.size else (np.nan, np.nan)


def frames(folder):
    for _, path, _ in parse_lines(str(folder / 'test.txt'), parse_line):
        depth = cv2.imread(str(folder / path), cv2.IMREAD_UNCHANGED) / 1000
        depth[depth > 10] = 0
        if (depth > 0).mean() >= MIN_SHARE:
            yield depth


def compare(depth, measured, kept, relative, encoding):
    """Errors of mean and deviation in true deviations, and REL, of a fit; and those of today."""
    valid = valid_pixels(depth)
    truth = moments(1 / (depth[valid] + 1))
    fitted = fit_relative_map(relative, valid, measured, kept, encoding)
    both = valid & (fitted > 0) & (fitted <= 10)
    found = moments(1 / (fitted[both] + 1))
    today, pairs = learnt_without(measured, kept)
    errors = [abs(np.subtract(pair, truth)) / truth[1] for pair in (found, today)]
    rel = (abs(fitted - depth) / np.maximum(depth, 1e-3))[both].mean()
    return *errors[0], rel, *errors[1], pairs


def table(folder, limit=None):
    """Medians over the frames, by what is kept, what the map is and what is assumed of it."""
    rows, failures = {}, 0
    for i, depth in enumerate(list(frames(folder))[:limit]):
        for name, (number, top, errors) in KEPT.items():
            rng = np.random.default_rng(i)
            count = int(number if number >= 1 else number * depth.size)
            kept = scattered(valid_pixels(depth), count, rng, top)
            measured = mistaken(depth, kept, errors, rng)
            for made in OFFSETS:
                relative = relative_map(depth, made, np.random.default_rng(i))
                for assumed in OFFSETS:
                    try:
                        row = compare(depth, measured, kept, relative, assumed)
                    except FitError as error:
                        failures += 1
                        print(i, name, made, assumed, error, file=sys.stderr)
                        continue
                    rows.setdefault((name, made, assumed), []).append(row)
    return {key: (len(v), *np.nanmedian(v, axis=0)) for key, v in rows.items()}, failures


def test_the_fit_is_nearer_than_the_points_alone(real_scenes):
    rows, failures = table(real_scenes, limit=6)
    assert failures == 0
    for (kept, made, assumed), (_, mean, deviation, rel, mean_today, _, pairs) in rows.items():
        name = f'{kept}, {made} as {assumed}'
        assert mean < 0.1 and deviation < 0.1 and rel < 0.08, name
        assert kept == '5 % of the pixels' or mean < mean_today / 2, name
        assert pairs < 0.02 * 192 * 256, name


def main(folder):
    rows, failures = table(Path(folder))
    print(
        'kept | map | assumed | n | mean | deviation | REL | mean, today | deviation, today | pairs'
    )
    for key, values in rows.items():
        print(' | '.join([*key, str(values[0]), *(f'{value:.3f}' for value in values[1:])]))
    print(f'{failures} fits failed')


if __name__ == '__main__':
    main(sys.argv[1])

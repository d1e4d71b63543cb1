"""Videos, side by side with their depth."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from depthdecomp_mm.apis import SteadyRange, Video, as_result, predict_video
from depthdecomp_mm.apis.video import color_frame
from depthdecomp_mm.errors import OutputError, SampleError, UserError

from .conftest import write_video


@pytest.fixture
def video(tmp_path, images):
    """Five frames of 160 x 120 at 10 frames a second, getting brighter."""
    frames = [cv2.convertScaleAbs(images[0], alpha=0.5 + 0.1 * i) for i in range(5)]
    return write_video(tmp_path / 'video.avi', frames)


@pytest.mark.parametrize('suffix', ['.mp4', '.avi', '.webm'])
def test_input_and_depth_stand_side_by_side(suffix, video, inferencer, tmp_path):
    target = tmp_path / f'out/depth{suffix}'
    summary = predict_video(inferencer, video, target, batch_size=2, show_progress=False)
    assert summary.frames == 5 and summary.frames_per_second == 5 / summary.seconds
    names = {path.name for path in target.parent.iterdir()}
    assert names == {target.name, f'{target.name}.json'}
    written, source = list(Video(str(target))), list(Video(str(video)))
    assert Video(str(target)).fps == pytest.approx(10)
    assert len(written) == len(source) == 5
    colors = SteadyRange()
    for frame, image in zip(written, source, strict=True):
        assert frame.shape == (120, 320, 3)
        left, right = frame[:, :160].astype(int), frame[:, 160:].astype(int)
        expected = color_frame(inferencer(image)['predictions'][0], colors).astype(int)
        # the codec loses some, most of all in colour
        assert np.abs(left - image).mean() < 8
        assert np.abs(right - expected).mean() < 12
        assert np.abs(left - expected).mean() > 20


def test_frames_are_predicted_as_images_are(video, inferencer):
    for frame, sample in inferencer.iterate(str(video), batch_size=3):
        alone = inferencer(frame)['predictions'][0]['depth']
        np.testing.assert_allclose(as_result(sample)['depth'], alone, rtol=1e-4)


def test_near_is_bright_whatever_the_map():
    ramp = np.linspace(0, 1, 256, dtype=np.float32)[None]
    metres = color_frame(dict(depth=ramp, representation='inverse'), SteadyRange())
    inverse = color_frame(dict(normalized=ramp, representation='inverse'), SteadyRange())
    assert metres[0, 0].sum() > 500 > 200 > metres[0, -1].sum()
    assert inverse[0, -1].sum() > 500 > 200 > inverse[0, 0].sum()


def test_colour_range_is_steady():
    colors = SteadyRange(momentum=0.9)
    near, far = np.linspace(1, 2, 100), np.linspace(1, 12, 100)
    first = colors.update(near)
    assert first == pytest.approx(np.percentile(near, (2, 98)))
    for i in range(1, 4):
        _, top = colors.update(far)
        goal = np.percentile(far, 98)
        assert top == pytest.approx(goal + (first[1] - goal) * 0.9**i)
    fixed = SteadyRange(limits=(0.0, 5.0))
    assert fixed.update(near) == fixed.update(far) == (0, 5)


def test_bad_videos_are_named_and_leave_nothing(inferencer, video, tmp_path):
    (tmp_path / 'broken.mp4').write_bytes(b'no video')
    for name in ('broken.mp4', 'absent.mp4'):
        with pytest.raises(SampleError, match=name):
            predict_video(inferencer, tmp_path / name, tmp_path / 'out.mp4')
    with pytest.raises(ValueError, match='cannot write such a video'):
        predict_video(inferencer, video, tmp_path / 'out.txt')
    with pytest.raises(SampleError, match='zero.avi: no frame could be read'):
        predict_video(inferencer, write_video(tmp_path / 'zero.avi', []), tmp_path / 'out.mp4')
    (tmp_path / 'zero.avi').unlink()
    assert {path.name for path in tmp_path.iterdir()} == {'broken.mp4', 'video.avi'}


def test_a_video_that_lost_frames_in_writing_is_refused(video, inferencer, tmp_path, monkeypatch):
    class Full:
        """Writes the first frame alone, as OpenCV does where the disk fills up: silently."""

        def __init__(self, *args):
            self.writer, self.count = make(*args), 0
            self.isOpened, self.release = self.writer.isOpened, self.writer.release

        def write(self, frame):
            self.count += 1
            if self.count == 1:
                self.writer.write(frame)

    make = cv2.VideoWriter
    monkeypatch.setattr(cv2, 'VideoWriter', Full)
    with pytest.raises(OutputError, match='depth.avi: cannot be written whole'):
        predict_video(inferencer, video, tmp_path / 'out/depth.avi', show_progress=False)
    assert not list((tmp_path / 'out').iterdir())


def test_neither_the_source_nor_a_foreign_video_is_replaced(video, inferencer, tmp_path):
    before = video.read_bytes()
    (tmp_path / 'link.avi').symlink_to(video)
    for target in (video, tmp_path / 'link.avi'):
        with pytest.raises(UserError, match='would be written over the input'):
            predict_video(inferencer, video, target)
    (tmp_path / 'film.avi').write_bytes(before)
    with pytest.raises(OutputError, match='film.avi: is there, but film.avi.json does not say'):
        predict_video(inferencer, video, tmp_path / 'film.avi')
    assert video.read_bytes() == (tmp_path / 'film.avi').read_bytes() == before
    for _ in range(2):  # its own is
        predict_video(inferencer, video, tmp_path / 'out.avi', show_progress=False)


def test_frames_that_a_video_lacks_are_told(video, inferencer, tmp_path):
    video.write_bytes(video.read_bytes()[: video.stat().st_size // 2])
    with pytest.warns(UserWarning, match=r'video.avi: \d of 5 frames could be read'):
        found = list(inferencer.iterate([video]))
    with pytest.warns(UserWarning, match='frames could be read'):
        summary = predict_video(inferencer, video, tmp_path / 'out.avi', show_progress=False)
    assert 0 < len(found) == summary.frames < summary.announced == 5

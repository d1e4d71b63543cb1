"""The command that draws a config's data before a training."""

import copy

import cv2
import pytest
from mmengine.config import Config

from depthdecomp_mm.errors import ConfigError


def test_panels_show_every_set(custom, tool, tmp_path):
    out = tmp_path / 'panels'
    browse = tool('analysis_tools/browse_dataset').main
    assert browse([str(custom / 'config_hrwsi.py'), '--out-dir', str(out), '--number', '2']) == 0
    names = sorted(path.name for path in out.iterdir())
    assert [name.split('_')[0] for name in names] == 2 * ['CustomDepthDataset'] + 2 * [
        'HRWSIDataset'
    ]
    first = (out / names[0]).read_bytes()
    browse([str(custom / 'config_hrwsi.py'), '--out-dir', str(out), '--number', '2'])
    assert (out / names[0]).read_bytes() == first
    for name in names:
        panel = cv2.imread(str(out / name))
        assert panel.std() > 30 and panel.shape[1] > 1500


def test_sets_of_one_kind_keep_their_panels_apart(custom, tool, tmp_path):
    cfg, out = Config.fromfile(custom / 'config.py'), tmp_path / 'panels'
    sets = cfg.train_dataloader.dataset.datasets
    sets.second = copy.deepcopy(sets.metric)
    cfg.dump(config := tmp_path / 'config.py')
    assert tool('analysis_tools/browse_dataset').main([str(config), '--out-dir', str(out)]) == 0
    names = [path.name for path in out.iterdir()]
    assert len(names) % 2 == 0 and {name.split('_')[0][-1] for name in names} == {'0', '1'}


@pytest.mark.parametrize('part', ['train_dataloader', 'model'])
def test_nothing_to_draw_is_told(custom, tool, tmp_path, part):
    config = tmp_path / 'config.py'
    config.write_text(f'_base_ = {str(custom / "config.py")!r}\nphases = None\n{part} = None\n')
    with pytest.raises(ConfigError, match=f'config.py: has no {part}'):
        tool('analysis_tools/browse_dataset').main([str(config), '--out-dir', str(tmp_path)])

"""What tools/misc/print_config.py prints is what a phase runs."""

from mmengine.config import Config


def test_each_phase_is_printed_merged(tool, tmp_path, capsys):
    main = tool('misc/print_config').main
    options = ['--cfg-options', 'phases.phase1.train_cfg.max_epochs=3']
    main(['depthdecomp/rooms_hrwsi.py', '--phase', 'phase1', *options])
    text = capsys.readouterr().out
    (tmp_path / 'printed.py').write_text(text)
    cfg = Config.fromfile(tmp_path / 'printed.py')
    assert cfg.train_cfg.max_epochs == 3 and cfg.model.metric_decoder is None
    assert cfg.train_dataloader.dataset.datasets.metric.max_depth == 10
    assert 'phases' not in cfg

    main(['depthdecomp/rooms_hrwsi.py'])
    titles = [line for line in capsys.readouterr().out.splitlines() if line.startswith('# ')]
    assert titles == [f'# depthdecomp/rooms_hrwsi.py, phase{i}' for i in (1, 2)]

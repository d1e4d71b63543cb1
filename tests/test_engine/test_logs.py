"""What the console shows of a run, and what its log file has."""

import logging
import multiprocessing
import warnings

import pytest
from mmengine.logging import MMLogger, print_log

from depthdecomp_mm.command_line import run
from depthdecomp_mm.engine import PhasedRunner
from depthdecomp_mm.engine.logs import shorten_console
from depthdecomp_mm.evaluation import KendallTau
from tests.reliability.kill_and_resume import tiny_config

FOR_LOOKING_UP = ('System environment', 'Hooks will be executed', 'Exp name', 'paramwise_options')
FOR_ALL = ('Start of phase 1 of 1', 'First training batch', 'Epoch(train)', 'eta:', 'Epoch(val)')


@pytest.fixture
def cfg(tiny_rooms, tmp_path):
    cfg = tiny_config(tiny_rooms, tmp_path / 'work')
    halved = dict(custom_keys=dict(encoder=dict(lr_mult=0.5)))
    cfg.merge_from_dict({'optim_wrapper.paramwise_cfg': halved})
    cfg.default_hooks.logger.interval = 2
    cfg.custom_hooks = [dict(type='FirstBatchHook')]
    cfg.phases.phase1.train_cfg.max_epochs = 1
    del cfg.phases['phase2']
    return cfg


def test_a_newcomer_sees_progress_and_the_file_has_all(cfg, tmp_path, capfd):
    PhasedRunner.from_cfg(cfg).train()
    console = ''.join(capfd.readouterr())
    files = sorted((tmp_path / 'work').glob('phase*/*/*.log'))
    logged = ''.join(path.read_text() for path in files)
    assert all(text in console for text in (*FOR_ALL, *map(str, files)))
    assert all(text in logged for text in (*FOR_ALL, *FOR_LOOKING_UP))
    assert not [text for text in (*FOR_LOOKING_UP, 'eprecat', 'prefix is not') if text in console]
    assert len(console.splitlines()) < 25 < 500 < len(logged.splitlines())


@pytest.mark.parametrize('level, shown', [('INFO', 1), ('DEBUG', 2)])
def test_messages_of_users_are_shown_whatever_their_form(capsys, level, shown):
    logger = MMLogger.get_instance(f'users_{level}', log_level=level)
    shorten_console(logger)
    logger.info('a table\nof two lines')
    print_log('another\nof two lines', logger)
    print_log('mine will be deprecated', logger, logging.WARNING)
    print_log('Exp name: 1', logger)
    console = capsys.readouterr().out
    assert console.count('of two lines') == 2 and 'mine will be deprecated' in console
    assert console.count('Exp name') == shown - 1


def test_metrics_have_their_plain_names_without_a_warning(capfd):
    metric = KendallTau()
    assert 'prefix' not in ''.join(capfd.readouterr())
    assert not metric.prefix


def warn_from(*modules):
    """What is shown of the warnings that these modules cause."""
    with warnings.catch_warnings(record=True) as shown:
        for module in modules:
            for category in (DeprecationWarning, FutureWarning, UserWarning):
                text = f'{module}: {category.__name__}'
                warnings.warn_explicit(text, category, 'x.py', 1, module=module)
        old = 'pkg_resources is deprecated as an API'
        warnings.warn_explicit(old, UserWarning, 'x.py', 1, module='mmengine.hub')
    return [str(warning.message) for warning in shown]


@pytest.mark.parametrize('forked', [False, True])
def test_only_deprecations_within_libraries_are_silent(forked):
    modules, found = ['torch.nn', 'torchmetrics', 'depthdecomp_mm.engine', 'my'], []

    def main():
        if forked:
            with multiprocessing.get_context('fork').Pool(1) as pool:
                found.extend(pool.apply(warn_from, modules))
        else:
            found.extend(warn_from(*modules))

    with warnings.catch_warnings():
        warnings.simplefilter('always')
        with pytest.raises(SystemExit):
            run(main)
    kinds = ('DeprecationWarning', 'FutureWarning', 'UserWarning')
    expected = [f'{module}: {kind}' for module in modules for kind in kinds]
    assert found == [text for text in expected if 'torch.nn' not in text or 'User' in text]

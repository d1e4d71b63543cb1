"""A checkpoint's config by someone who means harm: nothing runs, is imported, read or fetched."""

from __future__ import annotations

import copy
import sys

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

import tests.test_models.test_encoders_wrapped  # noqa: F401, registers 'toolbox.Backbone'
from depthdecomp_mm.apis import CheckpointError, DepthInferencer, init_model
from depthdecomp_mm.apis.carried_config import carried_config
from depthdecomp_mm.engine.phases import phase_config
from depthdecomp_mm.models import TimmEncoder
from depthdecomp_mm.registry import MODELS

PIPELINE = 'test_dataloader.dataset.pipeline'
RUN = dict(type='os.system', command='touch {folder}/pwned')


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a module that tells on who imports it, and a backbone's registry in one."""
    for name in ('evilmod', 'MDRBlocks'):
        (tmp_path / name).mkdir()
        for file in ('__init__', 'registry'):
            (tmp_path / name / f'{file}.py').write_text(
                f'from pathlib import Path\nPath({str(tmp_path / "pwned")!r}).touch()\n'
            )
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    assert not (tmp_path / 'pwned').exists()
    assert not {'evilmod', 'MDRBlocks'} & set(sys.modules)


@pytest.fixture(scope='session')
def settings(config):
    """What the tiny network's checkpoints say."""
    return phase_config(Config.fromfile(config)).to_dict()


def text_of(settings: dict, folder) -> str:
    text = '\n'.join(f'{key} = {value!r}' for key, value in settings.items())
    return text.replace('{folder}', str(folder))


def changed(settings: dict, changes: dict) -> dict:
    settings = copy.deepcopy(settings)
    for key, value in changes.items():
        *parents, last = key.split('.')
        place = settings
        for name in parents:
            place = place[int(name) if name.isdigit() else name]
        place[int(last) if last.isdigit() else last] = value
    return settings


REFUSED = {
    'encoder': ({'model.encoder': RUN}, r"model\.encoder\.type='os\.system'"),
    'model': ({'model': RUN}, r"model\.type='os\.system'"),
    'data_preprocessor': ({'model.data_preprocessor': RUN}, r'model\.data_preprocessor\.type'),
    'loss': ({'model.losses.loss_m': RUN}, r'model\.losses\.loss_m\.type'),
    'deep in the network': ({'model.metric_decoder.mdr': RUN}, r'model\.metric_decoder\.mdr\.type'),
    'a layer': ({'model.metric_decoder.act_cfg': RUN}, r'metric_decoder\.act_cfg\.type'),
    'neck': (
        {'model.encoder': dict(type='TimmViTEncoder', neck=dict(type='subprocess.call'))},
        r"model\.encoder\.neck\.type='subprocess\.call'",
    ),
    'a step of the pipeline': (
        {f'{PIPELINE}.1': dict(type='subprocess.call', args=['touch', '{folder}/pwned'])},
        rf"{PIPELINE}\.1\.type='subprocess\.call'",
    ),
    'a step that builds what it is told': (
        {f'{PIPELINE}.1': dict(type='RandomResize', scale=(9, 9), resize_type='os.system')},
        rf"{PIPELINE}\.1\.type='RandomResize'",
    ),
    'a layer that builds what it is told': (
        {
            'model.encoder': dict(
                type='ConvModule',
                in_channels=3,
                out_channels=3,
                kernel_size=1,
                padding_mode='os.system',
                padding='touch {folder}/pwned',
            )
        },
        r"model\.encoder\.type='ConvModule'",
    ),
    'steps in a step': (
        {f'{PIPELINE}.1': dict(type='Compose', transforms=[RUN])},
        rf'{PIPELINE}\.1\.transforms\.0\.type',
    ),
    'visualizer': ({'visualizer': RUN}, r"visualizer\.type='os\.system'"),
    'import by a bare name': ({'model.encoder.type': 'evilmod'}, r"type='evilmod'"),
    'import by a prefix': ({'model.encoder.type': 'evilmod.TimmEncoder'}, "evilmod.TimmEncoder'"),
    'a name of ours elsewhere': ({'model.encoder.type': 'evilmod.x.MDRBlock'}, 'evilmod.x.MDRBlo'),
    'what we import': ({'model.encoder.type': 'depthdecomp_mm.os.system'}, 'depthdecomp_mm.os'),
    'import by a scope': ({'model._scope_': 'evilmod'}, r"model\._scope_='evilmod'"),
    'import by an inner scope': ({'model.encoder._scope_': 'evilmod'}, r"_scope_='evilmod'"),
    'a scope that is none': ({'model.encoder._scope_': ['evilmod']}, r"_scope_=\['evilmod'\]"),
    'a type that is none': ({'model.encoder.type': ['TimmEncoder']}, r"type=\['TimmEncoder'\]"),
    'other toolboxes': (
        {'model.encoder': dict(type='WrappedEncoder', backbone=dict(type='toolbox.Backbone'))},
        r"model\.encoder\.backbone\.type='toolbox\.Backbone'.*give the config itself",
    ),
    'by a phase': ({'phases': dict(one=dict(model=dict(encoder=RUN)))}, r'model\.encoder\.type'),
    'by a dotted key': (
        {'phases': dict(one={'model.encoder.type': 'os.system'})},
        r'model\.encoder\.type',
    ),
    'no network': ({'model': 'os.system'}, 'model is str, expected dict'),
    'no pipeline': ({'test_dataloader': 5}, 'test_dataloader is int'),
    "a name of MMEngine's": ({'text': 'x'}, 'text is reserved'),
}


@pytest.mark.parametrize('case', REFUSED)
def test_refused(case, settings, folder):
    changes, words = REFUSED[case]
    cfg = text_of(changed(settings, changes), folder)
    torch.save(dict(meta=dict(cfg=cfg), state_dict={}), folder / 'evil.pth')
    with pytest.raises(CheckpointError, match=rf'evil\.pth: its config .* is refused: .*{words}'):
        init_model(None, folder / 'evil.pth')


TEXTS = {
    'a call': "model = __import__('os').mkdir('{folder}/pwned')",
    'an import': "import os\nos.mkdir('{folder}/pwned')",
    'a call in a list': "model = dict(type=[__import__('os').mkdir('{folder}/pwned')])",
    'a call for names': "model = dict(**__import__('os').mkdir('{folder}/pwned'))",
    'a call for a key': "model = {__import__('os').mkdir('{folder}/pwned'): 1}",
    'a formatted string': "model = f\"{__import__('os').mkdir('{folder}/pwned')}\"",
    'nested a thousand times': f'model = {"[" * 1000}{"]" * 1000}',
    'a sum without end': f'model = {"1+" * 100_000}1',
    'a long number': f'model = {"9" * 10_000}',
    'no Python': 'model = (',
    'a null': 'model = "\0"',
    'empty': ' ',
    'a number': 5,
    'a dict': dict(model=RUN),
    'bytes': b"model = dict(type='os.system')",
}


@pytest.mark.parametrize('case', TEXTS)
def test_texts_that_are_no_settings(case, folder):
    text = TEXTS[case]
    text = text.replace('{folder}', str(folder)) if isinstance(text, str) else text
    with pytest.raises(CheckpointError, match=r'evil\.pth: .*(refused|carries no config)'):
        carried_config(dict(meta=dict(cfg=text)), 'evil.pth')


WITHOUT_EFFECT = {
    'default_scope': dict(default_scope='evilmod'),
    'imports': dict(custom_imports=dict(imports=['evilmod'])),
    'hooks': dict(custom_hooks=[RUN]),
    'runner': dict(runner_type='os.system'),
    'base': dict(_base_='evilmod::a.py'),
    'collate_fn': {'test_dataloader.collate_fn': 'os.system'},
    'data set': {'test_dataloader.dataset.type': 'os.system'},
    'evaluator': dict(test_evaluator=RUN),
    'backends of the visualizer': {'visualizer.vis_backends': [RUN]},
    'folder of the visualizer': {'visualizer.save_dir': '{folder}/pwned'},
    'arguments of a library': {'visualizer.fig_save_cfg': dict(FigureClass='os.system')},
    'programs of the compiler': dict(compile=dict(options={'cpp.cxx': '{folder}/pwned'})),
    'weights of a file': {'model.encoder.checkpoint_path': '{folder}/secret'},
    'weights of an address': {'model.encoder.pretrained_cfg': dict(url='http://evil')},
    'weights laid over': {'model.encoder.pretrained_cfg_overlay': dict(file='{folder}/secret')},
    'weights by timm': {'model.encoder.pretrained': True, 'model.encoder.cache_dir': '{folder}'},
    'weights by MMEngine': {'model.init_cfg': dict(type='Pretrained', checkpoint='http://evil')},
    'weights of a part': {'model.metric_decoder.init_cfg': dict(type='Pretrained', checkpoint='x')},
    'backend of images': {f'{PIPELINE}.0.backend_args': dict(backend='memcached', sys_path='x')},
    'client of images': {f'{PIPELINE}.0.file_client_args': dict(backend='lmdb', db_path='x')},
    'scope of ours': {'model.encoder._scope_': 'depthdecomp_mm'},
    'prefix of ours': {'model.encoder.type': 'depthdecomp_mm.TimmEncoder'},
    'path of ours': {'model.encoder.type': 'depthdecomp_mm.models.TimmEncoder'},
    'path of a layer': {'model.metric_decoder.act_cfg.type': 'torch.nn.LeakyReLU'},
}


@pytest.fixture(scope='session')
def plain(settings):
    """Settings and what is kept of them, with a layer to name otherwise."""
    settings = changed(settings, {'model.metric_decoder.act_cfg': dict(type='LeakyReLU')})
    return settings, carried_config(dict(meta=dict(cfg=text_of(settings, ''))), 'plain.pth')


@pytest.mark.parametrize('case', WITHOUT_EFFECT)
def test_kept_out(case, plain, folder):
    settings, expected = plain
    cfg = text_of(changed(settings, WITHOUT_EFFECT[case]), folder)
    kept = carried_config(dict(meta=dict(cfg=cfg)), 'evil.pth')
    expected = copy.deepcopy(expected.to_dict())
    if case == 'programs of the compiler':
        expected['compile'] = {}
    assert kept.to_dict() == expected


def test_what_predictions_need_is_kept(plain):
    settings, kept = plain
    wanted = dict(fuse_conv_bn=True, compile=dict(mode='default', backend='evilmod'))
    cfg = text_of({**settings, **wanted}, '')
    kept = carried_config(dict(meta=dict(cfg=cfg)), 'good.pth').to_dict()
    assert kept['fuse_conv_bn'] is True and kept['compile'] == dict(mode='default')
    assert kept['test_dataloader']['dataset']['pipeline'] == [
        {key: value for key, value in step.items() if key not in ('backend_args', '_scope_')}
        for step in settings['test_dataloader']['dataset']['pipeline']
    ]
    assert kept['model']['encoder']['model_name'] == 'test_efficientnet'


def test_models_and_timms_other_sources_are_refused(settings, folder):
    for name in ('hf-hub:evil/model', 'local-dir:{folder}', 'test_efficientnet.hf-hub:evil/model'):
        cfg = text_of(changed(settings, {'model.encoder.model_name': name}), folder)
        torch.save(dict(meta=dict(cfg=cfg), state_dict={}), folder / 'evil.pth')
        with pytest.raises(ValueError, match='hf-hub|local-dir'):
            init_model(None, folder / 'evil.pth')


def test_parts_that_users_registered_with_us_are_known(settings, model, tmp_path):
    class OwnEncoder(TimmEncoder):
        pass

    MODELS.register_module(module=OwnEncoder)
    try:
        cfg = text_of(changed(settings, {'model.encoder.type': 'OwnEncoder'}), '')
        checkpoint = dict(meta=dict(cfg=cfg), state_dict=model.state_dict())
        torch.save(checkpoint, tmp_path / 'own.pth')
        assert isinstance(init_model(None, tmp_path / 'own.pth').encoder, OwnEncoder)
    finally:
        MODELS.module_dict.pop('OwnEncoder')


@pytest.mark.parametrize('command', ['predict', 'export'])
@pytest.mark.parametrize('case', ['encoder', 'a step of the pipeline', 'import by a bare name'])
def test_command_lines_say_so(command, case, settings, folder, tool, capsys):
    cfg = text_of(changed(settings, REFUSED[case][0]), folder)
    torch.save(dict(meta=dict(cfg=cfg), state_dict={}), folder / 'evil.pth')
    cv2.imwrite(str(folder / 'a.png'), np.zeros((64, 64, 3), np.uint8))
    image, checkpoint = str(folder / 'a.png'), str(folder / 'evil.pth')
    arguments = {
        'predict': [image, '--checkpoint', checkpoint, '--out-dir', str(folder / 'out')],
        'export': [checkpoint, str(folder / 'model.onnx'), '--frame', image],
    }
    try:
        tool(command)(arguments[command])
        said = capsys.readouterr().err
    except ValueError as error:  # the command's last line turns it into a sentence
        said = str(error)
    assert 'is refused' in said and 'evil.pth' in said


def test_an_inferencer_predicts_whatever_the_config_says_beside(model, settings, folder):
    """Everything harmful at once that is kept out."""
    changes = {k: v for case in list(WITHOUT_EFFECT.values())[:-4] for k, v in case.items()}
    cfg = text_of(changed(settings, {**changes, 'compile': False}), folder)
    torch.save(dict(meta=dict(cfg=cfg), state_dict=model.state_dict()), folder / 'evil.pth')
    inferencer = DepthInferencer(None, folder / 'evil.pth', device='cpu', show_progress=False)
    result = inferencer(np.zeros((96, 128, 3), np.uint8), return_vis=True)
    assert result['predictions'][0]['depth'].shape == (96, 128)

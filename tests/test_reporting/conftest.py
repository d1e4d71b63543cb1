"""A report of a few tiny rooms, and a browser to look at it."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from depthdecomp_mm.apis.checkpoint_contents import write_checkpoint
from tests.builders import LIGHT, light_model

MDR = dict(residual=True, zero_init=True, initial_mean=0.28)
"""With which a network that has learnt nothing gives depth within the range."""


@pytest.fixture(scope='session')
def reports(tiny_rooms, tmp_path_factory, tool):
    """Folder with the reports and results of two networks."""
    folder = tmp_path_factory.mktemp('reports')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv('ROOMS_ROOT', str(tiny_rooms))
        for seed, name in enumerate(('one', 'two')):
            checkpoint = folder / f'{name}.pth'
            network = light_model(seed, metric_decoder=dict(mdr=MDR))
            write_checkpoint(checkpoint, network.state_dict(), {})
            argv = f'{LIGHT} {checkpoint} --work-dir {folder}/work --report {folder}/{name}'
            argv += f' --out {folder}/{name}.json --cfg-options test_dataloader.num_workers=0'
            argv += ' test_dataloader.persistent_workers=False'
            argv += ''.join(f' model.metric_decoder.mdr.{k}={v}' for k, v in MDR.items())
            tool('test').main(argv.split())
    return folder


def script_of(name):
    return Path(__file__).with_name(f'{name}.js').read_text()


@pytest.fixture(scope='session')
def browse():
    """Open a page in headless Chromium, run JavaScript in it, and return what that returns."""
    browser = shutil.which('chromium') or shutil.which('chromium-browser')
    if browser is None:
        pytest.skip('chromium is not installed')

    def run(folder, script, size=(1440, 1000)):
        page = folder / 'index.html'
        watch = f'<head><script>{script_of("watch")}</script>'
        watched = page.read_text().replace('<head>', watch, 1)
        test = folder / 'test.html'
        check = script_of('check').replace('SCRIPT', script)
        test.write_text(watched.replace('</body>', f'<script>{check}</script></body>'))
        command = [browser, '--headless=new', '--no-sandbox', '--use-angle=swiftshader']
        command += ['--enable-unsafe-swiftshader', f'--window-size={size[0]},{size[1]}']
        command += ['--host-resolver-rules=MAP * ~NOTFOUND']
        command += ['--virtual-time-budget=20000', '--dump-dom', test.as_uri()]
        dom = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
        test.unlink()
        found = re.search('<pre id="found">(.*?)</pre>', dom, re.S)
        assert found, dom[-2000:]
        return json.loads(found[1].replace('&lt;', '<').replace('&gt;', '>').replace('&amp;', '&'))

    return run

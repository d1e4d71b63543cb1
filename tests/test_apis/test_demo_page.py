"""The page of ``depthdecomp demo`` in a browser, which may ask nobody else for anything."""

from __future__ import annotations

import re
import shutil

import cv2
import numpy as np
import pytest

from depthdecomp_mm.apis import CAMERAS
from depthdecomp_mm.apis.demo import DemoPredictor, build_page, launch_page

pytest.importorskip('gradio')
sync_playwright = pytest.importorskip('playwright.sync_api').sync_playwright

BROWSER = next(
    filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), ''
)
SOFTWARE = ('--no-sandbox', '--use-angle=swiftshader', '--enable-unsafe-swiftshader')
PHONE, DESKTOP = (390, 844), (900, 700)
PATIENCE = 60_000
"""Milliseconds; the tests may share the computer with others."""


@pytest.fixture(scope='module')
def photograph(images, tmp_path_factory):
    path = tmp_path_factory.mktemp('photograph') / 'room.png'
    cv2.imwrite(str(path), images[0])
    return path


@pytest.fixture(scope='module')
def address(inferencer, photograph, tmp_path_factory):
    """The address of the running page."""
    predictor = DemoPredictor(inferencer, tmp_path_factory.mktemp('demo'))
    page = build_page(predictor, [('The example', str(photograph), 'nyu', None)])
    yield launch_page(page, '127.0.0.1', None, prevent_thread_lock=True)
    page.close(verbose=False)


@pytest.fixture(scope='module')
def browser():
    if not BROWSER:
        pytest.skip('there is no Chromium')
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=SOFTWARE)
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, address):
    """Open the page at a size; what it asks others for is noted, and fails the test."""
    foreign, errors, contexts = [], [], []

    def route(request):
        url = request.request.url
        if url.startswith((address, 'data:', 'blob:')):
            request.continue_()
        else:
            foreign.append(url)
            request.abort()

    def open_page(size):
        contexts.append(
            browser.new_context(viewport=dict(zip(('width', 'height'), size, strict=True)))
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.route('**/*', route)
        page.on('pageerror', lambda error: errors.append(str(error)))
        page.goto(address)
        page.wait_for_selector('#predict')
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert foreign == [] and errors == []


def wait_for(page, selector, words):
    page.wait_for_function(f"document.querySelector('{selector}').innerText.includes('{words}')")


def test_a_photograph_is_predicted_measured_and_taken_home(visit, photograph, inferencer, tmp_path):
    page = visit(DESKTOP)
    page.click('#predict')
    page.get_by_text('give a photograph first').wait_for()
    page.set_input_files('#photograph input[type=file]', photograph)
    page.wait_for_selector('#photograph img')
    page.click('#predict')
    wait_for(page, '#summary', '60° wide')
    depth = inferencer(str(photograph))['predictions'][0]['depth']
    assert f'median {np.median(depth):.2f} m' in page.inner_text('#summary')
    for name in ('depth', 'normalized', 'gradient_x', 'gradient_y'):
        page.wait_for_selector(f'#{name} img')
    page.wait_for_selector('#scene canvas')

    page.wait_for_function("document.querySelector('#measured img').naturalWidth > 0")
    picture = page.locator('#measured img')
    box = picture.bounding_box()
    for x, y, words in ((0.25, 0.5, 'second point'), (0.75, 0.5, 'm apart')):
        picture.click(position=dict(x=x * box['width'], y=y * box['height']))
        wait_for(page, '#distance', words)
    found = [float(n) for n in re.findall(r'[\d.]+(?= m)', page.inner_text('#distance'))]
    ends = depth[60, 40], depth[60, 120]
    np.testing.assert_allclose(found[1:], ends, atol=0.02)
    across = np.subtract(40, 79.5) / 138.6 * ends[0], np.subtract(120, 79.5) / 138.6 * ends[1]
    assert found[0] == pytest.approx(np.hypot(across[1] - across[0], ends[1] - ends[0]), abs=0.03)

    with page.expect_download() as download:
        page.click('#file1')
    download.value.save_as(tmp_path / 'depth.npy')
    np.testing.assert_array_equal(np.load(tmp_path / 'depth.npy'), depth)


def test_an_example_on_a_phone(visit):
    page = visit(PHONE)
    page.get_by_text('The example').click()
    page.wait_for_selector('#photograph img')
    page.click('#predict')
    wait_for(page, '#summary', 'that of nyu')
    assert f'focal length {CAMERAS["nyu"].fx / 4:.0f} pixels' in page.inner_text('#summary')
    assert page.evaluate('document.documentElement.scrollWidth') == PHONE[0]

"""The page in a browser: what it loads, how it sorts and filters, that nothing fails."""

import json
import re

import pytest

from depthdecomp_mm.errors import OutputError, UserError
from depthdecomp_mm.reporting import page


@pytest.fixture(scope='module')
def both(reports, tool):
    folder = reports / 'both'
    argv = [str(reports / 'one'), str(reports / 'two'), '--out', str(folder)]
    tool('analysis_tools/report').main(argv)
    return folder


SEEN = """
  document.querySelectorAll('img').forEach(image => { image.loading = 'eager'; });
  await until(() => [...document.images].every(image => image.complete));
  return {
    pictures: [...document.images].filter(image => image.naturalWidth > 0).length,
    broken: [...document.images].filter(image => image.complete && !image.naturalWidth).length,
    loaded: [...document.querySelectorAll('[src], link')]
      .map(one => (one.src || one.href).split(':')[0]),
    wide: document.documentElement.scrollWidth > window.innerWidth,
    charts: document.querySelectorAll('svg').length,
    cards: cards(),
    metrics: document.querySelectorAll('#metric-table tbody tr').length,
    text: document.body.innerText,
  };
"""


@pytest.mark.parametrize('width', [1440, 390])
def test_everything_is_there_without_a_network(reports, browse, width):
    found = browse(reports / 'one', SEEN, (width, 1000))
    assert found['faults'] == []
    seen = found['value']
    assert (len(seen['cards']), seen['broken'], seen['metrics']) == (6, 0, 11)
    assert seen['pictures'] >= 6 * 4 and seen['charts'] >= 7
    assert set(seen['loaded']) == {'file', 'data'}  # and no host is found, see the fixture
    assert not seen['wide'], 'the page scrolls sideways'
    for words in ('SHA-256', 'crop', 'torch', 'NaN', 'undefined'):
        assert (words in seen['text']) == (words not in ('NaN', 'undefined'))


SORTED = """
  const found = {};
  for (const metric of ['rmse', 'd1']) {
    choose('metric', metric);
    for (const order of ['worst', 'median', 'best', 'name']) {
      choose('order', order);
      found[`${metric} ${order}`] = cards();
    }
  }
  choose('scene', report.runs[0].images[0].scene);
  found.scene = cards();
  choose('scene', '');
  choose('text', '00001');
  found.text = cards();
  choose('text', '');
  choose('high', '0.0001');
  found.none = cards();
  return found;
"""


def test_images_are_sorted_and_filtered(reports, browse):
    found = browse(reports / 'one', SORTED)
    assert found['faults'] == []
    found = found['value']
    images = json.loads((reports / 'one.json').read_text())['images']
    names = {row['image'].split('/nyu/')[1]: row for row in images}
    for metric, sign in (('rmse', 1), ('d1', -1)):
        order = sorted(names, key=lambda name: (-sign * names[name][metric], name))
        assert values(found[f'{metric} worst'], names, metric) == values(order, names, metric)
        assert values(found[f'{metric} best'], names, metric) == values(order[::-1], names, metric)
        assert names[found[f'{metric} median'][0]][metric] in values(order[2:4], names, metric)
        assert found[f'{metric} name'] == sorted(names)
    first = next(iter(names)).split('/')[0]
    assert set(found['scene']) == {name for name in names if name.startswith(f'{first}/')}
    assert set(found['text']) == {name for name in names if '00001' in name}
    assert found['none'] == []


def values(order, names, metric):
    return [names[name][metric] for name in order]


CLOUD = """
  showDetail(report.runs[0].images[0].name);
  await until(() => document.querySelector('.cloud canvas'));
  await later(1);
  const canvas = document.querySelector('.cloud canvas');
  const buttons = [...document.querySelectorAll('dialog .buttons button')];
  const gl = canvas?.getContext('webgl2');
  const shades = new Set();
  if (gl) {
    const pixels = new Uint8Array(4 * gl.drawingBufferWidth * gl.drawingBufferHeight);
    const size = [gl.drawingBufferWidth, gl.drawingBufferHeight];
    gl.readPixels(0, 0, ...size, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    for (let i = 0; i < pixels.length; i += 4) shades.add(pixels.slice(i, i + 3).join());
  }
  const count = what => document.querySelectorAll(`dialog ${what}`).length;
  const found = { shades: shades.size, buttons: buttons.map(button => button.textContent),
    hash: location.hash, rows: count('tr'), strips: count('.strip') };
  document.querySelector('dialog .close').click();
  await until(() => report.viewer === null);
  return { ...found, closed: !document.getElementById('detail').open, viewer: report.viewer };
"""


def test_an_image_opens_with_its_point_cloud(reports, browse):
    found = browse(reports / 'one', CLOUD)
    assert found['faults'] == []
    found = found['value']
    assert found['buttons'] == ['prediction', 'truth'] and found['shades'] > 100
    assert found['hash'].startswith('#image=') and found['rows'] == 12 and found['strips'] == 1
    assert found['closed'] and found['viewer'] is None


COMPARED = """
  choose('by', 'difference');
  const rows = [...document.querySelectorAll('#metric-table tbody tr')];
  const verdicts = rows.map(row => row.lastChild.textContent);
  showDetail(cards()[0]);
  await until(() => document.querySelector('.cloud canvas'));
  const buttons = [...document.querySelectorAll('dialog .buttons button')];
  return { verdicts, cards: cards(), strips: document.querySelectorAll('.card .strip').length,
    buttons: buttons.map(button => button.textContent) };
"""


def test_two_runs_stand_side_by_side(both, browse):
    found = browse(both, COMPARED)
    assert found['faults'] == []
    found = found['value']
    assert len(found['cards']) == 6 and found['strips'] == 12
    assert len(found['verdicts']) == 11
    assert set(found['verdicts']) <= {'better', 'worse', 'cannot be told'}
    assert found['buttons'] == ['prediction, one', 'truth', 'prediction, two']


PHASE1 = """
  for (const run of report.runs) {
    run.statistics = null;
    run.clouds = [];
    run.images.forEach((image, i) => {
      image.means = null;
      image.values = { tau: (i - 2.5) / 9 };
    });
    run.metrics = [{ name: 'tau', mean: 0, low: -1, high: 1, higher: true }];
    run.primary = 'tau';
  }
"""
TICKS = """
  showDetail(cards()[0]);
  const ticks = [...document.querySelectorAll('#metric-charts text')].map(text => text.textContent);
  const count = what => document.querySelectorAll(what).length;
  return { ticks, links: count('nav a:not([hidden])'), clouds: count('.cloud'),
    where: document.getElementById('where').hidden };
"""


def test_a_network_without_metres_has_a_page(reports, browse, tmp_path):
    folder = tmp_path / 'report'
    page.combine(folder, dict(one=reports / 'one'))
    (folder / 'comparison.js').write_text(f'report.compare([]);{PHASE1}')
    found = browse(folder, TICKS)
    assert found['faults'] == []
    assert found['value'].pop('ticks').count('0') >= 1
    assert found['value'] == dict(links=3, where=True, clouds=0)


def test_clouds_are_kept_of_the_extremes_alone(reports):
    run = page.run_folder(reports / 'one', 'rooms_random')
    data = json.loads(re.fullmatch(r'report\.add\((.*)\);\n', (run / 'data.js').read_text())[1])
    assert sorted(path.stem for path in (run / 'clouds').glob('*.js')) == data['clouds']
    worst = page.extremes([5.0, None, 1.0, *range(10, 40)], higher_is_better=False)
    assert len(worst) == 3 * page.SHOWN and {2, 0} <= {*worst[:4]} and {32, 31} <= {*worst[-4:]}
    assert page.extremes([3.0, 1.0], higher_is_better=True) == [0, 1]


def test_a_report_takes_the_place_of_a_report_and_of_nothing_else(reports, tmp_path):
    (tmp_path / 'mine.txt').touch()
    for folder in (tmp_path, tmp_path / 'mine.txt'):
        with pytest.raises(OutputError, match=str(folder)):
            page.combine(folder, dict(one=reports / 'one'))
    again = tmp_path / 'again'
    for _ in range(2):
        page.combine(again, dict(one=reports / 'one'))
    assert [path.name for path in (again / 'runs').iterdir()] == ['one']
    with pytest.raises(UserError, match='expected the report of one run, found 0'):
        page.combine(tmp_path / 'other', dict(one=tmp_path))


def test_the_licence_of_three_js_is_shipped(both):
    assert 'MIT License' in (both / 'three' / 'LICENSE').read_text()
    assert 'three.js authors' in (both / 'three' / 'LICENSE').read_text()

'use strict';
// The images: order, filters, cards, and one of them in full.
const PAGE_SIZE = 12;
const IMAGE_LINK = '#image=';
const state = { shown: PAGE_SIZE };

function numbersOf(run) {
  return [...new Set(run.images.flatMap(image => Object.keys(image.values)))];
}

function isHigherBetter(metric) {
  return Boolean(report.runs[0].metrics.find(row => row.name === metric)?.higher);
}

function control(name, label, options, change) {
  const select = el('select', { name, onchange: change }, ...options.map(([value, text]) => el('option', { value }, text)));
  return el('label', {}, label, select);
}

function makeControls(change) {
  const form = document.getElementById('controls');
  const scenes = [...new Set(report.runs[0].images.map(image => image.scene))].sort();
  const by = report.runs.map(run => [String(run.index), run.name]);
  if (report.runs.length > 1) by.push(['difference', 'difference of both']);
  form.append(
    control('metric', 'Metric', numbersOf(report.runs[0]).map(name => [name, titleOf(name)]), change),
    control('order', 'Order', [['worst', 'worst first'], ['median', 'median first'], ['best', 'best first'],
      ['name', 'by name']], change),
    control('by', 'Of', by, change),
    control('scene', 'Scene', [['', 'all'], ...scenes.filter(Boolean).map(scene => [scene, scene])], change),
    el('label', {}, 'Name has', el('input', { type: 'search', name: 'text', oninput: change })),
    el('label', {}, 'From', el('input', { type: 'number', step: 'any', name: 'low', oninput: change })),
    el('label', {}, 'To', el('input', { type: 'number', step: 'any', name: 'high', oninput: change })));
  form.addEventListener('submit', event => event.preventDefault());
  form.elements.metric.value = report.runs[0].primary;
  if (report.runs.length < 2) form.elements.by.parentNode.hidden = true;
  return form.elements;
}

function valueOf(image, metric, by) {
  if (by !== 'difference') return report.runs[Number(by)].byName.get(image.name)?.values[metric];
  const [first, second] = report.runs.map(run => run.byName.get(image.name)?.values[metric]);
  return first === undefined || second === undefined ? undefined : first - second;
}

function chosenImages({ metric, order, by, scene, text, low, high }) {
  const value = image => valueOf(image, metric.value, by.value);
  const all = by.value === '1' ? report.runs[1].images : report.runs[0].images;
  const images = all.filter(image => (!scene.value || image.scene === scene.value)
    && image.name.toLowerCase().includes(text.value.toLowerCase())
    && (!low.value || value(image) >= Number(low.value)) && (!high.value || value(image) <= Number(high.value)));
  if (order.value === 'name') return images.sort((a, b) => a.name.localeCompare(b.name));
  const known = images.filter(image => value(image) !== undefined);
  const sign = (order.value === 'worst') === isHigherBetter(metric.value) ? 1 : -1;
  known.sort((a, b) => sign * (value(a) - value(b)) || a.name.localeCompare(b.name));
  if (order.value === 'median' && known.length) {
    const sorted = known.map(value), middle = sorted[sorted.length >> 1];
    known.sort((a, b) => Math.abs(value(a) - middle) - Math.abs(value(b) - middle));
  }
  return [...known, ...images.filter(image => value(image) === undefined)];
}

function strip(run, image) {
  const count = image.tiles.length, [width, height] = image.size;
  const source = `${run.folder}/images/${encodeURIComponent(image.file)}.webp`;
  const figures = image.tiles.map(([title, ...words], i) => el('figure', {},
    el('div', { class: 'window', style: `aspect-ratio: ${width} / ${height}` },
      el('img', { src: source, alt: `${title} of ${image.name}`, loading: 'lazy', style: `margin-left: -${100 * i}%` })),
    el('figcaption', {}, el('b', {}, title), ...words.map(text => el('span', {}, text)))));
  return el('div', { class: `strip run${run.index}`, '--tiles': count }, ...figures);
}

function sidesOf(name) {
  return report.runs.map(run => ({ run, image: run.byName.get(name) })).filter(side => side.image);
}

function valueBadges(sides, metric) {
  return sides.map(({ run, image }) => el('span', { class: `value run${run.index}` },
    report.runs.length > 1 ? `${run.name} ` : `${titleOf(metric)} `, el('b', {}, number(image.values[metric]))));
}

function card(image, metric) {
  const sides = sidesOf(image.name);
  const open = el('button', { class: 'open', type: 'button', onclick: () => showDetail(image.name) }, image.name);
  return el('article', { class: 'card' },
    el('header', {}, el('h3', {}, open), ...valueBadges(sides, metric)),
    ...sides.flatMap(({ run, image: own }) => strip(run, own)));
}

function drawCards(elements) {
  const images = chosenImages(elements);
  document.getElementById('cards').replaceChildren(
    ...images.slice(0, state.shown).map(image => card(image, elements.metric.value)));
  document.getElementById('count').textContent =
    `${Math.min(state.shown, images.length)} of ${images.length} images shown.`;
  document.getElementById('more').hidden = state.shown >= images.length;
}

function valueTable(sides) {
  const head = el('tr', {}, el('th', {}, ''), ...sides.map(({ run }) =>
    el('th', { class: `name run${run.index}` }, run.name)));
  const rows = numbersOf(sides[0].run).map(name => el('tr', {}, el('td', {}, titleOf(name)),
    ...sides.map(({ image }) => el('td', {}, number(image.values[name])))));
  return el('div', { class: 'scroll' }, el('table', {}, head, ...rows));
}

function endDetail() {
  report.viewer?.end();
  report.viewer = null;
  history.replaceState(null, '', ' ');
}

function showDetail(name) {
  const dialog = document.getElementById('detail'), sides = sidesOf(name);
  const cloud = cloudPart(sides), begin = typeof cloud.at(-1) === 'function' ? cloud.pop() : null;
  dialog.replaceChildren(
    el('button', { class: 'close', type: 'button', onclick: () => { dialog.close(); endDetail(); } }, 'Close'),
    el('h2', {}, name),
    ...sides.flatMap(({ run, image }) => [
      ...(report.runs.length > 1 ? [el('p', { class: `name run${run.index}` }, run.name)] : []), strip(run, image)]),
    ...cloud, el('h3', {}, 'Metrics of this image'), valueTable(sides));
  dialog.onclose = endDetail; // by Escape; the event waits for a frame, which a hidden page never draws
  history.replaceState(null, '', IMAGE_LINK + encodeURIComponent(name));
  dialog.showModal();
  dialog.scrollTop = 0;
  begin?.();
}

// A link to the page may name an image.
function showLinked() {
  if (!location.hash.startsWith(IMAGE_LINK)) return;
  const name = decodeURIComponent(location.hash.slice(IMAGE_LINK.length));
  if (sidesOf(name).length) showDetail(name);
}

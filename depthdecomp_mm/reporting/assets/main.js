'use strict';
// Fills the page from the runs.

function numberWithInterval(row) {
  if (!row) return [number()];
  const interval = row.low === null ? '' : `${number(row.low)} to ${number(row.high)}`;
  return [number(row.mean), el('small', {}, interval)];
}

function metricTable() {
  const head = el('tr', {}, el('th', {}, 'metric'), el('th', {}, 'better'),
    ...report.runs.map(run => el('th', { class: `name run${run.index}` }, run.name)),
    ...(report.compared.length ? [el('th', {}, 'difference'), el('th', {}, `${report.runs[0].name} is`)] : []));
  const rows = report.runs[0].metrics.map(({ name, higher }) => {
    const compared = report.compared.find(row => row.name === name);
    const verdict = compared?.verdict ?? '';
    return el('tr', { 'data-metric': name }, el('td', {}, titleOf(name)), el('td', {}, higher ? 'high' : 'low'),
      ...report.runs.map(run => el('td', {}, ...numberWithInterval(run.metrics.find(row => row.name === name)))),
      ...(report.compared.length ? [el('td', {}, ...numberWithInterval(compared)), el('td', { class: verdict }, verdict)] : []));
  });
  return el('table', {}, el('thead', {}, head), el('tbody', {}, ...rows));
}

function madeList(run) {
  const { config, checkpoint, sha256, mirrored, calibration, protocol, versions } = run.made;
  const pairs = [
    ['config', el('code', {}, config)], ['checkpoint', el('code', {}, checkpoint)],
    ['SHA-256', el('code', {}, sha256 ?? 'unknown')],
    ['mirrored', mirrored ? 'averaged with the mirrored image' : 'no'],
    ...(calibration ? [['calibration', calibration]] : []),
    ...Object.entries(protocol),
    ['versions', Object.entries(versions).map(pair => pair.join(' ')).join(', ')],
  ];
  return el('div', {}, el('h3', { class: `name run${run.index}` }, run.name),
    el('dl', {}, ...pairs.flatMap(([key, value]) => [el('dt', {}, key), el('dd', {}, value)])));
}

function fillHead() {
  const names = report.runs.map(run => run.name).join(' and ');
  document.getElementById('title').textContent = names;
  const scenes = new Set(report.runs[0].images.map(image => image.scene)).size;
  document.getElementById('summary').textContent =
    `Tested on ${report.runs[0].images.length} images in ${scenes} ${scenes === 1 ? 'folder' : 'folders'}.`;
  if (report.compared.length) {
    document.getElementById('compared').textContent = 'Two runs are compared image by image: one is better where '
      + 'the interval of the difference leaves 0 out. It does not tell how far another training, with another '
      + 'seed, would lie from this one.';
  }
}

function fillCharts() {
  if (!report.runs.some(run => run.statistics)) return;
  document.getElementById('charts').append(
    distanceChart('rel', 'REL by distance', 'REL'),
    distanceChart('square', 'RMSE by distance', 'RMSE, m', Math.sqrt),
    meansChart(), depthHistogram(), ...placeCharts());
}

function fillPage() {
  fillHead();
  document.getElementById('metric-table').append(metricTable());
  document.getElementById('made-lists').append(...report.runs.map(madeList));
  fillCharts();
  const nowhere = !document.getElementById('charts').children.length;
  for (const part of document.querySelectorAll('#where, a[href="#where"]')) part.hidden = nowhere;
  const elements = makeControls(change);
  function drawMetric() {
    const metric = elements.metric.value;
    document.getElementById('metric-charts').replaceChildren(
      sceneChart(metric, isHigherBetter(metric)), metricHistogram(metric));
  }
  function change(event) {
    state.shown = PAGE_SIZE;
    if (event.target.name === 'metric') drawMetric();
    drawCards(elements);
  }
  document.getElementById('more').onclick = () => { state.shown += PAGE_SIZE; drawCards(elements); };
  drawMetric();
  drawCards(elements);
  showLinked();
}

fillPage();

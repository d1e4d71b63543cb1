'use strict';
// Plots as inline SVG, in the colours of the runs.
const WIDTH = 420, HEIGHT = 240, LEFT = 44, BOTTOM = 34, TOP = 10, RIGHT = 10;

function chart(title, hint, runs, ...children) {
  const named = runs.length > 1 ? runs : [];
  const legend = el('div', { class: 'legend' }, ...named.map(([style, text]) => el('span', { class: style }, text)));
  return el('div', {}, el('h3', {}, title), ...children, legend, el('p', { class: 'hint' }, hint));
}

function runLegend() {
  return report.runs.map(run => [`run${run.index}`, run.name]);
}

function ticks(low, high, count = 5) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map(one => one * power).find(one => one >= rough);
  const found = [];
  for (let turn = Math.ceil(low / step); turn * step <= high + step * 1e-6; turn += 1) {
    found.push(Number((turn * step).toPrecision(10)) || 0); // neither 0.30000000000000004 nor -0
  }
  return found;
}

function plane(xs, ys, xTitle, yTitle) {
  const x = value => LEFT + (value - xs[0]) / (xs[1] - xs[0] || 1) * (WIDTH - LEFT - RIGHT);
  const y = value => HEIGHT - BOTTOM - (value - ys[0]) / (ys[1] - ys[0] || 1) * (HEIGHT - BOTTOM - TOP);
  const root = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': `${yTitle} by ${xTitle}` });
  for (const value of ticks(...ys)) {
    root.append(
      svg('line', { class: 'axis', x1: LEFT, x2: WIDTH - RIGHT, y1: y(value), y2: y(value) }),
      svg('text', { x: LEFT - 6, y: y(value) + 4, 'text-anchor': 'end' }, String(value)));
  }
  for (const value of ticks(...xs, 8)) {
    root.append(svg('text', { x: x(value), y: HEIGHT - BOTTOM + 15, 'text-anchor': 'middle' }, String(value)));
  }
  root.append(
    svg('text', { x: (LEFT + WIDTH - RIGHT) / 2, y: HEIGHT - 4, 'text-anchor': 'middle' }, xTitle),
    svg('text', { x: LEFT, y: TOP - 1 }, yTitle));
  return { root, x, y };
}

function ratios(sums, kind) {
  return sums.pixels.map((count, i) => count ? sums[kind][i] / count : null);
}

function distanceChart(kind, title, unit, finish = value => value) {
  const runs = report.runs.filter(run => run.statistics);
  const { end, distance } = runs[0].statistics;
  const bins = distance.pixels.length, width = end / bins;
  const curves = runs.map(run => ratios(run.statistics.distance, kind).map(v => v === null ? null : finish(v)));
  const top = Math.max(...curves.flat().filter(value => value !== null)) * 1.08;
  const { root, x, y } = plane([0, end], [0, top], 'true distance, m', unit);
  const most = Math.max(...distance.pixels);
  distance.pixels.forEach((count, i) => root.append(svg('rect', {
    class: 'shade', x: x(i * width), width: x(width) - x(0), y: y(top * count / most), height: y(0) - y(top * count / most),
  })));
  curves.forEach((curve, r) => {
    const points = curve.map((v, i) => v === null ? null : [x((i + .5) * width), y(v)]).filter(Boolean);
    const group = svg('g', { class: `run${runs[r].index}` }, svg('polyline', { class: 'line', points: points.join(' ') }));
    points.forEach(([px, py]) => group.append(svg('circle', { class: 'dot', cx: px, cy: py, r: 2.6 })));
    root.append(group);
  });
  return chart(title, 'Grey: how many pixels are that far.', runLegend(), root);
}

function depthHistogram() {
  const runs = report.runs.filter(run => run.statistics);
  const { end, distance } = runs[0].statistics;
  const total = distance.pixels.reduce((a, b) => a + b, 0), width = end / distance.pixels.length;
  const share = counts => counts.map(count => 100 * count / total);
  const shares = runs.map(run => share(run.statistics.distance.predicted));
  const truth = share(distance.pixels);
  const { root, x, y } = plane([0, end], [0, Math.max(...truth, ...shares.flat()) * 1.08], 'depth, m', '% of pixels');
  truth.forEach((v, i) => root.append(svg('rect', {
    class: 'shade', x: x(i * width), width: x(width) - x(0), y: y(v), height: y(0) - y(v),
  })));
  shares.forEach((values, r) => {
    const points = values.flatMap((v, i) => [[x(i * width), y(v)], [x((i + 1) * width), y(v)]]);
    root.append(svg('g', { class: `run${runs[r].index}` }, svg('polyline', { class: 'line', points: points.join(' ') })));
  });
  return chart('Histogram of depth', '', [['truth', 'truth'], ...runLegend()], root);
}

function meansChart() {
  const points = report.runs.flatMap(run => run.images.filter(i => i.means).map(image => ({ run, image })));
  const most = Math.max(...points.flatMap(({ image }) => image.means)) * 1.05;
  const { root, x, y } = plane([0, most], [0, most], 'mean true depth, m', 'mean predicted depth, m');
  root.append(svg('line', { class: 'diagonal', x1: x(0), y1: y(0), x2: x(most), y2: y(most) }));
  for (const { run, image } of points) {
    root.append(svg('g', { class: `run${run.index}` }, svg('circle', {
      class: 'point', cx: x(image.means[0]), cy: y(image.means[1]), r: 3.2, onclick: () => showDetail(image.name),
    }, svg('title', {}, `${image.name}: ${image.means[0].toFixed(2)} m, predicted ${image.means[1].toFixed(2)} m`))));
  }
  return chart('Mean of each image', 'A point is an image; below the line it is predicted too near.', runLegend(), root);
}

function placeChart(run, most) {
  const { place } = run.statistics;
  const rows = place.pixels.length, columns = place.pixels[0].length, side = 24;
  const root = svg('svg', { viewBox: `0 0 ${columns * side} ${rows * side}`, role: 'img', class: `run${run.index}`,
    'aria-label': 'relative error by place in the frame' });
  place.pixels.forEach((line, r) => line.forEach((count, c) => {
    if (!count) return;
    const value = place.rel[r][c] / count;
    root.append(svg('rect', { class: 'cell', x: c * side, y: r * side, width: side - 1, height: side - 1,
      'fill-opacity': (.04 + .96 * value / most).toFixed(3) }, svg('title', {}, `REL ${value.toFixed(3)}, ${count} pixels`)));
  }));
  const of = report.runs.length > 1 ? `, ${run.name}` : '';
  return chart(`REL by place in the frame${of}`, `Full colour: ${most.toFixed(3)}`, [], root);
}

function placeCharts() {
  const runs = report.runs.filter(run => run.statistics);
  const values = runs.flatMap(({ statistics: { place } }) =>
    place.pixels.flatMap((line, r) => line.map((count, c) => count ? place.rel[r][c] / count : 0)));
  return runs.map(run => placeChart(run, Math.max(...values) || 1));
}

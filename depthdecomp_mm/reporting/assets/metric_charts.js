'use strict';
// Plots of the metric that is chosen in the controls.
const MOST_SCENES = 16, BAR = 12;

function metricHistogram(metric, bins = 24) {
  const sides = report.runs.map(run => run.images.map(image => image.values[metric]).filter(v => v !== undefined));
  const all = sides.flat();
  if (!all.length) return el('div');
  const low = Math.min(...all), width = (Math.max(...all) - low) / bins || 1;
  const counts = sides.map(values => {
    const found = new Array(bins).fill(0);
    values.forEach(value => { found[Math.min(Math.floor((value - low) / width), bins - 1)] += 1; });
    return found;
  });
  const { root, x, y } = plane([low, low + bins * width], [0, Math.max(...counts.flat()) * 1.08], titleOf(metric), 'images');
  const part = (x(low + width) - x(low) - 1) / counts.length;
  counts.forEach((found, r) => {
    const group = svg('g', { class: `run${r}` });
    found.forEach((count, i) => group.append(svg('rect', {
      class: 'bar', x: x(low + i * width) + r * part, width: part, y: y(count), height: y(0) - y(count),
    })));
    root.append(group);
  });
  return chart(`Histogram of ${titleOf(metric)}`, 'Over images.', runLegend(), root);
}

function byScene(run, metric) {
  const scenes = new Map();
  for (const { scene, values } of run.images) {
    if (values[metric] === undefined) continue;
    scenes.set(scene, [...scenes.get(scene) ?? [], values[metric]]);
  }
  return scenes;
}

function sceneChart(metric, higher) {
  const sides = report.runs.map(run => byScene(run, metric));
  const order = [...sides[0]].map(([scene, values]) => [scene, mean(values)]);
  order.sort((a, b) => higher ? a[1] - b[1] : b[1] - a[1]);
  const shown = order.slice(0, MOST_SCENES), step = 6 + BAR * sides.length, height = shown.length * step + 20;
  const values = sides.flatMap(side => shown.map(([scene]) => side.has(scene) ? mean(side.get(scene)) : 0));
  const most = Math.max(...values, 0) || 1, left = 150, right = WIDTH - 50;
  const root = svg('svg', { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img', 'aria-label': `${titleOf(metric)} by scene` });
  shown.forEach(([scene], i) => {
    const label = scene || '(one folder)', short = label.length > 24 ? `…${label.slice(-23)}` : label;
    root.append(svg('text', { x: left - 8, y: i * step + step / 2 + 2, 'text-anchor': 'end' }, short, svg('title', {}, label)));
    sides.forEach((side, r) => {
      if (!side.has(scene)) return;
      const value = mean(side.get(scene)), length = Math.max(value, 0) / most * (right - left);
      root.append(svg('g', { class: `run${r}` },
        svg('rect', { class: 'bar', x: left, y: i * step + 3 + BAR * r, width: length, height: BAR - 2 },
          svg('title', {}, `${label}: ${value.toFixed(4)}, ${side.get(scene).length} images`)),
        svg('text', { x: left + length + 5, y: i * step + 12 + BAR * r }, value.toFixed(3))));
    });
  });
  const hint = order.length > MOST_SCENES ? `The worst ${MOST_SCENES} of ${order.length} scenes.` : 'Worst scene first.';
  return chart(`${titleOf(metric)} by scene`, hint, runLegend(), root);
}

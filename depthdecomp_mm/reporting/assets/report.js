'use strict';
// What the scripts of the page share. Data come as scripts that call these functions, since a page
// that is opened from a disk may load nothing else.
const report = {
  runs: [],
  compared: [],
  waiting: new Map(),
  add(run) {
    const name = document.currentScript.dataset.run;
    run.index = report.runs.length;
    run.folder = `runs/${encodeURIComponent(name)}`;
    run.name = name;
    run.byName = new Map(run.images.map(image => [image.name, image]));
    report.runs.push(run);
  },
  compare(rows) { report.compared = rows; },
  cloud(name, cloud) { report.waiting.get(document.currentScript)(cloud); },
};

const TITLES = {
  rmse: 'RMSE (m)', abs_rel: 'REL', sq_rel: 'squared REL (m)', rmse_log: 'RMSE log', log10: 'log10', silog: 'SILog',
  d1: 'δ1', d2: 'δ2', d3: 'δ3', tau: "Kendall's τ", whdr: 'WHDR (%)',
};

function titleOf(metric) {
  const parts = metric.split('/');
  const last = parts.pop();
  return [...parts, TITLES[last] ?? last].join(' / ');
}

function build(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (key.startsWith('--')) node.style.setProperty(key, value);
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function el(tag, attributes = {}, ...children) {
  return build(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  return build(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function number(value, digits = 4) {
  return value === null || value === undefined ? '–' : Number(value).toFixed(digits);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function loadScript(source) {
  return new Promise((resolve, reject) => {
    const script = el('script', { src: source });
    report.waiting.set(script, resolve);
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${source} is not there`));
    document.head.append(script);
  });
}

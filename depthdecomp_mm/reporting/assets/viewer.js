'use strict';
// The point cloud of an image, by three.js, which is loaded when the first one is shown.
let threeLoaded = null;

function loadThree() {
  threeLoaded ??= loadScript('three/three.min.js').then(() => loadScript('three/OrbitControls.js'));
  return threeLoaded;
}

function bytesOf(text) {
  return Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
}

function pointsOf(cloud, map) {
  const steps = new Uint16Array(bytesOf(cloud.maps[map]).buffer), colors = bytesOf(cloud.colors);
  const places = [], shades = [];
  steps.forEach((step, i) => {
    if (!step) return;
    const depth = step * cloud.unit, row = Math.floor(i / cloud.width), column = i % cloud.width;
    places.push(
      (column - cloud.centre[0]) / cloud.focal[0] * depth, -(row - cloud.centre[1]) / cloud.focal[1] * depth, -depth);
    for (let c = 0; c < 3; c += 1) shades.push((colors[3 * i + c] / 255) ** 2.2);
  });
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.Float32BufferAttribute(places, 3));
  geometry.setAttribute('color', new THREE.Float32BufferAttribute(shades, 3));
  return geometry;
}

function middleOf(geometry) {
  const depths = geometry.getAttribute('position').array.filter((_, i) => i % 3 === 2).sort();
  return depths.length ? depths[depths.length >> 1] : -1;
}

class Viewer {
  constructor(place) {
    this.place = place;
    this.renderer = new THREE.WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
    this.renderer.setClearColor(0x0d1117);
    this.renderer.outputEncoding = THREE.sRGBEncoding;
    this.renderer.setPixelRatio(Math.min(window.devicePixelRatio, 2));
    this.scene = new THREE.Scene();
    this.camera = new THREE.PerspectiveCamera(50, 1, .01, 500);
    this.controls = new THREE.OrbitControls(this.camera, this.renderer.domElement);
    this.controls.addEventListener('change', () => this.draw());
    place.replaceChildren(this.renderer.domElement);
    this.resized = new ResizeObserver(() => this.resize());
    this.resized.observe(place);
  }

  show(cloud, map) {
    this.resize();
    this.points?.geometry.dispose();
    this.scene.clear();
    const geometry = pointsOf(cloud, map);
    const middle = middleOf(geometry);
    // three.js takes the size as seen at a right angle; neighbours should touch
    const size = 1.5 * -middle / cloud.focal[0] / Math.tan(this.camera.fov * Math.PI / 360);
    this.points = new THREE.Points(geometry, new THREE.PointsMaterial({ size, vertexColors: true }));
    this.scene.add(this.points);
    if (!this.placed) this.reset(middle);
    this.draw();
  }

  reset(middle) {
    this.placed = true;
    this.controls.target.set(0, 0, middle);
    this.camera.position.set(.4 * middle, -.3 * middle, -.15 * middle);
    this.controls.update();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.place;
    if (!width || !height) return;
    this.renderer.setSize(width, height);
    this.camera.aspect = width / height;
    this.camera.fov = Math.min(90, 50 * Math.max(1, 1.3 * height / width)); // all of its width, on a phone too
    this.camera.updateProjectionMatrix();
    this.draw();
  }

  draw() { this.renderer.render(this.scene, this.camera); }

  end() {
    this.resized.disconnect();
    this.controls.dispose();
    this.points?.geometry.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
  }
}

// Buttons for each map of each run that has a cloud of the image, and the place where it is drawn.
function cloudPart(sides) {
  const found = sides.filter(({ run, image }) => run.clouds.includes(image.file));
  if (!report.runs.some(run => run.clouds.length)) return [];
  if (!found.length) {
    return [el('p', { class: 'hint' }, 'Point clouds are kept of the worst, median and best images alone.')];
  }
  const place = el('div', { class: 'cloud' }), words = el('p', { class: 'hint' });
  const buttons = el('div', { class: 'buttons', role: 'group', 'aria-label': 'Point cloud' });
  const clouds = new Map();
  async function show({ run, image }, map, button) {
    try {
      await loadThree();
      const source = `${run.folder}/clouds/${encodeURIComponent(image.file)}.js`;
      if (!clouds.has(source)) clouds.set(source, await loadScript(source));
      if (!place.isConnected || !place.offsetParent) return; // closed meanwhile
      report.viewer ??= new Viewer(place);
      report.viewer.show(clouds.get(source), map);
      words.textContent = `Drag to turn, scroll to come nearer; ${image.camera}.`;
    } catch (error) {
      words.textContent = `The point cloud cannot be drawn: ${error.message}`;
    }
    for (const one of buttons.children) one.setAttribute('aria-pressed', String(one === button));
  }
  const maps = found.flatMap((side, i) => (i ? ['prediction'] : ['prediction', 'truth']).map(map => [side, map]));
  for (const [side, map] of maps) {
    const text = map === 'truth' || report.runs.length === 1 ? map : `${map}, ${side.run.name}`;
    const button = el('button', { type: 'button', onclick: () => show(side, map, button) }, text);
    buttons.append(button);
  }
  return [el('h3', {}, 'Point cloud'), buttons, place, words, () => buttons.firstChild.click()];
}

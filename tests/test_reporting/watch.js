// Runs before the page: keeps what fails.
window.faults = [];
window.addEventListener('error', event => faults.push(event.message || `cannot load ${event.target.src}`), true);
window.addEventListener('unhandledrejection', event => faults.push(String(event.reason)));
for (const kind of ['error', 'warn']) console[kind] = (...words) => faults.push(words.join(' '));

// Runs after the page: a test's script, whose value is written into the page.
(async () => {
  const show = value => document.body.append(Object.assign(document.createElement('pre'),
    { id: 'found', textContent: JSON.stringify(value) }));
  const choose = (name, value) => {
    const one = document.forms[0].elements[name];
    one.value = value;
    one.dispatchEvent(new Event(one.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
  };
  const cards = () => [...document.querySelectorAll('.card')].map(card => card.querySelector('h3').textContent);
  const later = seconds => new Promise(resolve => setTimeout(resolve, 1000 * seconds));
  const until = async ready => {
    for (let turn = 0; turn < 150 && !ready(); turn += 1) await later(.1);
  };
  try { show({ faults, value: await (async () => { SCRIPT })() }); } catch (error) { show({ faults: [String(error)] }); }
})();

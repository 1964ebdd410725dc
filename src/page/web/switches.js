// switches.js: shows and hides variants, everywhere at once.
const hidden = new Set(),
  whenSwitched = [];

function toggle(key) {
  if (!hidden.delete(key)) hidden.add(key);
  if (hidden.size === shown.length) hidden.clear();
  for (const button of document.querySelectorAll('button.key'))
    button.setAttribute('aria-pressed', String(!hidden.has(button.dataset.variant)));
  for (const node of document.querySelectorAll('[data-of]')) node.classList.toggle('off', hidden.has(node.dataset.of));
  for (const react of whenSwitched) react();
}
const dot = (key, fallback = 'ink2') =>
  el('span', { class: 'dot', css: { '--c': key ? inkVar(key) : `var(--${fallback})` } });

// The name of a variant: a switch where there are several, else just the name.
function nameTag(key) {
  if (shown.length < 2) return el('span', { class: 'key', css: { '--c': inkVar(key) } }, el('span', {}, nameOf(key)));
  return el(
    'button',
    {
      class: 'key',
      type: 'button',
      'data-variant': key,
      'aria-pressed': 'true',
      title: `Show or hide ${nameOf(key)}`,
      css: { '--c': inkVar(key) },
      on: { click: () => toggle(key) },
    },
    el('span', {}, nameOf(key)),
  );
}

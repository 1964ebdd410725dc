// data.js: what the page was given, and which colour each variant has.
const data = JSON.parse(document.getElementById('data').textContent);
const shown = data.variants.filter((variant) => variant.runs?.length);
const byKey = new Map(shown.map((variant, i) => [variant.key, { ...variant, slot: i % 6 }]));
const nameOf = (key) => byKey.get(key)?.name ?? key;
const inkName = (key) => `v${byKey.get(key).slot}`;
const inkVar = (key) => `var(--${inkName(key)})`;

// Colours for canvases; read again when light turns to dark, or the page goes to paper.
let computed = null;
const ink = (name) => (computed ??= getComputedStyle(document.documentElement)).getPropertyValue(`--${name}`).trim();
const inkOf = (line) => ink(line.variant ? inkName(line.variant) : (line.ink ?? 'ink'));

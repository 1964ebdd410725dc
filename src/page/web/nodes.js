// nodes.js: makes elements. What comes from a server or a file becomes text and attributes only.
const SVG_NAMES = 'http://www.w3.org/2000/svg';

// settings: attributes by name; `css` sets style properties (the policy forbids style attributes),
// `on` event listeners. A value of null or false leaves it out.
function furnish(node, settings, children) {
  for (const [name, value] of Object.entries(settings ?? {})) {
    if (value == null || value === false) continue;
    if (name === 'css') for (const [property, v] of Object.entries(value)) node.style.setProperty(property, v);
    else if (name === 'on')
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return node;
}

const el = (tag, settings, ...children) => furnish(document.createElement(tag), settings, children);
const svg = (tag, settings, ...children) => furnish(document.createElementNS(SVG_NAMES, tag), settings, children);

function table(settings, head, body) {
  return el(
    'table',
    settings,
    head && el('thead', {}, el('tr', {}, head)),
    body.some((part) => part?.tagName === 'TBODY') ? body : el('tbody', {}, body),
  );
}
const columnHead = (name, settings) => el('th', { scope: 'col', ...settings }, name);
const rowHead = (name, settings) => el('th', { scope: 'row', ...settings }, name);
const wide = (...children) =>
  el('div', { class: 'wide', tabindex: '0', role: 'group', 'aria-label': 'Table' }, children);

// Elements, and colours of the page's style.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value == null || value === false) continue;
    if (name === 'style') Object.assign(element.style, value);
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false));
  return element;
}
export const paint = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
export const isDark = () => matchMedia('(prefers-color-scheme: dark)').matches;
export const FONT = '11px "Helvetica Neue", "Segoe UI", Inter, Roboto, Arial, system-ui, sans-serif';

// A panel that has nothing to show says so; it is neither drawn nor broken.
export class NoData extends Error {}

// Panels that show the latest value of each series: stat, gauge, bar gauge; and states over time.
import { h, paint } from './dom.js';
import { colorOf, mapped, optionsFor, reduce, shown, text } from './fields.js';
import { legend } from './plot.js';

function reduced(panel, series) {
  const { calcs = ['lastNotNull'], values } = panel.options?.reduceOptions ?? {};
  if (values) throw new Error('a panel with all values is not known to this page');
  return series.map((s, i) => {
    const config = optionsFor(panel, { name: s.name, labels: s.labels, refId: s.target.refId, numeric: true }), value = reduce(calcs[0], s.values);
    return { s, config, value, color: mapped(config, value)?.color ?? colorOf(config, i, value), parts: shown(config, value) };
  });
}

function spark({ s, color }) {
  const v = s.values.map((x) => (Number.isFinite(x) ? x : 0)), hi = Math.max(...v), lo = Math.min(...v, 0);
  const points = v.map((x, i) => `${(i / (v.length - 1 || 1)) * 100},${30 - ((x - lo) / (hi - lo || 1)) * 28}`).join(' ');
  const host = h('div');
  host.innerHTML = `<svg class="spark" viewBox="0 0 100 30" preserveAspectRatio="none"><polygon points="0,30 ${points} 100,30" fill="${color}"/></svg>`;
  return host.firstChild;
}

// the largest type in which the widest value still fits its tile
function size(items, wide, high, named) {
  const longest = Math.max(...items.map(({ parts: [a, b] }) => a.length + b.length * 0.65 + (b ? 0.3 : 0)));
  return Math.max(12, Math.min(34, (high - (named ? 20 : 4)) * 0.8, (wide - 16) / (longest * 0.58)));
}
const figure = (parts, color, px) => h('div', { class: 'value', style: { color, fontSize: `${Math.floor(px)}px` } }, parts[0], parts[1] && h('small', {}, parts[1].trim()));

export function stat(body, panel, series) {
  const o = panel.options ?? {}, items = reduced(panel, series), { clientWidth: width, clientHeight: height } = body;
  const down = o.orientation === 'horizontal' || ((o.orientation ?? 'auto') === 'auto' && items.length > 1 && width / items.length < Math.max(110, height));
  const named = o.textMode === 'value_and_name' || o.textMode === 'name' || ((o.textMode ?? 'auto') === 'auto' && items.length > 1);
  const tile = { wide: down ? width : width / items.length, high: down ? height / items.length : height };
  const flat = down && named && tile.high < 44, px = size(items, flat ? tile.wide * 0.45 : tile.wide, tile.high, named && !flat);
  const filled = o.colorMode === 'background' || o.colorMode === 'background_solid';
  body.append(h('div', { class: down ? 'tiles down' : 'tiles' }, items.map((item) => h('div', { class: `tile${flat ? ' row2' : ''}${filled ? ' filled' : ''}`, style: filled ? { background: `color-mix(in srgb, ${item.color} 82%, #000)` } : {} },
    named && h('div', { class: 'name' }, item.config.title), figure(item.parts, filled ? '#fff' : o.colorMode === 'none' ? paint('ink') : item.color, px),
    o.graphMode === 'area' && item.s.values.length > 1 && spark(item)))));
}

const share = ({ config, value }) => { const lo = config.min ?? 0, hi = config.max ?? 100; return Math.min(1, Math.max(0, (value - lo) / (hi - lo || 1))); };
const scaled = (items) => items.map((i) => ({ ...i, config: { ...i.config, min: i.config.min ?? Math.min(0, ...items.map((o) => o.value)), max: i.config.max ?? Math.max(...items.map((o) => o.value)) } }));

export function gauge(body, panel, series) {
  const arc = (from, to) => { const at = (t) => { const a = Math.PI * (1 - t); return `${50 + 42 * Math.cos(a)} ${50 - 42 * Math.sin(a)}`; }; return `M ${at(from)} A 42 42 0 0 1 ${at(to)}`; };
  const items = scaled(reduced(panel, series));
  body.append(h('div', { class: 'tiles' }, items.map((item) => {
    const dial = h('div');
    dial.innerHTML = `<svg viewBox="0 0 100 54" width="${Math.min(150, body.clientWidth / items.length - 20)}" fill="none" stroke-width="13"><path d="${arc(0, 1)}" stroke="${paint('line')}"/><path d="${arc(0, Math.max(0.005, share(item)))}" stroke="${item.color}"/></svg>`;
    return h('div', { class: 'tile' }, dial.firstChild, figure(item.parts, item.color, 20), items.length > 1 && h('div', { class: 'name' }, item.config.title));
  })));
}

export function bargauge(body, panel, series) {
  body.append(h('div', { class: 'bars' }, scaled(reduced(panel, series)).flatMap((item) => [
    h('div', { class: 'name' }, item.config.title), h('div', { class: 'track' }, h('div', { class: 'fill', style: { width: `${share(item) * 100}%`, background: item.color } })),
    h('div', { class: 'value', style: { color: item.color } }, text(item.config, item.value))])));
}

// spans of equal values: [{from, to, value}], each up to the next; a missing scrape ends one
function spans({ times, values, step }) {
  const out = [];
  times.forEach((t, i) => {
    const last = out.at(-1), value = values[i];
    if (last?.value === value && t - last.to < step / 2) last.to = t + step;
    else out.push({ from: t, to: t + step, value });
  });
  return out;
}

export function stateTimeline(body, panel, series, { window }) {
  const rows = series.map((s, i) => ({ s, config: optionsFor(panel, { name: s.name, labels: s.labels, refId: s.target.refId, numeric: true }), i }));
  const at = (t) => `${((t - window.from) / (window.to - window.from)) * 100}%`, seen = new Map();
  const band = (row, { from, to, value }) => {
    const color = mapped(row.config, value)?.color ?? colorOf(row.config, row.i, value), name = text(row.config, value);
    seen.set(name, { name, color, cells: [] });
    const wide = ((to - from) / (window.to - window.from)) * body.clientWidth * 0.8 > name.length * 7;
    return h('div', { class: 'band', title: name, style: { left: at(from), width: `${((to - from) / (window.to - window.from)) * 100}%`, background: `color-mix(in srgb, ${color} ${row.config.custom.fillOpacity ?? 70}%, transparent)` } }, panel.options?.showValue !== 'never' && wide ? name : '');
  };
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => { const t = window.from + share * (window.to - window.from); return h('span', { style: { left: `${share * 100}%` } }, new Date(t * 1000).toISOString().slice(11, 19)); });
  const shelves = rows.flatMap((row) => [h('div', { class: 'name' }, row.config.title), h('div', { class: 'lane' }, spans(row.s).map((span) => band(row, span)))]);
  body.append(h('div', { class: 'states', style: { gridTemplateRows: `repeat(${rows.length}, minmax(20px, 1fr)) 16px` } }, shelves, h('div'), h('div', { class: 'times' }, ticks)), legend([...seen.values()], panel.options?.legend) ?? '');
}

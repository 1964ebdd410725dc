// A uPlot chart in a panel: axes, counting of what was drawn, marks of the annotations, legend.
import uPlot from '/uplot/uPlot.esm.js';
import { colorNamed } from './fields.js';
import { FONT, h, paint } from './dom.js';

export function linearTicks(lo, hi, count) {
  const raw = (hi - lo) / count || 1, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((m) => m >= raw * 0.999);
  const out = [];
  for (let v = Math.ceil(lo / step - 1e-9) * step; v <= hi + step * 1e-6; v += step) out.push(Number(v.toPrecision(10)));
  return out;
}
// bytes: a round number of their binary unit
function binaryTicks(lo, hi, count) {
  const unit = 1024 ** Math.max(0, Math.floor(Math.log(hi) / Math.log(1024)));
  return linearTicks(lo / unit, hi / unit, count).map((v) => v * unit);
}
export function logTicks(lo, hi, room) {
  const decades = Math.log10(hi / lo), marks = decades < 0.4 ? [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8] : decades < 1 ? [1, 2, 3, 5, 7] : decades * 3 <= room ? [1, 2, 5] : [1], out = [];
  for (let p = Math.floor(Math.log10(lo)); p <= Math.log10(hi) + 1e-9; p++) {
    for (const m of marks) { const v = Number(`${m}e${p}`); if (v >= lo * 0.999 && v <= hi * 1.001) out.push(v); }
  }
  const every = Math.ceil(out.length / Math.max(2, room));
  return out.filter((_, i) => i % every === 0);
}

const clock = (at) => new Date(at * 1000).toISOString().slice(11, 19);
function timeTicks(lo, hi, count) {
  const step = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].find((s) => (hi - lo) / s <= count) ?? 7200;
  const out = [];
  for (let v = Math.ceil(lo / step) * step; v <= hi - (hi - lo) * 0.035; v += step) out.push(v);  // a name at the very end would be cut off
  return out;
}
export const timeAxis = (window) => ({ min: window.from, max: window.to, ticks: timeTicks, format: clock, px: 76 });

const wide = (texts) => {
  const ctx = wide.context ??= document.createElement('canvas').getContext('2d');
  ctx.font = FONT;
  return Math.max(0, ...texts.map((t) => ctx.measureText(t).width));
};
// {min, max, log, format, ticks, px, grid, label, side}: as uPlot's axis
function axis(a, scale, vertical, splits) {
  const texts = splits.map(a.format), size = vertical ? Math.ceil(wide(texts)) + 12 : 22;
  return { scale, side: a.side ?? (vertical ? 3 : 2), size: size, font: FONT, gap: 5, stroke: () => paint('muted'), splits: () => splits, values: () => texts, filter: (u, v) => v,
    grid: { show: a.grid ?? true, stroke: () => paint('line'), width: 1 }, ticks: { show: !vertical, stroke: () => paint('line2'), width: 1, size: 4 },
    ...(a.label && { label: a.label, labelFont: FONT, labelSize: 16, labelGap: 0 }) };
}
const ticksOf = (a, pixels) => {
  const count = Math.max(2, Math.floor(pixels / (a.px ?? 40)));
  if (a.ticks) return a.ticks(a.min, a.max, count);
  return (a.log ? logTicks : a.binary ? binaryTicks : linearTicks)(a.min, a.max, count);
};

// how many pixels differ between two pictures of the same canvas
function changed(before, after) {
  const a = new Uint32Array(before.data.buffer), b = new Uint32Array(after.data.buffer);
  let n = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) n++;
  return n;
}
// read from a copy: reading would turn off the chart's own acceleration
const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
function picture({ ctx: { canvas: { width, height } }, ctx }) {
  Object.assign(copy.canvas, { width, height });
  copy.drawImage(ctx.canvas, 0, 0);
  return copy.getImageData(0, 0, width, height);
}

function clipped(u, draw) {
  const { ctx, bbox } = u;
  ctx.save(); ctx.beginPath(); ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height); ctx.clip();
  draw(ctx, bbox);
  ctx.restore();
}
const line = (ctx, x0, y0, x1, y1, color, dash = []) => { ctx.strokeStyle = color; ctx.setLineDash(dash); ctx.lineWidth = devicePixelRatio; ctx.beginPath(); ctx.moveTo(x0, y0); ctx.lineTo(x1, y1); ctx.stroke(); };

// spec: {x, y, y2, data, series, cells(u, ctx), annotations, levels: [{value, color}]}; returns how many pixels the data took
export function plot(host, spec) {
  const width = Math.floor(host.clientWidth), height = Math.floor(host.clientHeight);
  if (width < 40 || height < 40) throw new Error(`no room to draw: ${width} x ${height} pixels`);
  const scales = { x: { time: false, distr: spec.x.log ? 3 : 1, range: () => [spec.x.min, spec.x.max] } }, axes = [axis(spec.x, 'x', false, ticksOf(spec.x, width - 60))];
  for (const [name, y] of [['y', spec.y], ['y2', spec.y2]]) {
    if (!y) continue;
    scales[name] = { distr: y.log ? 3 : 1, range: () => [y.min, y.max] };
    axes.push(axis({ ...y, side: name === 'y' ? 3 : 1, grid: name === 'y' }, name, true, ticksOf(y, height - 40)));
  }
  let before = null, pixels = 0;
  const drawAxes = (u) => { before = picture(u); if (spec.cells) clipped(u, (ctx) => spec.cells(u, ctx)); };
  const draw = (u) => {
    pixels = changed(before, picture(u));
    before = null;
    clipped(u, (ctx, bbox) => {
      for (const { value, color } of spec.levels ?? []) { const y = Math.round(u.valToPos(value, 'y', true)); line(ctx, bbox.left, y, bbox.left + bbox.width, y, color); }
      for (const { at, color } of spec.annotations ?? []) { const x = Math.round(u.valToPos(at, 'x', true)) + 0.5; line(ctx, x, bbox.top, x, bbox.top + bbox.height, colorNamed(color) ?? paint('muted'), [4, 3]); }
    });
  };
  new uPlot({ width, height, padding: [8, 12, 0, 0], legend: { show: false }, cursor: { show: false }, pxAlign: 1, scales, axes, series: [{}, ...spec.series], bands: spec.bands, hooks: { drawAxes: [drawAxes], draw: [draw] } }, spec.data, host);
  return () => pixels;
}

export function legend(rows, { displayMode = 'list', placement = 'bottom', showLegend = true, calcs = [] } = {}, headings = []) {
  if (!showLegend || displayMode === 'hidden') return null;
  const mark = ({ color, dash }) => h('i', { class: dash ? 'mark dash' : 'mark', style: { background: color, borderColor: color } });
  if (displayMode !== 'table') return h('div', { class: 'legend list' }, rows.map((r) => h('span', {}, mark(r), r.name, calcs.length ? r.cells.map((c, i) => ` ${headings[i]}: ${c}`) : null)));
  return h('div', { class: 'legend' }, h('table', {}, calcs.length ? h('tr', {}, h('th', {}, 'Name'), headings.map((n) => h('th', {}, n))) : null,
    rows.map((r) => h('tr', {}, h('td', {}, mark(r), r.name), r.cells.map((c) => h('td', {}, c))))));
}

// the frame of a chart: the canvas beside or above its legend
export function frame(body, key, placement) {
  const host = h('div', { class: 'plot' });
  body.append(h('div', { class: placement === 'right' ? 'chart right' : 'chart' }, host, key));
  return host;
}

// Cumulative buckets over time as coloured cells: one row for each edge, as Grafana draws `le`.
import { h, isDark, NoData } from './dom.js';
import { format, parts } from './units.js';
import { colorNamed, optionsFor } from './fields.js';
import { frame, plot, timeAxis } from './plot.js';

// [colours from low to high, when Grafana turns them round]
const SCHEMES = {
  Spectral: ['9e0142 d53e4f f46d43 fdae61 fee08b ffffbf e6f598 abdda4 66c2a5 3288bd 5e4fa2', 'always'],
  RdYlGn: ['a50026 d73027 f46d43 fdae61 fee08b ffffbf d9ef8b a6d96a 66bd63 1a9850 006837', 'always'],
  Oranges: ['fff5eb fee6ce fdd0a2 fdae6b fd8d3c f16913 d94801 a63603 7f2704', 'dark'],
  Blues: ['f7fbff deebf7 c6dbef 9ecae1 6baed6 4292c6 2171b5 08519c 08306b', 'dark'],
  Greens: ['f7fcf5 e5f5e0 c7e9c0 a1d99b 74c476 41ab5d 238b45 006d2c 00441b', 'dark'],
  YlOrRd: ['ffffcc ffeda0 fed976 feb24c fd8d3c fc4e2a e31a1c bd0026 800026', 'dark'],
  YlGnBu: ['ffffd9 edf8b1 c7e9b4 7fcdbb 41b6c4 1d91c0 225ea8 253494 081d58', 'dark'],
  Viridis: ['440154 482878 3e4989 31688e 26828e 1f9e89 35b779 6ece58 b5de2b fde725', 'never'],
  Magma: ['000004 180f3d 440f76 721f81 9e2f7f cd4071 f1605d fd9668 feca8d fcfdbf', 'never'],
  Inferno: ['000004 1b0c41 4a0c6b 781c6d a52c60 cf4446 ed6925 fb9b06 f7d13d fcffa4', 'never'],
  Plasma: ['0d0887 46039f 7201a8 9c179e bd3786 d8576b ed7953 fb9f3a fdca26 f0f921', 'never'],
  Turbo: ['23171b 4a58dd 2f9df5 27d7c4 4df884 95fb51 dedd32 ffa423 f65f18 ba2208 900c00', 'never'],
};
function ramp({ mode = 'scheme', scheme = 'Oranges', fill, steps = 64, reverse = false }) {
  if (mode === 'opacity') { const color = colorNamed(fill); return (share) => `color-mix(in srgb, ${color} ${Math.round(share * 100)}%, transparent)`; }
  if (!SCHEMES[scheme]) throw new Error(`colour scheme '${scheme}' is not known to this page`);
  const [text, turned] = SCHEMES[scheme], stops = text.split(' ').map((c) => [0, 2, 4].map((i) => parseInt(c.slice(i, i + 2), 16)));
  if ((turned === 'always' || (turned === 'dark' && isDark())) !== reverse) stops.reverse();
  return (share) => {
    const at = (Math.round(share * (steps - 1)) / (steps - 1)) * (stops.length - 1), i = Math.min(Math.floor(at), stops.length - 2), part = at - i;
    return `rgb(${stops[i].map((c, k) => Math.round(c + (stops[i + 1][k] - c) * part)).join(' ')})`;
  };
}

// rows by rising edge: {edge, at: {time: count of that row alone}}
function rowsOf(series) {
  const cumulative = series.map((s) => ({ edge: Number(s.labels.le.replace('+Inf', 'Infinity')), at: new Map(s.times.map((t, i) => [t, s.values[i]])) }))
    .sort((a, b) => a.edge - b.edge);
  return cumulative.map((row, i) => ({ edge: row.edge, at: new Map([...row.at].map(([t, v]) => [t, v - (i ? cumulative[i - 1].at.get(t) ?? 0 : 0)])) }));
}

export function heatmap(body, panel, series, context) {
  if (series.some((s) => s.labels.le == null)) throw new Error('a heatmap needs series by le');
  const rows = rowsOf(series), o = panel.options ?? {}, least = Math.max(o.filterValues?.le ?? 1e-9, 1e-9), step = series[0].step;
  const counts = rows.flatMap((r) => [...r.at.values()]).filter((v) => v > least);
  if (!counts.length) throw new NoData('no data (no cell above the filter)');
  const low = o.color?.min ?? Math.min(...counts), high = o.color?.max ?? Math.max(...counts), exponent = o.color?.scale === 'linear' ? 1 : o.color?.exponent ?? 0.5;
  const color = ramp(o.color ?? {}), share = (v) => Math.min(1, Math.max(0, (v - low) / (high - low || 1))) ** exponent;
  const config = optionsFor(panel, { name: 'Value', numeric: true }), unit = o.yAxis?.unit ?? config.unit, { decimals } = o.yAxis ?? {};
  const count = (v) => parts(v, o.cellValues?.unit ?? 'short').join('');
  const key = o.legend?.show === false ? null : h('div', { class: 'ramp' }, count(low), h('i', { style: { background: `linear-gradient(90deg, ${Array.from({ length: 17 }, (_, i) => color((i / 16) ** exponent)).join(', ')})` } }), count(high));
  const host = frame(body, key), gap = o.cellGap ?? 1;
  const edges = (lo, hi, room) => { const every = Math.ceil(rows.length / room); return rows.map((_, i) => i).filter((i) => i % every === every - 1 || every === 1).map((i) => i + 1); };
  const cells = (u, ctx) => rows.forEach((row, i) => {
    const top = Math.round(u.valToPos(i + 1, 'y', true)), bottom = Math.round(u.valToPos(i, 'y', true));
    for (const [t, v] of row.at) {
      if (!(v > least)) continue;
      const x0 = Math.round(u.valToPos(t - step, 'x', true)), x1 = Math.round(u.valToPos(t, 'x', true));
      ctx.fillStyle = color(share(v));
      ctx.fillRect(x0, top, Math.max(1, x1 - x0 - gap), Math.max(1, bottom - top - gap));
    }
  });
  return plot(host, { x: { ...timeAxis(context.window), grid: false }, y: { min: 0, max: rows.length, ticks: edges, px: 20, grid: false, format: (n) => format(rows[n - 1].edge, unit, decimals) },
    data: [[context.window.from, context.window.to], [null, null]], series: [{ scale: 'y' }], cells, annotations: context.annotations });
}

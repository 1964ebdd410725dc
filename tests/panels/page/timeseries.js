// Values over time; and curves of one value over another.
import uPlot from '/uplot/uPlot.esm.js';
import { colorNamed, colorOf, optionsFor, reduce, REDUCER_NAMES, stepsOf, text } from './fields.js';
import { NoData } from './dom.js';
import { format } from './units.js';
import { frame, legend, plot, timeAxis } from './plot.js';
import { tables, transformed } from './transforms.js';

const finite = (values) => values.filter((v) => v != null && Number.isFinite(v));

// the scale that holds the values, as the field options want it
function scaleOf(fields, values, levels = []) {
  const custom = fields[0].config.custom, { type } = custom.scaleDistribution ?? {};
  const log = type === 'log', shown = finite(values).concat(levels).filter((v) => !log || v > 0);
  const bound = (name) => fields.map((f) => f.config[name]).find((v) => v != null);
  let lo = Math.min(...shown), hi = Math.max(...shown);
  if (log) { lo = 10 ** (Math.log10(lo) - 0.03); hi = 10 ** (Math.log10(hi) + 0.03); }
  else { const pad = (hi - lo || Math.abs(hi) || 1) * 0.07; lo = lo >= 0 && lo < pad ? 0 : lo - pad; hi += pad; }
  if (custom.axisSoftMin != null) lo = Math.min(lo, custom.axisSoftMin);
  if (custom.axisSoftMax != null) hi = Math.max(hi, custom.axisSoftMax);
  lo = bound('min') ?? lo; hi = bound('max') ?? hi;
  if (log && lo <= 0) lo = 10 ** (Math.log10(Math.min(...shown)) - 0.03);
  if (hi <= lo) hi = lo + 1;
  const { unit, decimals } = fields[0].config;
  return { min: lo, max: hi, log, binary: ['bytes', 'binBps'].includes(unit), format: (v) => format(v, unit, decimals), label: custom.axisLabel || undefined };
}

const PATHS = { smooth: uPlot.paths.spline(), stepAfter: uPlot.paths.stepped({ align: 1 }), stepBefore: uPlot.paths.stepped({ align: -1 }), linear: uPlot.paths.linear(), bars: uPlot.paths.bars({ size: [0.9, 60] }), points: () => null };
function drawn(f, scale) {
  const { drawStyle = 'line', lineInterpolation = 'linear', lineWidth = 1, fillOpacity = 0, lineStyle, showPoints = 'auto', pointSize = 5, spanNulls = false } = f.config.custom;
  return { scale, stroke: f.color, width: drawStyle === 'points' ? 0 : lineWidth, fill: fillOpacity ? alpha(f.color, fillOpacity) : undefined, dash: lineStyle?.fill === 'dash' ? lineStyle.dash ?? [10, 10] : undefined, spanGaps: spanNulls === true,
    paths: PATHS[drawStyle === 'line' ? lineInterpolation : drawStyle], points: drawStyle === 'points' || showPoints === 'always' ? { show: true, size: pointSize, fill: f.color } : showPoints === 'never' ? { show: false } : { size: pointSize, fill: f.color } };
}
const alpha = (color, percent) => `color-mix(in srgb, ${color} ${percent}%, transparent)`;

function levels(config) {
  const mode = config.custom.thresholdsStyle?.mode ?? 'off';
  if (mode === 'off') return [];
  return stepsOf(config).filter((s) => s.value != null).map((s) => ({ value: s.value, color: colorNamed(s.color) }));
}

// series on one row of times, with null where a scrape is missing
function aligned(series) {
  const step = Math.min(...series.map((s) => s.step)), from = Math.min(...series.map((s) => s.times[0])), to = Math.max(...series.map((s) => s.times.at(-1)));
  const times = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => from + i * step);
  const at = (s) => { const out = new Array(times.length).fill(null); s.times.forEach((t, i) => { out[Math.round((t - from) / step)] = Number.isFinite(s.values[i]) ? s.values[i] : null; }); return out; };
  return [times, ...series.map(at)];
}

// sums from below, for stacked series: the lowest is drawn last
function stacked(columns) {
  const sum = columns[0].map(() => 0);
  return columns.map((c) => c.map((v, i) => (v == null ? null : (sum[i] += v))));
}

export function timeseries(body, panel, series, context) {
  const fields = series.map((s, i) => {
    const config = optionsFor(panel, { name: s.name, labels: s.labels, refId: s.target.refId, numeric: true });
    return { s, config, color: colorOf(config, i, reduce('lastNotNull', s.values)) };
  });
  const [times, ...columns] = aligned(series), pile = fields.some((f) => f.config.custom.stacking?.mode === 'normal');
  const values = pile ? stacked(columns) : columns, order = fields.map((_, i) => i);
  if (pile) order.reverse();
  const right = (f) => f.config.custom.axisPlacement === 'right' || f.config.unit !== fields[0].config.unit;
  const limits = levels(fields[0].config), of = (side) => order.filter((i) => right(fields[i]) === side);
  const calcs = panel.options?.legend?.calcs ?? [];
  const key = legend(fields.map((f) => ({ name: f.config.title, color: f.color, dash: f.config.custom.lineStyle?.fill === 'dash', cells: calcs.map((c) => text(f.config, reduce(c, f.s.values))) })), panel.options?.legend, calcs.map((c) => REDUCER_NAMES[c]));
  const host = frame(body, key, panel.options?.legend?.placement);
  const scale = (side) => (of(side).length ? scaleOf(of(side).map((i) => fields[i]), of(side).flatMap((i) => values[i]), side ? [] : limits.map((l) => l.value)) : undefined);
  return plot(host, { x: timeAxis(context.window), y: scale(false), y2: scale(true), data: [times, ...order.map((i) => values[i])],
    series: order.map((i) => drawn(fields[i], right(fields[i]) ? 'y2' : 'y')), annotations: context.annotations, levels: limits });
}

// one curve for each frame of the transformed table: the matched column across, the other numbers upwards
export function xychart(body, panel, series) {
  const [wanted = {}] = panel.options?.series ?? [], curves = [];
  for (const made of transformed(panel, tables(series))) {
    const numeric = made.fields.filter((f) => f.numeric), x = numeric.find((f) => f.name === wanted.x?.matcher?.options) ?? numeric[0];
    for (const y of numeric) if (y !== x) curves.push({ x, y, name: Object.values(y.labels ?? {}).join(' ') || made.name || y.name });
  }
  if (!curves.length) throw new NoData('no data');
  const xConfig = optionsFor(panel, { name: curves[0].x.name, numeric: true });
  const fields = curves.map((c, i) => { const config = optionsFor(panel, { ...c.y, name: c.y.name }); return { c, config, color: colorOf(config, i, c.y.values.at(-1)) }; });
  const all = [...new Set(curves.flatMap((c) => c.x.values))].filter(Number.isFinite).sort((a, b) => a - b);
  const columns = curves.map((c) => { const at = new Map(c.x.values.map((v, i) => [v, c.y.values[i]])); return all.map((v) => at.get(v) ?? null); });
  const host = frame(body, legend(fields.map((f) => ({ name: f.c.name, color: f.color, cells: [] })), panel.options?.legend), panel.options?.legend?.placement);
  const x = scaleOf([{ config: xConfig }], all);
  return plot(host, { x: { ...x, px: 64 }, y: scaleOf(fields, columns.flat()), data: [all, ...columns], series: fields.map((f) => ({ ...drawn(f, 'y'), spanGaps: true, points: { show: (f.config.custom.show ?? 'points') !== 'lines' } })) });
}

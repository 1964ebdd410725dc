// Field options of a panel: defaults, overrides, colours, value mappings; and reducers.
import { isDark, paint } from './dom.js';
import { format, parts } from './units.js';

const CLASSIC = ['#7EB26D', '#EAB839', '#6ED0E0', '#EF843C', '#E24D42', '#1F78C1', '#BA43A9', '#705DA0', '#508642', '#CCA300', '#447EBC', '#C15C17', '#890F02', '#0A437C', '#6D1F62', '#584477'];
const HUES = {  // dark, semi-dark, plain, light, super-light
  red: ['#C4162A', '#E02F44', '#F2495C', '#FF7383', '#FFA6B0'], orange: ['#FA6400', '#FF780A', '#FF9830', '#FFB357', '#FFCB7D'],
  yellow: ['#E0B400', '#F2CC0C', '#FADE2A', '#FFEE52', '#FFF899'], green: ['#37872D', '#56A64B', '#73BF69', '#96D98D', '#C8F2C2'],
  blue: ['#1F60C4', '#3274D9', '#5794F2', '#8AB8FF', '#C0D8FF'], purple: ['#8F3BB8', '#A352CC', '#B877D9', '#CA95E5', '#DEB6F2'],
};
export function colorNamed(name) {
  if (!name || name.startsWith('#') || name.startsWith('rgb')) return name;
  if (name === 'transparent') return name;
  if (name === 'text') return paint('ink');
  if (name === 'gray' || name === 'grey') return '#8f97a2';
  if (name === 'white' || name === 'black') return name;
  const [, shade, hue] = /^(super-light-|semi-dark-|light-|dark-)?(\w+)$/.exec(name) ?? [];
  if (!HUES[hue]) throw new Error(`colour '${name}' is not known to this page`);
  // on a light ground Grafana takes the shade below
  const index = { 'dark-': 0, 'semi-dark-': 1, 'light-': 3, 'super-light-': 4 }[shade] ?? 2;
  return HUES[hue][isDark() ? index : Math.max(0, index - 1)];
}

const set = (object, path, value) => {
  const keys = path.split('.'), last = keys.pop();
  keys.reduce((at, key) => (at[key] ??= {}), object)[last] = value;
};
const pattern = (text) => { const m = /^\/(.*)\/(\w*)$/.exec(text); return m ? new RegExp(m[1], m[2]) : new RegExp(text); };

function matches(matcher, { name, refId, numeric }) {
  switch (matcher.id) {
    case 'byName': return name === matcher.options;
    case 'byNames': return matcher.options.names.includes(name);
    case 'byRegexp': return pattern(matcher.options).test(name);
    case 'byFrameRefID': return refId === matcher.options;
    case 'byType': return (matcher.options === 'number') === Boolean(numeric);
    default: throw new Error(`matcher '${matcher.id}' is not known to this page`);
  }
}

// what Grafana takes where the JSON names no colour mode
const DEFAULT_MODE = { stat: 'thresholds', gauge: 'thresholds', bargauge: 'thresholds', table: 'thresholds', 'state-timeline': 'thresholds' };

// field: {name, labels, refId, numeric}; the panel's options as they hold for it
export function optionsFor(panel, field) {
  const config = structuredClone(panel.fieldConfig?.defaults ?? {});
  config.custom ??= {};
  config.color ??= { mode: DEFAULT_MODE[panel.type] ?? 'palette-classic' };
  for (const { matcher, properties } of panel.fieldConfig?.overrides ?? []) {
    if (matches(matcher, field)) for (const { id, value } of properties) set(config, id, value);
  }
  config.title = config.displayName?.replace(/\$\{__field\.labels\.(\w+)\}/g, (_, k) => field.labels?.[k] ?? '').replace('${__field.name}', field.name) ?? field.name;
  return config;
}

export function stepsOf(config) {
  const steps = config.thresholds?.steps ?? [{ value: null, color: 'green' }];
  const wrong = steps.find((s, i) => typeof s.color !== 'string' || (i ? typeof s.value !== 'number' : s.value != null));
  if (wrong) throw new Error(`this threshold is none: ${JSON.stringify(wrong)}`);
  return steps;
}
export function threshold(config, value) {
  const steps = stepsOf(config);
  let bound = (v) => v;
  if (config.thresholds?.mode === 'percentage') { const lo = config.min ?? 0, hi = config.max ?? 100; bound = (v) => lo + ((hi - lo) * v) / 100; }
  const reached = steps.filter((s) => s.value == null || value >= bound(s.value));
  return colorNamed((reached.at(-1) ?? steps[0]).color);
}

// of the nth series, whose last (or shown) value is `value`
export function colorOf(config, index, value) {
  const { mode = 'palette-classic', fixedColor } = config.color ?? {};
  if (mode === 'thresholds') return threshold(config, value);
  if (mode === 'fixed') return colorNamed(fixedColor);
  if (mode === 'shades') return colorNamed(['dark-', 'semi-dark-', '', 'light-', 'super-light-'][(index + 2) % 5] + fixedColor);
  if (mode === 'palette-classic') return CLASSIC[index % CLASSIC.length];
  if (mode === 'palette-classic-by-name') return CLASSIC[[...config.title].reduce((sum, c) => (Math.imul(sum, 31) + c.charCodeAt(0)) | 0, 0) % CLASSIC.length & 15];
  throw new Error(`colour mode '${mode}' is not known to this page`);
}

// {text, color} of the first mapping that holds, or null
export function mapped(config, value) {
  for (const { type, options } of config.mappings ?? []) {
    let hit = null;
    if (type === 'value') hit = options[String(value)];
    else if (type === 'range') hit = value >= (options.from ?? -Infinity) && value <= (options.to ?? Infinity) ? options.result : null;
    else if (type === 'regex') hit = pattern(options.pattern).test(String(value)) ? options.result : null;
    else if (type === 'special') hit = { null: value == null, nan: Number.isNaN(value), 'null+nan': value == null || Number.isNaN(value) }[options.match] ? options.result : null;
    else throw new Error(`mapping '${type}' is not known to this page`);
    if (hit) return { text: hit.text, color: hit.color && colorNamed(hit.color) };
  }
  return null;
}
export function shown(config, value) {
  const map = mapped(config, value);
  if (map?.text != null) return [map.text, ''];
  if (value == null && config.noValue) return [config.noValue, ''];
  return parts(value, config.unit, config.decimals);
}
export const text = (config, value) => mapped(config, value)?.text ?? format(value, config.unit, config.decimals);

const good = (values) => values.filter((v) => v != null && !Number.isNaN(v));
const sum = (values) => values.filter((v) => v != null).reduce((a, b) => a + b, 0);  // NaN if one is, as in Grafana
const REDUCERS = {
  last: (v) => v.at(-1), lastNotNull: (v) => v.findLast((x) => x != null), first: (v) => v[0], firstNotNull: (v) => v.find((x) => x != null),
  mean: (v) => sum(v) / v.filter((x) => x != null).length, sum: (v) => sum(v),
  min: (v) => (good(v).length ? Math.min(...good(v)) : null), max: (v) => (good(v).length ? Math.max(...good(v)) : null),
  count: (v) => v.length, range: (v) => Math.max(...good(v)) - Math.min(...good(v)), diff: (v) => v.at(-1) - v[0],
};
export const REDUCER_NAMES = { last: 'Last', lastNotNull: 'Last', first: 'First', firstNotNull: 'First', mean: 'Mean', sum: 'Total', min: 'Min', max: 'Max', count: 'Count', range: 'Range', diff: 'Difference' };
export function reduce(name, values) {
  if (!REDUCERS[name]) throw new Error(`calculation '${name}' is not known to this page`);
  return REDUCERS[name](values);
}

// Values as Grafana's units print them. A unit that is not here is an error, so that a mistyped one is seen.
const minus = (text) => text.replace('-', '\u2212');
const fixed = (value, decimals) => minus(value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals }));

// without given decimals: three significant digits, and no zeros at the end
function plain(value, decimals) {
  if (decimals != null) return fixed(value, decimals);
  const size = Math.abs(value);
  const digits = size === 0 || size >= 100 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(size)));
  return minus(Number(value.toFixed(Math.min(digits, 12))).toLocaleString('en-US', { maximumFractionDigits: 12 }));
}

const scaled = (steps) => (value, decimals) => {
  const size = Math.abs(value);
  const [factor, name] = size === 0 ? steps.find(([f]) => f === 1) : (steps.findLast(([f]) => size >= f * 0.9995) ?? steps[0]);
  return [plain(value / factor, decimals), name];
};
const SECONDS = [[1e-9, 'ns'], [1e-6, '\u00b5s'], [1e-3, 'ms'], [1, 's'], [60, 'min'], [3600, 'h'], [86400, 'd']];
const SI = (unit) => [[1e-9, 'n'], [1e-6, '\u00b5'], [1e-3, 'm'], [1, ''], [1e3, 'k'], [1e6, 'M'], [1e9, 'G'], [1e12, 'T']].map(([f, p]) => [f, p + unit]);
const up = (unit, base, prefixes) => prefixes.map((p, i) => [base ** i, p + unit]);
const shifted = (steps, by) => steps.map(([factor, name]) => [factor / by, name]);
const moment = (value, milliseconds) => [value ? `${new Date(value * (milliseconds ? 1 : 1000)).toISOString().slice(0, 19).replace('T', ' ')}` : '\u2013', ''];

const UNITS = {
  none: (v, d) => [plain(v, d), ''],
  short: scaled(up('', 1000, ['', '\u00a0K', '\u00a0Mil', '\u00a0Bil'])),
  string: (v) => [String(v), ''],
  percent: (v, d) => [plain(v, d), '%'],
  percentunit: (v, d) => [plain(v * 100, d), '%'],
  s: scaled(SECONDS),
  ms: scaled(shifted(SECONDS, 1e-3)),
  '\u00b5s': scaled(shifted(SECONDS, 1e-6)),
  ns: scaled(shifted(SECONDS, 1e-9)),
  reqps: scaled(up('req/s', 1000, ['', 'k', 'M'])),
  cps: scaled(up('c/s', 1000, ['', 'k', 'M'])),
  ops: scaled(up('ops/s', 1000, ['', 'k', 'M'])),
  hertz: scaled(SI('Hz')),
  bytes: scaled(up('B', 1024, ['', 'Ki', 'Mi', 'Gi', 'Ti'])),
  decbytes: scaled(up('B', 1000, ['', 'k', 'M', 'G', 'T'])),
  Bps: scaled(up('B/s', 1000, ['', 'k', 'M', 'G'])),
  binBps: scaled(up('B/s', 1024, ['', 'Ki', 'Mi', 'Gi'])),
  bool: (v) => [v ? 'True' : 'False', ''],
  bool_yes_no: (v) => [v ? 'Yes' : 'No', ''],
  bool_on_off: (v) => [v ? 'On' : 'Off', ''],
  dateTimeAsIso: (v) => moment(v, true),
  dateTimeAsIsoNoDateIfToday: (v) => moment(v, true),
};

function unitOf(name) {
  if (!name) return UNITS.none;
  if (UNITS[name]) return UNITS[name];
  const [kind, rest] = [name.slice(0, name.indexOf(':')), name.slice(name.indexOf(':') + 1)];
  if (kind === 'count') return scaled(up(rest, 1000, ['', 'K ', 'M ']).map(([f, n]) => [f, n]));
  if (kind === 'si') return scaled(SI(rest));
  if (kind === 'suffix') return (v, d) => [plain(v, d), rest];
  if (kind === 'prefix') return (v, d) => [rest + plain(v, d), ''];
  throw new Error(`unit '${name}' is not known to this page`);
}

// [text, unit's text]
export function parts(value, unit, decimals) {
  if (typeof value === 'string') return [value, ''];
  if (value == null) return ['\u2013', ''];
  if (Number.isNaN(value)) return ['NaN', ''];
  if (!Number.isFinite(value)) return [value > 0 ? '+Inf' : '\u2212Inf', ''];
  return unitOf(unit)(value, decimals);
}
export function format(value, unit, decimals) {
  const [text, name] = parts(value, unit, decimals);
  return name && name !== '%' ? `${text}\u00a0${name.trim()}` : text + name;
}

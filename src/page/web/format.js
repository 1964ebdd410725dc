// format.js: numbers as people read them. Spans come in milliseconds.
const NONE = '\u2013',
  GAP = '\u00a0',
  MINUS = '\u2212';

const grouped = (value, digits = 0) =>
  value == null
    ? NONE
    : value
        .toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
        .replace('-', MINUS);
const plain = (value) =>
  Number(value.toPrecision(6)).toLocaleString('en-US', { maximumFractionDigits: 6 }).replace('-', MINUS);

// +7.2, -7.2 with a real minus, 0.0 without a sign
function signed(value, digits = 1) {
  const text = Math.abs(value).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return /[1-9]/.test(text) ? (value < 0 ? MINUS : '+') + text : text;
}
const percent = (value, digits = 1) => (value == null ? NONE : `${grouped(value, digits)}${GAP}%`);

function threeDigits(value) {
  if (value >= 99.95) return grouped(value);
  return value.toFixed(value < 9.995 ? 2 : 1).replace(/\.0+$/, '');
}
// a span in the unit that suits it
function span(ms) {
  if (ms == null) return NONE;
  if (ms === 0) return '0';
  if (ms < 0.9995) return `${threeDigits(ms * 1e3)}${GAP}\u00b5s`;
  return ms < 999.5 ? `${threeDigits(ms)}${GAP}ms` : `${threeDigits(ms / 1e3)}${GAP}s`;
}
const ofSeconds = (seconds) => span(seconds == null ? null : seconds * 1e3);

const QUANTILES = { p50: 'p50', p90: 'p90', p95: 'p95', p99: 'p99', p999: 'p99.9' };
const METRICS = {
  ttft: { name: 'TTFT', what: 'from the start of a request to its first token' },
  itl: { name: 'ITL', what: 'from one output event of an answer to the next' },
  tpot: { name: 'TPOT', what: 'mean time per token of a request, after its first' },
  latency: { name: 'Latency', what: 'from the start of a request to its end' },
};
const UNITS = {
  us: { name: '\u00b5s', scale: 1e3, digits: 1 },
  ms: { name: 'ms', scale: 1, digits: 2 },
  s: { name: 's', scale: 1e-3, digits: 3 },
};

// Each metric is shown in one unit everywhere, by its typical size.
const chosenUnits = {};
function unitOf(metric) {
  return (chosenUnits[metric] ??= (() => {
    const typical = data.variants
      .flatMap((v) => v.runs ?? [])
      .map((r) => r.summary[`${metric}_s`]?.p50)
      .find((v) => v != null);
    const ms = (typical ?? 0.01) * 1e3;
    return ms >= 1000 ? UNITS.s : ms < 0.2 ? UNITS.us : ms < 100 ? UNITS.ms : { ...UNITS.ms, digits: 1 };
  })());
}
const titled = (metric) => `${METRICS[metric].name}, ${unitOf(metric).name}`;
const inUnit = (metric, ms) => (ms == null ? NONE : grouped(ms * unitOf(metric).scale, unitOf(metric).digits));
const withUnit = (metric, ms) => `${inUnit(metric, ms)}${GAP}${unitOf(metric).name}`;

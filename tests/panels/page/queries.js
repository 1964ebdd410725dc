// A dashboard's variables, and its queries asked of Prometheus.
import { NoData } from './dom.js';

async function ask(what, parameters) {
  const answer = await fetch(`/api/v1/${what}`, { method: 'POST', body: new URLSearchParams(parameters) });
  const text = await answer.text();
  let found;
  try { found = JSON.parse(text); } catch { throw new Error(`${answer.status}: ${text.slice(0, 200)}`); }
  if (found.status !== 'success') throw new Error(`${found.error}\n${parameters.query ?? ''}`);
  return found.data;
}

// 5s, 1m30s, 250ms as seconds
export function seconds(text) {
  const unit = { ms: 1e-3, s: 1, m: 60, h: 3600, d: 86400 };
  return [...text.matchAll(/([\d.]+)(ms|[smhd])/g)].reduce((sum, [, n, u]) => sum + n * unit[u], 0);
}
const span = (s) => (s < 1 ? `${Math.round(s * 1000)}ms` : `${Math.round(s)}s`);

// label_values(NAME) and label_values(SELECTOR, NAME) in the window
async function labelValues(text, descending, window) {
  const found = /^\s*label_values\((?:([\s\S]+),)?\s*(\w+)\s*\)\s*$/.exec(text);
  if (!found) throw new Error(`variable query not known to this page: ${text}`);
  const [, selector, label] = found;
  const series = await ask('series', { 'match[]': selector ?? `{${label}!=""}`, start: window.from, end: window.to });
  const sorted = [...new Set(series.map((s) => s[label]).filter(Boolean))].sort();
  return descending ? sorted.reverse() : sorted;
}

// {name: value}: what the address asks for, else All, else what is stored, else the first there is
export async function variablesOf(dashboard, window, asked) {
  const values = {};
  for (const v of dashboard.templating?.list ?? []) {
    const given = asked.get(`var-${v.name}`);
    if (v.type === 'datasource') values[v.name] = 'prometheus';
    else if (given != null) values[v.name] = given;
    else if (v.includeAll) values[v.name] = v.allValue ?? '.*';
    else if (v.type === 'query') {
      const query = substitute(typeof v.query === 'string' ? v.query : v.query.query, values, window, 1);
      const there = await labelValues(query, v.sort === 2, window), stored = v.current?.value;
      values[v.name] = there.includes(stored) ? stored : there[0] ?? '';
    } else values[v.name] = String(v.current?.value ?? v.query ?? '').split(',')[0].trim();
  }
  return values;
}

export function substitute(text, values, window, interval) {
  const range = Math.round(window.to - window.from);
  const scrape = window.scrape;
  const all = {
    __interval: span(interval), __interval_ms: interval * 1000, __rate_interval: span(Math.max(interval + scrape, 4 * scrape)),
    __range: `${range}s`, __range_s: range, __range_ms: range * 1000, __from: Math.round(window.from * 1000), __to: Math.round(window.to * 1000), ...values,
  };
  return text.replace(/\$\{(\w+)(?::\w+)?\}|\$(\w+)|\[\[(\w+)\]\]/g, (whole, a, b, c) => {
    const name = a ?? b ?? c;
    if (name in all) return all[name];
    if (/^\d/.test(name)) return whole;  // $1 of label_replace
    throw new Error(`variable ${whole} is not defined`);
  });
}

// the step that Grafana would choose for so many pixels: a round one, and no shorter than the scrapes
function stepOf(target, panel, window, width) {
  const least = Math.max(panel.interval ? seconds(panel.interval) : 0, target.interval && !target.interval.includes('$') ? seconds(target.interval) : 0, window.scrape);
  const wanted = (window.to - window.from) / Math.min(panel.maxDataPoints ?? width, width);
  return Math.max(least, [1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600].find((s) => s >= wanted * 0.75) ?? 1800);
}

const matrix = (data) => (data.resultType === 'matrix' ? data.result
  : data.resultType === 'vector' ? data.result.map((r) => ({ metric: r.metric, values: [r.value] }))
    : [{ metric: {}, values: [data.result] }]);

function nameOf(target, labels, count) {
  const pairs = Object.entries(labels).filter(([k]) => k !== '__name__');
  if (target.legendFormat && target.legendFormat !== '__auto') return target.legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, k) => labels[k] ?? '');
  if (!pairs.length) return labels.__name__ ?? target.expr;
  if (pairs.length === 1 && count > 1) return pairs[0][1];
  return `${labels.__name__ ?? ''}{${pairs.map(([k, v]) => `${k}="${v}"`).join(', ')}}`;
}

async function one(target, panel, { values, window }, width) {
  const step = stepOf(target, panel, window, width), expr = substitute(target.expr, values, window, step);
  const instant = target.instant && !target.range;
  const data = instant ? await ask('query', { query: expr, time: window.to })
    : await ask('query_range', { query: expr, start: Math.floor(window.from / step) * step, end: Math.ceil(window.to / step) * step, step });
  const found = matrix(data);
  return found.map(({ metric, values: points }) => ({
    target, labels: metric, name: nameOf(target, metric, found.length), instant, step,
    times: points.map(([at]) => at), values: points.map(([, v]) => Number(v === '+Inf' ? Infinity : v === '-Inf' ? -Infinity : v)),
  }));
}

// all series of a panel, in the order of its targets
export async function seriesOf(panel, context, width) {
  const targets = (panel.targets ?? []).filter((t) => !t.hide);
  if (!targets.length) throw new Error('the panel has no query');
  const series = (await Promise.all(targets.map((t) => one(t, panel, context, width)))).flat();
  if (!series.some((s) => s.values.some(Number.isFinite))) throw new NoData(series.length ? 'no data (only NaN)' : 'no data');
  return series;
}

// [{at, text}]: what the dashboard's annotation queries find in the window
export async function annotationsOf(dashboard, { values, window }) {
  const found = [];
  for (const a of dashboard.annotations?.list ?? []) {
    const expr = a.expr ?? a.target?.expr;
    if (!expr || a.enable === false) continue;
    const data = await ask('query_range', { query: substitute(expr, values, window, window.scrape), start: window.from, end: window.to, step: a.step ? seconds(a.step) : window.scrape });
    const seen = new Set();
    for (const { metric, values: points } of data.result) {
      for (const [at, value] of points) {
        const time = a.useValueForTime ? value / 1000 : at;
        const fill = (format) => (format ?? '').replace(/\{\{\s*(\w+)\s*\}\}/g, (_, k) => metric[k] ?? '');
        const text = fill(a.textFormat) || fill(a.titleFormat) || a.name, key = `${Math.round(time * 10)} ${text}`;
        if (time < window.from || time > window.to || seen.has(key)) continue;
        seen.add(key);
        found.push({ at: time, text, color: a.iconColor });
      }
    }
  }
  return found;
}

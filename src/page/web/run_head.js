// run_head.js: the run in figures.
const findings = () =>
  data.findings.length > 0 && [
    el('h2', {}, 'In short'),
    el(
      'ul',
      { class: 'findings' },
      data.findings.map((f) => el('li', {}, f)),
    ),
  ];

function tile(name, value, unit, ...below) {
  return value == null || value === NONE
    ? null
    : el(
        'div',
        {},
        el('dt', {}, name),
        el('dd', {}, value, unit && el('small', {}, GAP + unit)),
        below.filter(Boolean).map((text) => el('dd', { class: 'below' }, text)),
      );
}
const p99 = (metric, d) => d?.p99 != null && `p99 ${withUnit(metric, d.p99 * 1e3)}`;
const metricTile = (metric, d) =>
  d?.p50 != null &&
  tile(`${METRICS[metric].name} p50`, inUnit(metric, d.p50 * 1e3), unitOf(metric).name, p99(metric, d));

function tiles(s) {
  const steady = s.steady_state?.decode_tps,
    counted = s.usage_check?.decode_tps_counted;
  return [
    tile(
      'decode_tps',
      grouped(s.derived.decode_tps, 1),
      'tokens/s',
      steady != null && `in steady state ${grouped(steady, 1)}`,
      counted != null && `by counted tokens ${grouped(counted, 1)}`,
    ),
    tile(
      'QPS',
      grouped(s.qps, 3),
      'requests/s',
      s.derived.prompt_tps != null && `prompt_tps ${grouped(s.derived.prompt_tps, 1)}`,
    ),
    metricTile('ttft', s.ttft_s),
    metricTile('itl', s.itl_s),
    metricTile('latency', s.latency_s),
    tile('Requests', grouped(s.ok), 'good', `${grouped(s.errors)} failed, in ${ofSeconds(s.total_time_s)}`),
    s.goodput &&
      tile(
        'Goodput',
        grouped(s.goodput.requests_per_s, 3),
        'requests/s',
        s.goodput.share != null && `${percent(100 * s.goodput.share)} within the objectives`,
      ),
    s.stalls?.count != null &&
      tile(
        'Stalls',
        grouped(s.stalls.count),
        s.stalls.count === 1 ? 'gap' : 'gaps',
        `above ${ofSeconds(s.stalls.threshold_s)}`,
        s.stalls.count > 0 && s.stalls.shared != null && `${grouped(s.stalls.shared)} shared by the streams`,
      ),
    s.client &&
      tile(
        'Client read late, p99',
        ...ofSeconds(s.client.client_delay_s.p99).split(GAP),
        `verdict: ${s.client.verdict.replace('_', ' ')}`,
      ),
  ].filter(Boolean);
}
const summarySection = (s) => section('summary', 'Summary', null, el('dl', { class: 'tiles' }, tiles(s)));

function quantileSection(s) {
  const keys = [...Object.keys(QUANTILES), 'mean', 'min', 'max'];
  const row = (metric) => {
    const d = s[`${metric}_s`];
    if (!d?.count && d?.p50 == null) return null;
    const cell = (key) =>
      el(
        'td',
        { class: d.weak?.includes(key) && 'thin', 'data-name': QUANTILES[key] ?? key },
        inUnit(metric, d[key] == null ? null : d[key] * 1e3),
        d.untrusted?.includes(key) &&
          el('span', { title: 'moved by more than 5 % by the client itself, maybe' }, '\u2020'),
      );
    return el(
      'tr',
      {},
      rowHead([METRICS[metric].name, ', ', unitOf(metric).name, el('small', {}, METRICS[metric].what)], {
        class: 'full',
      }),
      keys.map(cell),
      el('td', { class: 'muted', 'data-name': 'values' }, grouped(d.count)),
    );
  };
  const untrusted = Object.values(s).some((d) => d?.untrusted?.length);
  const rows = ['ttft', 'itl', 'tpot', 'latency'].map(row).filter(Boolean);
  if (!rows.length) return null;
  return section(
    'quantiles',
    'Quantiles',
    'In grey: fewer than 10 independent observations lie beyond it.',
    wide(
      table(
        { class: 'data cards' },
        [columnHead('', { class: 'l' }), keys.map((k) => columnHead(QUANTILES[k] ?? k)), columnHead('values')],
        rows,
      ),
    ),
    untrusted && note('\u2020 The client\u2019s own error may have moved it by more than 5 %.'),
  );
}

function runSpectrumSection() {
  const metrics = drawn('spectrum');
  return (
    metrics.length > 0 &&
    section(
      'spectrum',
      'Percentile spectrum',
      'How slow is the slowest half, tenth, hundredth, thousandth?',
      el(
        'div',
        { class: 'grid' },
        metrics.map((m) => figure(titled(m), null, spectrumChart(m))),
      ),
      note('Drag over a plot to zoom in, double-click to zoom out.'),
    )
  );
}

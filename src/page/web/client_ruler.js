// client_ruler.js: the client's own error, and what is claimed, on one ruler from microseconds up.
function rulerScale(spans) {
  const [low, high] = extent(spans.filter((v) => v > 0)),
    from = Math.floor(Math.log10(low)),
    to = Math.max(from + 2, Math.ceil(Math.log10(high)));
  const decades = Array.from({ length: to - from + 1 }, (_, i) => from + i);
  return {
    decades,
    share: (ms) => (Math.log10(Math.max(ms, 10 ** from)) - from) / (to - from),
    at(ms) {
      return `${(100 * this.share(ms)).toFixed(3)}%`;
    },
  };
}

function rulerLane(name, small, marks, scale) {
  const step = 15,
    height = Math.max(40, marks.length * step + 14),
    top = (height - marks.length * step) / 2 + step / 2;
  const mark = (m, i) => {
    const y = top + i * step,
      end = m.max ?? m.to,
      before = scale.share(end) > 0.68;
    return svg(
      'g',
      { 'data-of': m.key, css: { '--c': m.key ? inkVar(m.key) : 'var(--ink2)' } },
      m.max != null && svg('line', { class: 'thin', x1: scale.at(m.to), x2: scale.at(m.max), y1: y, y2: y }),
      svg('line', { class: 'thick', x1: scale.at(m.from), x2: scale.at(m.to), y1: y, y2: y }),
      svg('circle', { cx: scale.at(m.from), cy: y, r: 4 }),
      svg(
        'svg',
        { x: scale.at(before ? m.from : end), y, overflow: 'visible' },
        svg('text', { x: before ? -9 : 9, y: 4, 'text-anchor': before ? 'end' : 'start' }, m.text),
      ),
    );
  };
  return el(
    'div',
    {},
    el('div', { class: 'name' }, name, ' ', el('small', {}, small)),
    el(
      'div',
      { class: 'lane', css: { 'min-height': `${height}px` } },
      svg(
        'svg',
        {
          width: '100%',
          height: '100%',
          role: 'img',
          'aria-label': `${name}: ${marks.map((m) => `${m.key ? `${nameOf(m.key)} ` : ''}${m.text}`).join('; ')}`,
        },
        scale.decades.map((p) =>
          svg('line', { class: 'zero', x1: scale.at(10 ** p), x2: scale.at(10 ** p), y1: 0, y2: '100%' }),
        ),
        marks.map(mark),
      ),
    ),
  );
}

function clientRuler() {
  const worst = (v, pick) => {
    const values = v.runs.map((r) => pick(r.summary)).filter((x) => x != null);
    return values.length ? 1e3 * Math.max(...values) : null;
  };
  const ranged = (key, from, to, max) => ({
    key,
    from,
    to,
    max,
    text: `${span(from)} \u2026 ${span(to)}${max == null ? '' : `, at most ${span(max)}`}`,
  });
  const own = shown
    .filter((v) => worst(v, (s) => s.client?.client_delay_s?.p50) != null)
    .map((v) => {
      const d = (q) => worst(v, (s) => s.client?.client_delay_s?.[q]);
      return ranged(v.key, d('p50'), d('p99'), d('max'));
    });
  const metricMarks = (metric) =>
    shown
      .filter((v) => v.runs[0].summary[`${metric}_s`]?.p99 != null)
      .map((v) =>
        ranged(
          v.key,
          worst(v, (s) => s[`${metric}_s`].p50),
          worst(v, (s) => s[`${metric}_s`].p99),
        ),
      );
  const lanes = [
    ['Read late', 'worst run, p50 to p99; thin: the latest', own],
    [
      'Smallest claim',
      data.claim?.[0],
      data.claim ? [{ from: data.claim[1], to: data.claim[1], text: span(data.claim[1]) }] : [],
    ],
    ...['itl', 'ttft', 'latency'].map((m) => [METRICS[m].name, 'worst run, p50 to p99', metricMarks(m)]),
  ].filter(([, , marks]) => marks.length);
  if (!own.length) return null;
  const scale = rulerScale(lanes.flatMap(([, , marks]) => marks.flatMap((m) => [m.from, m.to, m.max ?? m.to])));
  const axis = el(
    'div',
    { class: 'axis' },
    el('div', { class: 'name' }),
    el(
      'div',
      { class: 'lane', css: { 'min-height': '22px' } },
      svg(
        'svg',
        { width: '100%', height: 20, 'aria-hidden': 'true' },
        scale.decades.map((p, i) =>
          svg(
            'text',
            {
              x: scale.at(10 ** p),
              y: 14,
              'text-anchor': i === 0 ? 'start' : i === scale.decades.length - 1 ? 'end' : 'middle',
            },
            p < 0 ? `${10 ** (p + 3)} \u00b5s` : p < 3 ? `${10 ** p} ms` : `${10 ** (p - 3)} s`,
          ),
        ),
      ),
    ),
  );
  return el(
    'div',
    { class: 'ruler' },
    lanes.map(([name, small, marks]) => rulerLane(name, small, marks, scale)),
    axis,
  );
}
const clientErrorSection = () =>
  section('client', 'The client\u2019s own error beside the result', data.client, clientRuler());

// spectrum.js: quantiles over x = log10(1 / (1 - p)): each tick to the right is ten times rarer.
const RARITIES = [0.30103, 1, 2, 3, 4, 5, 6, 7];
const spectrumX = (i) => (i + 1) / data.plots.per_decade;
const shareBelow = (x) => 100 * (1 - 10 ** -x);
const rarityText = (x) => (x < 1 ? '50' : String(Number(shareBelow(x).toPrecision(12)))) + '%';
const rarityName = (x) => `p${shareBelow(x).toFixed(Math.max(1, Math.min(5, Math.floor(x))))}`;
const METRICS_PLOTTED = ['itl', 'ttft', 'latency'];

const rarityAxis = (values, more) => ({
  values,
  min: 0,
  max: values.at(-1),
  ticks: (low, high) => RARITIES.filter((t) => t >= low && t <= high * 1.001),
  text: rarityText,
  say: rarityName,
  grid: true,
  ...more,
});

// Lines to where 10 independent observations lie beyond, dotted from there.
function spectrumLines(metric, series, xs) {
  const { scale } = unitOf(metric);
  const column = (values, keep = () => true) =>
    xs.map((x, i) => (values?.[i] == null || !keep(x, i) ? null : values[i] * scale));
  return series.flatMap((one, n) => {
    const sure = (x) => x <= one.sure + 1e-6,
      highest = series.length > 1 && series.every((o) => (one.y[8] ?? 0) >= (o.y[8] ?? 0));
    return [
      {
        variant: one.variant,
        y: column(one.y, sure),
        width: 1.9,
        ...(one.lo && { band: [column(one.lo, sure), column(one.hi, sure)] }),
        label:
          series.length > 1 ? { at: 0.5 + 0.5 * n, dy: highest ? -12 : 13, align: highest ? 'right' : 'left' } : null,
      },
      {
        variant: one.variant,
        name: '(few samples)',
        width: 1.7,
        dash: [2, 4],
        faint: true,
        y: column(one.y, (x, i) => !sure(x) || !sure(xs[i + 1] ?? 99)),
      },
    ];
  });
}

function spectrumChart(metric, { height = 230, bare = false, sync, most = 0 } = {}) {
  const series = data.plots.spectrum[metric],
    points = Math.max(most, ...series.map((s) => s.y.length)),
    xs = Array.from({ length: points }, (_, i) => spectrumX(i));
  const lines = spectrumLines(metric, series, xs),
    sure = Math.min(...series.map((s) => s.sure));
  const all = lines
    .flatMap((line) => [line.y, ...(line.band ?? [])])
    .flat()
    .filter((v) => v > 0);
  const typical = Math.min(...series.map((s) => s.y[7] || Infinity)) * unitOf(metric).scale,
    [low, high] = extent(all);
  // a few odd short values shall not take the room that the tail needs
  const floor =
    Number.isFinite(typical) && typical > 0 ? Math.max(low, typical / Math.max(1.5, (high / typical) ** 0.25)) : low;
  const [min, max] = paddedLog([floor, high], 0.07);
  return chart({
    label: `${METRICS[metric].name} by percentile`,
    height,
    sync,
    right: 24,
    lines,
    x: rarityAxis(xs, { bare }),
    y: { min, max, log: true, say: (v) => `${grouped(v, unitOf(metric).digits)}${GAP}${unitOf(metric).name}` },
    shades: sure < xs.at(-1) ? [{ from: sure, to: xs.at(-1) + 1, label: ['few samples', 'few'] }] : [],
  });
}

// What share of values lies at or below a value.
function cumulativeChart(metric, height = 200) {
  const { x, series } = data.plots.cdf[metric],
    unit = unitOf(metric),
    xs = x.map((v) => Math.log10(v * unit.scale));
  // names stand left of the leftmost curve, and right of the others
  const reaches = (one, share) =>
      Math.max(
        0,
        one.y.findIndex((y) => y > share),
      ),
    middles = series.map((one) => reaches(one, 50)),
    leftmost = middles.indexOf(Math.min(...middles));
  const lines = series.map((one, n) => ({
    variant: one.variant,
    y: one.y,
    width: 1.8,
    label:
      series.length > 1
        ? {
            at: xs[reaches(one, n === leftmost ? 62 : Math.max(12, 38 - 14 * n))],
            dx: n === leftmost ? -8 : 8,
            align: n === leftmost ? 'right' : 'left',
          }
        : null,
  }));
  return chart({
    label: `${METRICS[metric].name}: share at or below a value`,
    height,
    right: 16,
    lines,
    x: {
      values: xs,
      min: xs[0],
      max: xs.at(-1),
      grid: true,
      ticks: (low, high) => logTicks(10 ** low, 10 ** high, 5).map(Math.log10),
      text: (v) => plain(Number((10 ** v).toPrecision(4))),
      say: (v) => `at most ${grouped(10 ** v, unit.digits)}${GAP}${unit.name}`,
    },
    y: {
      min: 0,
      max: 100,
      ticks: () => [0, 25, 50, 75, 100],
      text: (v) => (v === 100 ? '100%' : String(v)),
      say: (v) => percent(v),
    },
  });
}
const drawn = (kind) =>
  METRICS_PLOTTED.filter((m) => (kind === 'cdf' ? data.plots.cdf[m] : data.plots.spectrum[m]?.length));
const cumulativeSection = () =>
  drawn('cdf').length > 0 &&
  section(
    'distribution',
    'Distribution',
    'What share of the values is at or below a value? Drawn up to p99.5; the spectrum shows what is slower.',
    el(
      'div',
      { class: 'grid' },
      drawn('cdf').map((m) => figure(titled(m), null, cumulativeChart(m))),
    ),
  );

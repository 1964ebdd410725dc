// compare_curves.js: percentile spectra, and under each how far they are apart.
function differenceChart(metric, points) {
  const xs = Array.from({ length: points }, (_, i) => spectrumX(i)),
    curves = data.plots.difference[metric],
    single = curves.length === 1,
    margin = 100 * data.compare.margin;
  const lines = curves.flatMap((curve) => {
    const column = (values, keep = () => true) => xs.map((_, i) => (values[i] != null && keep(i) ? values[i] : null));
    const name = single ? 'difference' : `against ${nameOf(curve.a)}`,
      own = single ? { ink: 'ink2' } : { variant: curve.b };
    const lower = (i) => curve.hi[i] != null && curve.hi[i] < 0,
      higher = (i) => curve.lo[i] != null && curve.lo[i] > 0,
      sure = (i) => curve.lo[i] != null || curve.hi[i] != null;
    const open = (values, end) => xs.map((_, i) => (sure(i) ? (values[i] ?? end) : null));
    return [
      { ...own, name, y: column(curve.y, sure), band: [open(curve.lo, -1e3), open(curve.hi, 1e3)], width: 1.3 },
      {
        ...own,
        name: `${name} (few samples)`,
        y: column(curve.y, (i) => !sure(i)),
        width: 1.2,
        dash: [2, 4],
        faint: true,
      },
      { variant: curve.b, silent: true, width: 2.8, y: column(curve.y, lower) },
      { variant: single ? curve.a : curve.b, silent: true, width: 2.8, y: column(curve.y, higher) },
    ];
  });
  // as wide as what is sure needs, but a few wild points do not set it
  const known = (c, i) => c.y[i] != null && (c.lo[i] != null || c.hi[i] != null || c.lo.every((v) => v == null)),
    sizes = curves.flatMap((c) => c.y.filter((_, i) => known(c, i)).map(Math.abs)).sort((a, b) => a - b),
    middle = sizes[sizes.length >> 1] ?? 0,
    reach = Math.max(3 * margin, Math.min(1.6 * (sizes.at(-1) ?? 0), Math.max(60, 2 * middle)));
  return chart({
    label: `${METRICS[metric].name}: difference by percentile`,
    height: 150,
    sync: metric,
    right: 24,
    lines,
    zones: [{ low: -margin, high: margin }],
    x: rarityAxis(xs),
    y: {
      min: -reach,
      max: reach,
      zero: true,
      text: (v) => (v === 0 ? '0' : signed(v, 0)),
      say: (v) => (Math.abs(v) > 900 ? 'no bound' : `${signed(v)}${GAP}%`),
    },
    remarks: single
      ? [
          { text: `${clip(nameOf(curves[0].b), 20)} higher` },
          { text: `${clip(nameOf(curves[0].b), 20)} lower`, low: true },
        ]
      : [{ text: 'higher' }, { text: 'lower', low: true }],
  });
}

function curvesOf(metric) {
  const differences = data.plots.difference[metric],
    most = Math.max(...data.plots.spectrum[metric].map((s) => s.y.length));
  return el(
    'div',
    {},
    figure(titled(metric), null, spectrumChart(metric, { bare: differences.length > 0, sync: metric, most })),
    differences.length > 0 &&
      figure('Difference, %', `against ${clip(nameOf(data.baseline), 24)}`, differenceChart(metric, most)),
  );
}
function compareSpectrumSection() {
  const metrics = drawn('spectrum');
  return (
    metrics.length > 0 &&
    section(
      'spectrum',
      'Percentile spectrum',
      'How slow is the slowest half, tenth, hundredth, thousandth? Below, the difference at the same percentile: thick where its interval leaves zero out.',
      el('div', { class: 'grid' }, metrics.map(curvesOf)),
      note(
        'Lines: the typical run (geometric mean of the repeats), bands above: least and largest of them. Bands below: 95 % at each percentile by itself; the verdicts in the table are adjusted for how many are looked at. Drag to zoom in, double-click to zoom out.',
      ),
    )
  );
}

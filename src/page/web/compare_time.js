// compare_time.js: runs side by side over their run time.
const RUNS_AT_ONCE = 3;
const TIME_ROWS = [
  { name: 'ITL p50', metric: 'itl', column: 'p50', height: 112, about: 'drift shows here' },
  {
    name: 'ITL p99',
    metric: 'itl',
    column: 'p99',
    height: 128,
    log: true,
    about: 'ticks at the top: the server paused',
    pauses: true,
  },
  { name: 'TTFT p50', metric: 'ttft', column: 'p50', height: 112, log: true, about: 'queueing shows here', dots: 4 },
];

function runOverTime(row, number, runs, axis, limits, bare) {
  const mine = runs.filter((r) => r.run === number && r.over[row.metric]),
    unit = unitOf(row.metric);
  const xs = [...new Set(mine.flatMap((r) => r.over[row.metric].t))].sort((x, y) => x - y);
  if (!xs.length) return el('figure', {});
  const lines = mine.map((r) => {
    const bins = r.over[row.metric],
      at = new Map(bins.t.map((t, i) => [t, bins[row.column][i] * unit.scale]));
    return { variant: r.variant, name: row.column, width: 1.6, dots: row.dots, y: xs.map((x) => at.get(x) ?? null) };
  });
  // each run has bins of its own, so the instants of several rarely meet
  const joined = lines.map((line) => ({ ...line, y: bridged(line.y) }));
  return figure(
    `${row.name}, ${unit.name}`,
    row.number ? `run ${number}` : row.about,
    chart({
      label: `${row.name} over run time, run ${number}`,
      height: row.height,
      sync: `run${number}`,
      lines: joined,
      shades: beforeStart({ from: axis.from }),
      x: timeAxis(xs, axis, { bare }),
      y: { min: limits[0], max: limits[1], log: row.log, say: (v) => `${grouped(v, unit.digits)}${GAP}${unit.name}` },
      paint:
        row.pauses &&
        ((u, ctx, k) => {
          for (const r of mine) if (!hidden.has(r.variant)) drawPauses(u, ctx, k, r.over.pauses, inkName(r.variant));
        }),
    }),
  );
}
// uPlot joins over `undefined`, and leaves a hole at null.
const bridged = (values) => {
  const first = values.findIndex((v) => v != null),
    last = values.findLastIndex((v) => v != null);
  return values.map((v, i) => (v == null && i > first && i < last ? undefined : v));
};

function timeGroup(numbers, runs, axis) {
  const rows = TIME_ROWS.filter((row) => runs.some((r) => r.over[row.metric]));
  return el(
    'div',
    { class: `grid runs${Math.min(3, numbers.length)}` },
    rows.flatMap((row, n) => {
      const values = runs
          .flatMap((r) => (r.over[row.metric] ? measuredOnly(r.over[row.metric], row.column) : []))
          .map((v) => v * unitOf(row.metric).scale),
        [low, high] = extent(values);
      const limits = row.log
        ? paddedLog(values, 0.1)
        : padded(
            values.filter((v) => v <= 1.6 * low || high <= 1.6 * low),
            0.12,
          );
      return numbers.map((number) =>
        runOverTime({ ...row, number: n === 0 && number }, number, runs, axis, limits, n < rows.length - 1),
      );
    }),
  );
}

function compareTimeSection() {
  const runs = data.plots.time,
    numbers = [...new Set(runs.map((r) => r.run))];
  if (!numbers.length) return null;
  const axis = { from: Math.min(...runs.map((r) => r.over.from)), to: Math.max(...runs.map((r) => r.over.to)) },
    groups = [];
  for (let i = 0; i < numbers.length; i += RUNS_AT_ONCE) groups.push(numbers.slice(i, i + RUNS_AT_ONCE));
  const panels = groups.map((group, i) => el('div', { hidden: i > 0 }, timeGroup(group, runs, axis)));
  const choose = (i) => {
    panels.forEach((p, n) => {
      p.hidden = n !== i;
    });
    buttons.forEach((b, n) => b.setAttribute('aria-pressed', String(n === i)));
  };
  const buttons =
    groups.length > 1
      ? groups.map((g, i) =>
          el(
            'button',
            { type: 'button', class: 'choice', 'aria-pressed': String(i === 0), on: { click: () => choose(i) } },
            g.length > 1 ? `runs ${g[0]} to ${g.at(-1)}` : `run ${g[0]}`,
          ),
        )
      : [];
  return section(
    'over-time',
    'Over run time',
    'Did anything drift, stall or queue? Seconds count from the first measured request; what is shaded is warm-up and counts nowhere.',
    buttons.length > 0 && el('p', { class: 'choices' }, buttons),
    panels,
  );
}

// run_time.js: the run from its first second to its last.
const secondsText = (v) => (v === 0 ? '0 s' : plain(v));
const timeAxis = (values, t, more) => ({
  values,
  min: t.from,
  max: t.to,
  text: secondsText,
  say: (v) => `at ${v.toFixed(1)}${GAP}s`,
  ...more,
});
const beforeStart = (t) => (t.from < -1e-9 ? [{ from: t.from - 1, to: 0, label: ['warm-up'] }] : []);
const measuredOnly = (bins, column) => {
  const kept = bins[column].filter((v, i) => bins.t[i] > 0);
  return kept.length ? kept : bins[column];
};

// Shaded is what lies outside of the steady window, and warm-up.
const steadyFrom = (t) => Math.max(0, t.steady[0]);
function unsteady(t) {
  if (!t.steady) return beforeStart(t);
  return [
    { from: t.from - 1, to: steadyFrom(t), label: ['ramp-up'], high: true },
    { from: t.steady[1], to: t.to + 1, label: ['ramp-down'], high: true },
  ];
}

// Dots for the first token of each request, where there are not too many of them.
function paintFirstTokens(rows, variant, unit) {
  return (u, ctx, k) => {
    if (hidden.has(variant)) return;
    ctx.globalAlpha = Math.max(0.18, Math.min(0.6, 120 / rows.length));
    for (const row of rows) {
      if (row.ttft == null) continue;
      ctx.fillStyle = ink(row.warmup ? 'muted' : inkName(variant));
      ctx.beginPath();
      ctx.arc(u.valToPos(row.start, 'x', true), u.valToPos(row.ttft * unit.scale, 'y', true), 1.8 * k, 0, 7);
      ctx.fill();
    }
    ctx.globalAlpha = 1;
  };
}

function timeChart(title, about, spec, lines, values) {
  const [min, max] = spec.log ? paddedLog(values, 0.08) : padded(values, 0.1);
  return figure(
    title,
    about,
    chart({
      label: `${title}, over run time`,
      sync: 'time',
      height: spec.height,
      lines,
      paint: spec.paint,
      shades: spec.shades,
      x: timeAxis(spec.t, spec.time, { bare: spec.bare }),
      y: { min: spec.floor ?? min, max, log: spec.log, say: spec.say },
    }),
  );
}

function runTimeSection(requests) {
  const t = data.plots.time,
    v = shown[0].key,
    figures = [],
    shades = unsteady(t);
  const scaled = (metric, bins, column) => bins[column].map((x) => x * unitOf(metric).scale),
    say = (metric) => (x) => `${grouped(x, unitOf(metric).digits)}${GAP}${unitOf(metric).name}`;
  const wanted = [t.tokens, t.itl, t.ttft].filter(Boolean).length,
    bare = () => figures.length < wanted - 1;
  if (t.tokens) {
    const at = t.tokens.y.map((_, i) => t.tokens.first + i * t.tokens.width);
    figures.push(
      timeChart(
        'Output tokens a second',
        `in ${plain(t.tokens.width)} s`,
        { height: 112, t: at, time: t, floor: 0, shades, bare: bare(), say: (x) => `${grouped(x)}${GAP}tokens/s` },
        [{ variant: v, y: t.tokens.y }],
        t.tokens.y,
      ),
    );
  }
  if (t.itl) {
    const line = (column, more) => ({ variant: v, name: column, y: scaled('itl', t.itl, column), ...more });
    figures.push(
      timeChart(
        titled('itl'),
        `p50 thick, p99 thin, largest dotted; each of ${plain(t.itl.width)} s${t.pauses?.length ? '; ticks at the top: the server paused' : ''}`,
        {
          height: 190,
          log: true,
          t: t.itl.t,
          time: t,
          shades,
          bare: bare(),
          say: say('itl'),
          paint: (u, ctx, k) => drawPauses(u, ctx, k, t.pauses, 'ink'),
        },
        [
          line('max', { width: 1, dash: [2, 3], faint: true }),
          line('p99', { width: 1.2 }),
          line('p50', { width: 2.2 }),
        ],
        ['p50', 'max'].flatMap((c) => measuredOnly(t.itl, c)).map((x) => x * unitOf('itl').scale),
      ),
    );
  }
  if (t.ttft) {
    const rows = requests.every === 1 ? requests.rows : [],
      dots = rows.length ? 'a dot for each request; ' : '';
    const all = rows.length ? rows.filter((r) => !r.warmup).map((r) => r.ttft) : t.ttft.max;
    figures.push(
      timeChart(
        titled('ttft'),
        `${dots}p50 of ${plain(t.ttft.width)} s as a line`,
        {
          height: 140,
          log: true,
          t: t.ttft.t,
          time: t,
          shades,
          bare: bare(),
          say: say('ttft'),
          paint: paintFirstTokens(rows, v, unitOf('ttft')),
        },
        [{ variant: v, name: 'p50', y: scaled('ttft', t.ttft, 'p50'), width: 2.2, dots: 4 }],
        all.map((x) => x * unitOf('ttft').scale),
      ),
    );
  }
  const lead = t.steady
    ? `Did anything drift, stall or queue? Unshaded is the steady state, ${steadyFrom(t).toFixed(2)} to ${t.steady[1].toFixed(2)} s, while every slot is busy. Seconds count from the first measured request.`
    : 'Did anything drift, stall or queue? There is no steady state: no more requests than slots. Seconds count from the first measured request.';
  return figures.length > 0 && section('over-time', 'Over run time', lead, figures);
}

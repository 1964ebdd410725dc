// positions.js: gaps by how far the answer has come.
function positionsSection() {
  const map = data.plots.positions,
    v = shown[0].key,
    unit = unitOf('itl');
  if (!map) return null;
  const wide = map.per_column,
    xs = map.p50.map((_, i) => map.first + i * wide + (wide - 1) / 2),
    edge = (row) => 10 ** (row / map.per_decade - 3) * unit.scale;
  let most = 1,
    top = 0;
  for (const cells of map.cells)
    for (let i = 0; i < cells.length; i += 2) {
      most = Math.max(most, cells[i + 1]);
      top = Math.max(top, cells[i]);
    }
  const alpha = (count) =>
    Math.round((0.14 + (0.86 * Math.log(count)) / Math.log(Math.max(2, most))) * 255)
      .toString(16)
      .padStart(2, '0');
  const scaled = (values) => values.map((x) => (x == null ? null : x * unit.scale));
  const low = Math.min(...scaled(map.p50).filter((x) => x > 0)),
    min = Number.isFinite(low) ? low / 1.35 : edge(0);
  const paint = (u, ctx) => {
    if (hidden.has(v)) return;
    const color = ink(inkName(v));
    map.cells.forEach((cells, i) => {
      const left = Math.floor(u.valToPos(xs[i] - wide / 2, 'x', true)),
        right = Math.ceil(u.valToPos(xs[i] + wide / 2, 'x', true));
      for (let j = 0; j < cells.length; j += 2) {
        const y = u.valToPos(edge(cells[j] + 1), 'y', true),
          bottom = u.valToPos(edge(cells[j]), 'y', true);
        ctx.fillStyle = color + alpha(cells[j + 1]);
        ctx.fillRect(left, y, right - left, bottom - y);
      }
    });
  };
  const hover = (u, i) => {
    const row = Math.floor((Math.log10(u.posToVal(u.cursor.top, 'y') / unit.scale) + 3) * map.per_decade),
      at = map.cells[i].findIndex((x, j) => j % 2 === 0 && x === row);
    const from = map.first + i * wide,
      value = (x) => `${grouped(x, unit.digits)}${GAP}${unit.name}`;
    return tipOf(wide > 1 ? `Output events ${from} to ${from + wide - 1}` : `Output event ${from}`, [
      tipRow(undefined, 'p50', value(map.p50[i] * unit.scale)),
      tipRow(undefined, 'p95', value(map.p95[i] * unit.scale)),
      tipRow(
        undefined,
        `${grouped(edge(row), unit.digits)} to ${value(edge(row + 1))}`,
        `${grouped(at < 0 ? 0 : map.cells[i][at + 1])} gaps`,
      ),
    ]);
  };
  const plot = chart({
    label: 'Gaps by position in the answer',
    height: 250,
    paint,
    hover,
    lines: [
      { ink: 'ink', name: 'p95', width: 1.2, y: scaled(map.p95) },
      { ink: 'ink', name: 'p50', width: 1.2, dash: [3, 3], y: scaled(map.p50) },
    ],
    x: { values: xs, min: xs[0] - wide / 2, max: xs.at(-1) + wide / 2, say: plain },
    y: { min, max: edge(top + 1) * 1.05, log: true, say: plain },
  });
  const ramp = el('i', {
    css: {
      width: '84px',
      background: `linear-gradient(90deg, color-mix(in srgb, ${inkVar(v)} 14%, transparent), ${inkVar(v)})`,
    },
  });
  return section(
    'positions',
    'Gaps by position',
    'Does a gap depend on how far the answer has come?',
    el(
      'ul',
      { class: 'legend' },
      el('li', {}, ramp, `1 to ${grouped(most)} gaps, logarithmic`),
      el('li', {}, el('i', { class: 'stroke' }), 'p95'),
      el('li', {}, el('i', { class: 'stroke dashed' }), 'p50'),
    ),
    figure(titled('itl'), 'over the number of the output event in its answer', plot),
  );
}

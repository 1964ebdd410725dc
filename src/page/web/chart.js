// chart.js: the one way to draw a plot.
// spec: label, height, sync, zoom, left, right
//   x: values, min, max, ticks(low, high), text(v), say(v), grid, bare
//   y: min, max, log, down, zero, ticks, text, say, grid
//   lines: [{variant or ink, name, y, band: [low, high], width, dash, dots, faint, silent, label}]
//   zones, shades (from, to, label, high), remarks, paint(u, ctx, k), hover(u, i, spec), keys(event), select(u)
const charts = [];
const X_ROOM = 24,
  Y_ROOM = 46;

function seriesOf(spec) {
  const columns = [spec.x.values],
    series = [{}],
    bands = [],
    owners = [null];
  const add = (line, values, options) => {
    columns.push(values);
    owners.push(line);
    series.push({ spanGaps: false, ...options });
  };
  for (const line of spec.lines) {
    const color = () => inkOf(line);
    if (line.band) {
      bands.push({ series: [series.length, series.length + 1], fill: () => `${color()}2e` });
      for (const edge of [line.band[1], line.band[0]])
        add(line, edge, { stroke: 'transparent', width: 0, points: { show: false } });
    }
    add(line, line.y, {
      stroke: color,
      width: line.width ?? 1.6,
      dash: line.dash,
      alpha: line.faint ? 0.55 : 1,
      ...(line.none && { paths: () => null }),
      points: { show: Boolean(line.dots), size: line.dots ?? 0, width: 0, stroke: color, fill: color },
    });
  }
  return { columns, series, bands, owners };
}

// Of names that would touch, the earlier one is kept.
const WIDTH_OF_LETTER = 6.8;
function apart(u, places, names) {
  let end = -Infinity;
  return names.map((name, i) => {
    const half = (name.length * WIDTH_OF_LETTER) / 2,
      at = u.valToPos(places[i], 'x');
    if (name === '' || at - half < end + 6) return '';
    end = at + half;
    return name;
  });
}

function axesOf(spec) {
  const style = (room, ticks, text) => ({
    stroke: () => ink('muted'),
    font: FONT,
    gap: 5,
    size: room,
    splits: (u, i, low, high) => ticks(low, high),
    filter: (u, values) => values,
    values: (u, values) => values.map(text),
  });
  const { x, y } = spec;
  const xTicks = x.ticks ?? ((low, high) => evenTicks(low, high, 6));
  const yTicks = y.ticks ?? ((low, high) => (y.log ? logTicks : evenTicks)(low, high, Math.max(2, spec.height / 36)));
  return [
    {
      ...style(x.bare ? 8 : X_ROOM, xTicks, plain),
      values: (u, places) =>
        x.bare
          ? places.map(() => '')
          : apart(
              u,
              places,
              places.map((v) => (x.text ?? plain)(v)),
            ),
      grid: { show: Boolean(x.grid), stroke: () => ink('line'), width: 1 },
      ticks: { stroke: () => ink('line2'), width: 1, size: 4 },
    },
    {
      ...style(spec.left ?? Y_ROOM, yTicks, y.text ?? plain),
      grid: { show: y.grid ?? true, stroke: () => ink('line'), width: 1 },
      ticks: { show: false },
    },
  ];
}

function optionsOf(spec, { series, bands, owners }, onCursor) {
  const xs = spec.x.values;
  const whole = (low, high) => low <= xs[0] && high >= xs.at(-1);
  return {
    width: 300,
    height: spec.height,
    padding: [8, spec.right ?? 10, 0, 0],
    legend: { show: false },
    focus: { alpha: 1 },
    series,
    bands,
    axes: axesOf(spec),
    scales: {
      x: { time: false, range: (u, low, high) => (whole(low, high) ? [spec.x.min, spec.x.max] : [low, high]) },
      y: { distr: spec.y.log ? 3 : 1, dir: spec.y.down ? -1 : 1, range: () => [spec.y.min, spec.y.max] },
    },
    cursor: {
      y: false,
      drag: { x: spec.zoom !== false, y: false, setScale: !spec.select },
      ...(spec.sync && { sync: { key: spec.sync, scales: ['x', null] } }),
      points: {
        show: spec.points !== false,
        size: 7,
        width: 1.5,
        stroke: () => ink('ground'),
        fill: (u, i) => (owners[i] ? inkOf(owners[i]) : ink('ink')),
      },
    },
    hooks: {
      drawClear: [(u) => drawGround(u, spec)],
      drawAxes: [(u) => drawOwn(u, spec)],
      draw: [(u) => drawNames(u, spec)],
      setCursor: [onCursor],
      ...(spec.select && { setSelect: [spec.select] }),
    },
  };
}

function chart(spec) {
  const host = el('div', {
    class: 'plot',
    tabindex: '0',
    role: 'group',
    'aria-label': `${spec.label}. ${spec.help ?? 'The arrow keys read values.'}`,
  });
  const lines = seriesOf(spec);
  let u = null;
  const options = optionsOf(
    spec,
    lines,
    listen(host, spec, () => u),
  );
  const self = {
    host,
    spec,
    get u() {
      return u;
    },
    fit() {
      const width = Math.floor(host.clientWidth);
      if (width < 40) return;
      u ??= new uPlot({ ...options, width }, lines.columns, host);
      if (u.width !== width) u.setSize({ width, height: spec.height });
    },
    redraw() {
      u?.redraw(false, true);
    },
    react() {
      u?.batch(() =>
        lines.owners.forEach((line, i) => {
          if (line?.variant) u.setSeries(i, { show: !hidden.has(line.variant) }, false);
        }),
      );
      self.redraw();
    },
  };
  new ResizeObserver(() => self.fit()).observe(host);
  whenSwitched.push(self.react);
  charts.push(self);
  host.chart = self;
  return host;
}

function recolor() {
  computed = null;
  for (const each of charts) each.redraw();
}
function onPaper(paper) {
  document.documentElement.toggleAttribute('data-paper', paper);
  recolor();
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', recolor);
addEventListener('beforeprint', () => onPaper(true));
addEventListener('afterprint', () => onPaper(false));

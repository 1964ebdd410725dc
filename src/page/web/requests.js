// requests.js: every request as a bar, from its start to its end.
const FEWEST_ROWS = 12;

// A row of the payload by name. Spans are milliseconds, `start` seconds.
function requestRows(rows) {
  return rows.map(([n, start, waited, ttft, length, tokens, failed, warmup, ...stalls]) => ({
    n,
    start,
    waited,
    ttft,
    length,
    tokens,
    failed,
    warmup: warmup === 1,
    end: start + length / 1e3,
    stalls: Array.from({ length: stalls.length / 2 }, (_, i) => ({ from: stalls[2 * i], length: stalls[2 * i + 1] })),
  }));
}

function cross(ctx, x, y, r) {
  ctx.beginPath();
  ctx.moveTo(x - r, y - r);
  ctx.lineTo(x + r, y + r);
  ctx.moveTo(x + r, y - r);
  ctx.lineTo(x - r, y + r);
  ctx.stroke();
}

// Bars `from` to `to`. Small ones are one tone; tall ones show waiting, decoding and stalls.
function paintBars(u, ctx, k, rows, from, to, variant) {
  const X = (t) => u.valToPos(t, 'x', true),
    tall = Math.abs(u.valToPos(1, 'y', true) - u.valToPos(0, 'y', true)),
    thick = Math.max(k, tall > 3 * k ? tall * 0.74 : tall);
  for (let i = from; i <= to; i++) {
    const row = rows[i],
      middle = u.valToPos(i, 'y', true),
      top = middle - thick / 2,
      first = row.ttft == null ? row.end : row.start + row.ttft / 1e3;
    const bar = (a, b, alpha, color) => {
      ctx.globalAlpha = alpha;
      ctx.fillStyle = color;
      ctx.fillRect(X(a), top, Math.max(k, X(b) - X(a)), thick);
    };
    const color = ink(row.warmup ? 'muted' : inkName(variant));
    if (row.waited > 0) bar(row.start - row.waited / 1e3, row.start, 0.35, ink('muted'));
    bar(row.start, first, 0.22, color);
    if (first < row.end) bar(first, row.end, row.warmup ? 0.5 : 0.6, color);
    if (tall > 4 * k) {
      ctx.globalAlpha = 1;
      ctx.strokeStyle = color;
      ctx.lineWidth = k;
      ctx.strokeRect(X(row.start) + k / 2, top + k / 2, Math.max(k, X(first) - X(row.start)), thick - k);
    }
    for (const stall of row.stalls)
      bar(row.start + stall.from / 1e3, row.start + (stall.from + stall.length) / 1e3, 1, ink('ink'));
    ctx.globalAlpha = 1;
    if (row.failed) {
      ctx.strokeStyle = ink('ink');
      ctx.lineWidth = 1.6 * k;
      cross(ctx, X(row.end), middle, Math.max(2 * k, Math.min(4 * k, thick / 2)));
    }
  }
  ctx.globalAlpha = 1;
}

function requestTip(row, number) {
  const time = (name, v) => v != null && tipRow(undefined, name, span(v));
  return tipOf(
    `${row.warmup ? 'Warm-up request' : 'Request'} ${number}${row.failed ? `: ${row.failed}` : ''}`,
    [
      tipRow(undefined, 'start', `${row.start.toFixed(3)}${GAP}s`),
      time('waited for its start', row.waited),
      time('TTFT', row.ttft),
      row.ttft != null && time('decoding', row.length - row.ttft),
      time('in all', row.length),
      tipRow(undefined, 'tokens', grouped(row.tokens)),
      row.stalls.length > 0 &&
        tipRow(
          undefined,
          'stalls',
          row.stalls
            .slice(0, 4)
            .map((s) => span(s.length))
            .join(', ') + (row.stalls.length > 4 ? ' \u2026' : ''),
        ),
    ].filter(Boolean),
  );
}

// The part of the run that the large plot shows; moved by the small one, and by keys.
function requestWindow(rows, t) {
  const lengths = rows.map((r) => r.length / 1e3).sort((a, b) => a - b),
    typical = lengths[lengths.length >> 1] || t.to - t.from;
  const view = {
    from: t.from,
    to: Math.min(t.to, Math.max(0, t.from) + 4.2 * typical),
    first: 0,
    last: 0,
    listeners: [],
  };
  view.move = (from, to) => {
    const width = Math.min(t.to - t.from, Math.max((t.to - t.from) / 500, to - from));
    view.from = Math.max(t.from, Math.min(t.to - width, from));
    view.to = view.from + width;
    view.first = Math.max(
      0,
      rows.findIndex((r) => r.end > view.from),
    );
    view.last = Math.max(
      view.first,
      rows.findLastIndex((r) => r.start < view.to),
    );
    for (const listener of view.listeners) listener();
  };
  view.keys = (event) => {
    const step = { ArrowLeft: -0.25, ArrowRight: 0.25 }[event.key],
      zoom = { '+': 0.5, '-': 2 }[event.key],
      width = view.to - view.from;
    if (step) view.move(view.from + step * width, view.to + step * width);
    if (zoom) view.move(view.from, view.from + zoom * width);
    return Boolean(step || zoom);
  };
  view.move(view.from, view.to);
  return view;
}

function windowChart(rows, t, variant, view) {
  const axis = { values: [t.from, t.to], grid: true, text: secondsText, say: secondsText };
  const y = {
    down: true,
    grid: false,
    text: (i) => (rows[i] ? String(rows[i].n) : ''),
    say: String,
    ticks: (low, high) => evenTicks(low, high, 6).filter((i) => Number.isInteger(i) && rows[i]),
  };
  const aim = () => {
    Object.assign(axis, { min: view.from, max: view.to });
    y.min = view.first - 0.6;
    y.max = Math.max(view.last, view.first + FEWEST_ROWS) + 0.6;
  };
  aim();
  const at = (u) => {
    const i = Math.round(u.posToVal(u.cursor.top, 'y')),
      row = rows[i],
      x = u.posToVal(u.cursor.left, 'x'),
      slack = (view.to - view.from) / 80;
    return row && x > row.start - slack && x < row.end + slack ? row : null;
  };
  const host = chart({
    label: 'Requests as bars',
    help: 'Left and right arrow keys move the window, plus and minus zoom.',
    height: Math.max(180, Math.min(420, 60 + 7 * rows.length)),
    zoom: false,
    points: false,
    x: axis,
    y,
    shades: beforeStart(t),
    lines: [{ variant, none: true, silent: true, y: [null, null] }],
    paint: (u, ctx, k) => {
      if (!hidden.has(variant)) paintBars(u, ctx, k, rows, view.first, view.last, variant);
    },
    hover: (u) => {
      const row = at(u);
      return row && requestTip(row, row.n);
    },
    keys: view.keys,
  });
  view.listeners.push(() => {
    aim();
    host.chart.u?.setData([
      [t.from, t.to],
      [null, null],
    ]);
  });
  return host;
}

function overviewChart(rows, t, variant, view) {
  const host = chart({
    label: 'All requests',
    help: 'Drag to choose what is shown below; left and right arrow keys move it, plus and minus zoom.',
    height: 92,
    points: false,
    x: { values: [t.from, t.to], min: t.from, max: t.to, text: secondsText, say: secondsText },
    y: { min: -1, max: Math.max(rows.length, FEWEST_ROWS), down: true, grid: false, ticks: () => [], say: String },
    lines: [{ variant, none: true, silent: true, y: [null, null] }],
    hover: () => null,
    keys: view.keys,
    paint: (u, ctx, k) => {
      if (!hidden.has(variant)) paintBars(u, ctx, k, rows, 0, rows.length - 1, variant);
      drawPauses(u, ctx, k, t.pauses, 'ink');
    },
    select: (u) => {
      if (u.select.width > 3)
        view.move(u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x'));
    },
  });
  const mark = () => {
    const { u } = host.chart;
    if (u)
      u.setSelect(
        {
          left: u.valToPos(view.from, 'x'),
          width: u.valToPos(view.to, 'x') - u.valToPos(view.from, 'x'),
          top: 0,
          height: u.over.clientHeight,
        },
        false,
      );
  };
  view.listeners.push(mark);
  new ResizeObserver(() => requestAnimationFrame(mark)).observe(host);
  return host;
}

function requestsSection(requests) {
  const { rows } = requests,
    t = data.plots.time,
    v = shown[0].key,
    threshold = shown[0].runs[0].summary.stalls?.threshold_s;
  if (!rows.length) return null;
  const view = requestWindow(rows, t),
    chip = (css, text) => el('li', {}, el('i', { css }), text),
    c = inkVar(v),
    tint = (share) => `color-mix(in srgb, ${c} ${share}%, transparent)`;
  const legend = el(
    'ul',
    { class: 'legend' },
    chip({ background: tint(22), border: `1px solid ${c}` }, 'until the first token'),
    chip({ background: tint(60) }, 'decoding'),
    threshold != null && chip({ background: 'var(--ink)' }, `stall: a gap above ${ofSeconds(threshold)}`),
    rows.some((r) => r.failed) && el('li', {}, '\u2715 failed'),
    rows.some((r) => r.warmup) && chip({ background: 'var(--muted)', opacity: '.5' }, 'warm-up'),
  );
  const all = data.plots.requests,
    partly =
      all.every_wave > 1 &&
      note(`Of ${grouped(all.all)} requests one wave of ${all.wave} in ${all.every_wave} is drawn.`);
  const fewer =
    all.stalls < all.stalls_all &&
    note(`Of ${grouped(all.stalls_all)} stalls the ${grouped(all.stalls)} longest are drawn.`);
  return section(
    'requests',
    'Requests',
    'When did each request start, wait, decode and stand still? One bar each, in order of start; a grey piece before it: its slot was free, and the request not sent yet.',
    legend,
    figure(
      'The whole run',
      `drag to choose a stretch${t.pauses?.length ? '; ticks at the top: the server paused' : ''}`,
      overviewChart(rows, t, v, view),
    ),
    figure('A stretch of it', 'number of the request over seconds', windowChart(rows, t, v, view)),
    partly,
    fewer,
  );
}

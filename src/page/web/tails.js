// tails.js: every cell of the comparison, with its interval as a bar.
const BAR_HEIGHT = 36;

// One scale for all bars, so wide that most intervals fit.
function barReach(cells) {
  const ends = cells
    .filter((c) => c.difference)
    .map(({ difference: d }) => Math.max(Math.abs(d.lower_percent ?? 1e9), Math.abs(d.upper_percent ?? 1e9)))
    .sort((x, y) => x - y);
  const wanted = Math.max(ends[Math.floor(ends.length * 0.7)] ?? 10, 2.5 * 100 * data.compare.margin);
  return [5, 10, 15, 20, 30, 50, 100].find((reach) => reach >= wanted) ?? 100;
}
function barScale(reach) {
  const at = (v) => `${((Math.max(-1, Math.min(1, v / reach)) + 1) * 50).toFixed(3)}%`,
    margin = 100 * data.compare.margin;
  const zone = () =>
      svg('rect', {
        class: 'zone',
        x: at(-margin),
        y: 0,
        width: `${Math.min(100, (100 * margin) / reach)}%`,
        height: BAR_HEIGHT,
      }),
    zero = () => svg('line', { class: 'zero', x1: '50%', x2: '50%', y1: 0, y2: BAR_HEIGHT });
  return { reach, at, ground: () => [zone(), zero()] };
}

// An interval that goes on beyond the scale ends in an arrow.
function intervalBar(cell, pair, scale) {
  const { reach, at, ground } = scale,
    d = cell.difference,
    middle = BAR_HEIGHT / 2;
  if (!d) return svg('svg', { width: '100%', height: BAR_HEIGHT, 'aria-hidden': 'true' }, ground());
  const of = winner(cell, pair),
    low = d.lower_percent ?? -100,
    high = d.upper_percent ?? 1e9;
  const arrow = (x, path) =>
    svg('svg', { x, y: middle, overflow: 'visible' }, svg('path', { class: 'arrow', d: path }));
  const inside = Math.abs(d.percent) <= reach;
  return svg(
    'svg',
    {
      class: of ? 'interval decided' : 'interval',
      width: '100%',
      height: BAR_HEIGHT,
      role: 'img',
      'aria-label': `${signed(d.percent)} %, between ${intervalText(d)}`,
      css: { '--c': of ? inkVar(of) : 'var(--muted)' },
    },
    ground(),
    svg('line', { class: 'reach', x1: at(low), x2: at(high), y1: middle, y2: middle }),
    low < -reach && arrow('0%', 'M6,-4 L1,0 L6,4'),
    high > reach && arrow('100%', 'M-6,-4 L-1,0 L-6,4'),
    inside && svg('circle', { cx: at(d.percent), cy: middle, r: 4 }),
  );
}
function barAxis({ a, b }, { reach, at }) {
  const ticks = evenTicks(-reach, reach, 4),
    name = clip(nameOf(b), 14);
  return svg(
    'svg',
    { width: '100%', height: 34, 'aria-hidden': 'true' },
    svg('text', { x: '48.5%', y: 10, 'text-anchor': 'end' }, `\u2190 ${name} lower`),
    svg('text', { x: '51.5%', y: 10 }, 'higher \u2192'),
    ticks.map((t) =>
      svg(
        'text',
        { x: at(t), y: 29, 'text-anchor': t === ticks[0] ? 'start' : t === ticks.at(-1) ? 'end' : 'middle' },
        t === 0 ? '0' : signed(t, 0) + (t === ticks.at(-1) ? ' %' : ''),
      ),
    ),
  );
}

function cellValue(cell, value) {
  if (value == null) return NONE;
  return cell.metric === 'decode_tps' ? grouped(value, 1) : inUnit(cell.metric, value * 1e3);
}
function cellRow(cell, pair, scale, first, rows) {
  const name =
      cell.metric === 'decode_tps'
        ? ['decode_tps', el('small', {}, 'tokens a second')]
        : [titled(cell.metric), el('small', {}, METRICS[cell.metric].what)],
    thin = !cell.difference && 'thin';
  const plainDifference = cell.a > 0 && cell.b > 0 ? signed(100 * (cell.b / cell.a - 1)) : NONE;
  return el(
    'tr',
    { class: `${cell.headline ? 'headline' : ''} ${cell.difference ? '' : 'unknown'}` },
    first && el('th', { scope: 'rowgroup', rowspan: rows }, name),
    el('td', { class: 'q' }, STATISTICS[cell.statistic]),
    ...[
      ['a', pair.a],
      ['b', pair.b],
    ].map(([side, key]) => el('td', { class: `value ${thin || ''}`, 'data-of': key }, cellValue(cell, cell[side]))),
    el('td', { class: `value ${thin || ''}` }, cell.difference ? signed(cell.difference.percent) : plainDifference),
    el('td', { class: 'bars' }, intervalBar(cell, pair, scale)),
    el('td', { class: 'range' }, cell.difference ? intervalText(cell.difference) : ''),
    el('td', { class: 'l word' }, verdictMark(cell, pair), el('small', {}, cell.advice || cell.rests_on)),
  );
}

function tailTable(i) {
  const pair = pairKeys(i),
    cells = data.compare.pairs[i].cells.filter((c) => c.a != null || c.b != null),
    scale = barScale(barReach(cells));
  const groups = [...new Set(cells.map((c) => c.metric))].map((metric) => {
    const mine = cells.filter((c) => c.metric === metric);
    return el(
      'tbody',
      {},
      mine.map((c, n) => cellRow(c, pair, scale, n === 0, mine.length)),
    );
  });
  const head = [
    el('th', { class: 'none' }),
    el('th', { class: 'none' }),
    columnHead(clip(nameOf(pair.a), 18), { class: 'value' }),
    columnHead(clip(nameOf(pair.b), 18), { class: 'value' }),
    columnHead('diff., %', { class: 'value' }),
    columnHead(barAxis(pair, scale), { class: 'bars', 'aria-label': 'difference in per cent with its interval' }),
    columnHead('95 % interval', { class: 'range' }),
    columnHead('verdict', { class: 'l none' }),
  ];
  return [
    data.pairs.length > 1 && el('h3', {}, `${nameOf(pair.b)} against ${nameOf(pair.a)}`),
    table({ class: 'data tails' }, head, groups),
  ];
}

const holdsTails = () =>
  data.compare.pairs.some((pair) =>
    pair.cells.some((c) => ['itl', 'ttft', 'tpot'].includes(c.metric) && c.a != null && c.b != null),
  );
const withoutTails = () => shown.filter((v) => v.runs.every((r) => r.replaced_script));
function tailSection() {
  const none = withoutTails().map((v) => v.name);
  if (!holdsTails())
    return section(
      'tails',
      'No tails',
      none.length
        ? `Of ${none.join(', ')} there are latencies and throughput alone: no token has a time, so there are no tails to compare. Run again with sseprof, and keep --records.`
        : 'These runs hold no times of tokens, so there are no tails to compare.',
    );
  return section(
    'tails',
    'Tails',
    `Is the slow end different, and by how much? In the grey zone (\u00b1${plain(100 * data.compare.margin)} %) a difference counts as none.`,
    data.pairs.map((_, i) => tailTable(i)),
    note(
      'In bold: the overall verdict rests on these, adjusted by Holm\u2019s method. The others are exploratory, adjusted by Benjamini\u2019s and Hochberg\u2019s. In grey: too few observations for an interval. An arrow: the interval goes on.',
    ),
    none.length > 0 && note(`${none.join(', ')}: no tails in the file.`),
  );
}

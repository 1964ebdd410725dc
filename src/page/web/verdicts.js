// verdicts.js: what differs, in the comparison's own words.
const SIGNS = {
  better: '\u25bc',
  worse: '\u25b2',
  same: '\u2248',
  undecided: '\u25cb',
  not_enough_data: '\u2013',
  not_comparable: '\u2013',
};
const STATISTICS = { ...QUANTILES, mean: 'mean', rate: '' };
const pairKeys = (i) => ({ a: data.pairs[i][0], b: data.pairs[i][1] });
const winner = (cell, { a, b }) => (cell.verdict === 'better' ? b : cell.verdict === 'worse' ? a : null);
const higherIsBetter = (cell) => cell.metric === 'decode_tps';
const cellName = (cell) =>
  cell.metric === 'decode_tps' ? 'decode_tps' : `${METRICS[cell.metric].name} ${STATISTICS[cell.statistic]}`;

// Better and worse take the colour of the variant that wins, a sign and a word; the rest is grey.
function verdictMark(cell, pair) {
  const of = winner(cell, pair),
    sign = higherIsBetter(cell) && of ? { better: '\u25b2', worse: '\u25bc' }[cell.verdict] : SIGNS[cell.verdict];
  return el(
    'span',
    { class: of ? 'verdict' : 'verdict open', css: of && { '--c': inkVar(of) } },
    el('i', { 'aria-hidden': 'true' }, sign),
    data.words[cell.verdict],
  );
}
const endText = (percentage, unbounded) =>
  percentage == null || percentage <= -100 ? unbounded : signed(percentage, Math.abs(percentage) >= 99.5 ? 0 : 1);
const intervalText = (d) =>
  `[${endText(d.lower_percent, `${MINUS}\u221e`)}, ${endText(d.upper_percent, '+\u221e')}]${GAP}%`;
function differenceText(percentage) {
  const size = Math.abs(percentage);
  return size < 0.05 ? 'no difference' : `${grouped(size, 1)}${GAP}% ${percentage < 0 ? 'lower' : 'higher'}`;
}

// The cells that the overall verdict rests on, one line each.
function claimList(i) {
  const pair = pairKeys(i),
    cells = data.compare.pairs[i].cells.filter((c) => c.headline);
  const line = (cell) =>
    el(
      'li',
      {},
      verdictMark(cell, pair),
      el('span', {}, cellName(cell), cell.difference && [' ', el('b', {}, differenceText(cell.difference.percent))]),
      el('span', { class: 'interval' }, cell.difference ? intervalText(cell.difference) : ''),
      cell.advice && el('span', { class: 'more' }, cell.advice),
    );
  return [
    el('h2', {}, `${nameOf(pair.b)} against ${nameOf(pair.a)}, with 95 % intervals`),
    el('ul', { class: 'claims' }, cells.map(line)),
    el('p', { class: 'note' }, data.compare.pairs[i].limits),
  ];
}

// A sentence in two parts: what matters, then the list behind it.
function sentenceParts(sentence) {
  const at = sentence.search(/[:;]/);
  return at < 0 ? [sentence, null] : [sentence.slice(0, at), sentence.slice(at + 1).trim()];
}
function compareHead() {
  const sentences = data.compare.pairs.map((pair) => sentenceParts(pair.sentence)),
    [first, ...others] = sentences;
  const runs = shown[0].runs,
    version = runs[0].summary.run?.sseprof_version,
    started = shown
      .flatMap((v) => v.runs)
      .map((r) => r.summary.run?.started_at)
      .filter(Boolean)
      .sort();
  const tail = (text) => text && el('span', { class: 'tail' }, text);
  return [
    el(
      'div',
      { class: 'eyebrow' },
      el('b', {}, data.title),
      version && el('span', {}, `sseprof ${version}`),
      started.length > 0 && el('span', {}, minuteOf(started[0]), ' UTC'),
    ),
    el(
      'h1',
      {},
      first[0],
      tail(first[1]),
      others.map(([text, more]) => [el('span', { class: 'pair' }, text), tail(more)]),
    ),
    el('p', { class: 'workload' }, data.workload),
    el(
      'div',
      { class: 'opening' },
      el(
        'div',
        {},
        data.pairs.map((_, i) => claimList(i)),
      ),
      el('div', {}, warnings(data.compare.reasons, 'Before you trust it')),
    ),
  ];
}

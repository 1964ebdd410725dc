// layout.js: what both pages are built of.
function section(id, title, lead, ...children) {
  return el(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    el('h2', { id: `${id}-title` }, el('a', { href: `#${id}` }, title)),
    lead && el('p', { class: 'lead' }, lead),
    children,
  );
}
const figure = (title, note, ...children) =>
  el('figure', {}, el('figcaption', {}, el('b', {}, title), note && el('span', {}, note)), children);
const note = (...children) => el('p', { class: 'note' }, children);

// A list of names and values in two columns.
const facts = (rows) =>
  table(
    { class: 'data facts' },
    null,
    rows.map(([name, ...values]) =>
      el(
        'tr',
        {},
        rowHead(name),
        values.map((v) => el('td', {}, v)),
      ),
    ),
  );

// Where the reader finds what a warning speaks of.
const PLACES = {
  few_samples: 'quantiles',
  usage_mismatch: 'usage',
  usage_missing: 'usage',
  coalesced: 'client',
  client_limited: 'client',
  clock_fallback: 'client',
  drift: 'over-time',
  slow_start: 'over-time',
  warmup_overlap: 'over-time',
  single_run: 'quantiles',
  errors: 'failures',
  client: 'client',
  server_counters: 'server',
};
function warnings(list, title) {
  const what = data.kind === 'run' ? 'this run' : 'this comparison',
    failed = shown.some((v) => v.runs.some((r) => r.summary.errors > 0));
  if (!list.length) return !failed && el('p', { class: 'muted' }, `Nothing was found that speaks against ${what}.`);
  return el(
    'aside',
    { class: 'warnings', 'aria-label': title },
    el('h2', {}, title),
    list.map((w) => {
      const anchor = PLACES[w.code] ?? 'setup',
        where = w.where || w.code.replaceAll('_', ' ');
      return el(
        'p',
        {},
        el('a', { href: `#${anchor}` }, where),
        ': ',
        w.message,
        /[.!?]$/.test(w.message) ? '' : '.',
        el('span', { class: 'advice' }, w.advice),
      );
    }),
  );
}

const minuteOf = (instant) => instant.slice(0, 16).replace('T', ' ');

function head({ claims, reasons, reasonsTitle }) {
  const runs = shown.flatMap((v) => v.runs),
    summary = runs[0].summary;
  return [
    el(
      'div',
      { class: 'eyebrow' },
      el('b', {}, data.title),
      summary.run?.sseprof_version && el('span', {}, `sseprof ${summary.run.sseprof_version}`),
      summary.run?.started_at && el('span', {}, minuteOf(summary.run.started_at), ' UTC'),
    ),
    el('h1', {}, data.headline),
    el('p', { class: 'workload' }, data.workload),
    el('div', { class: 'opening' }, el('div', {}, claims), el('div', {}, warnings(reasons, reasonsTitle))),
  ];
}

const SHORT_NAMES = {
  spectrum: 'Spectrum',
  'over-time': 'Over time',
  positions: 'By position',
  usage: 'Usage',
  client: 'Client error',
  server: 'Server',
  runs: 'Runs',
};
function toolbar(sections) {
  return el(
    'div',
    { class: 'bar' },
    el(
      'div',
      { class: 'keys', role: 'group', 'aria-label': 'Variants' },
      shown.map((v) => nameTag(v.key)),
    ),
    el(
      'nav',
      { 'aria-label': 'Sections' },
      sections.map((s) => el('a', { href: `#${s.id}` }, SHORT_NAMES[s.id] ?? s.querySelector('h2').textContent)),
    ),
  );
}

function show(...parts) {
  const sections = parts.flat(Infinity).filter((p) => p?.tagName === 'SECTION');
  const all = parts
    .flat(Infinity)
    .map((p) => (p === toolbar ? toolbar(sections) : p))
    .filter(Boolean);
  document
    .getElementById('page')
    .append(
      ...all,
      el('footer', {}, 'One file that asks no server for anything. Plots by uPlot 1.6.32 (MIT license, inside).'),
      tip,
      spoken,
    );
  for (const each of charts) each.fit();
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  document.body.dataset.ready = '';
}

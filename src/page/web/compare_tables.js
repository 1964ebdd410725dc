// compare_tables.js: throughput, what each run did, and what was set.
function throughputSection() {
  const columns = [
    ['qps', 'QPS', 4],
    ['prompt_tps', 'prompt_tps', 1],
    ['decode_tps', 'decode_tps', 1],
    ['latency_p50', 'p50 latency (s)', 4],
    ['latency_p95', 'p95 latency (s)', 4],
    ['latency_p99', 'p99 latency (s)', 4],
  ];
  const repeated = shown.some((v) => v.runs.length > 1),
    models = (v) => [...new Set(v.runs.map((r) => r.summary.model))].join(', ');
  const cell = (spread, digits, name, runs) =>
    el(
      'td',
      { 'data-name': name },
      spread ? grouped(spread[0], digits) : NONE,
      spread && runs > 1 && el('small', {}, `${grouped(spread[1], digits)} \u2026 ${grouped(spread[2], digits)}`),
    );
  const row = (v) =>
    el(
      'tr',
      { 'data-of': v.key },
      el('td', { class: 'l full' }, nameTag(v.key)),
      el('td', { class: 'l wrap full' }, models(v)),
      el('td', { 'data-name': 'runs' }, v.runs.length),
      columns.map(([key, name, digits]) => cell(v.table[key], digits, name, v.runs.length)),
      el('td', { 'data-name': 'failed' }, `${grouped(v.table.failed)} of ${grouped(v.table.ok + v.table.failed)}`),
    );
  const missing = (m) =>
    el(
      'tr',
      { class: 'muted' },
      el('td', { class: 'l full' }, m.name),
      el('td', { class: 'l wrap full', colspan: columns.length + 3 }, `N/A: ${m.reason || 'there is no run of it'}`),
    );
  const head = [
    columnHead('variant', { class: 'l' }),
    columnHead('model', { class: 'l' }),
    columnHead('runs'),
    columns.map(([, name]) => columnHead(name)),
    columnHead('failed'),
  ];
  return section(
    'summary',
    'Summary',
    repeated ? 'Medians of the runs; below each the least and the largest.' : null,
    wide(table({ class: 'data cards' }, head, [...shown.map(row), ...data.compare.missing.map(missing)])),
  );
}

function runsSection() {
  const columns = [
    ['decode_tps', (s) => grouped(s.derived?.decode_tps, 1)],
    ['failed', (s) => grouped(s.errors)],
    ['stalls', (s) => grouped(s.stalls?.count)],
    ['shared', (s) => grouped(s.stalls?.shared)],
    ['longest', (s) => ofSeconds(s.stalls?.longest_s)],
    ['usage exact', (s) => (s.usage_check ? `${grouped(s.usage_check.exact)} of ${grouped(s.ok)}` : NONE)],
    ['counted / usage', (s) => grouped(s.usage_check?.ratio, 4)],
    ['read late p99', (s) => ofSeconds(s.client?.client_delay_s?.p99)],
    [
      'coalesced',
      (s) => {
        const c = s.client;
        return c ? percent((100 * c.coalesced) / Math.max(1, c.exact + c.bundled + c.coalesced), 2) : NONE;
      },
    ],
    ['loop busy', (s) => percent(s.client && 100 * s.client.loop_busy)],
    ['client', (s) => s.client?.verdict.replace('_', ' ') ?? NONE],
  ];
  const row = (v, run, i) =>
    el(
      'tr',
      { 'data-of': v.key },
      rowHead([dot(v.key), ` ${v.name}${v.runs.length > 1 ? ` run ${i + 1}` : ''}`, el('small', {}, run.path)], {
        class: 'l full wrap',
      }),
      columns.map(([name, text]) => el('td', { 'data-name': name }, text(run.summary))),
    );
  return section(
    'runs',
    'Run by run',
    'Stalls, the usage check and the client, of each run by itself.',
    wide(
      table(
        { class: 'data cards runs' },
        [columnHead('run', { class: 'l' }), columns.map(([name]) => columnHead(name))],
        shown.flatMap((v) => v.runs.map((run, i) => row(v, run, i))),
      ),
    ),
  );
}

function compareSetupSection() {
  const settings = shown.map((v) => new Map(v.runs[0].setting)),
    names = [...new Set(settings.flatMap((s) => [...s.keys()]))],
    differs = (n) => new Set(settings.map((s) => s.get(n))).size > 1;
  const rows = names.filter(differs).map((n) => [n, ...settings.map((s) => s.get(n) ?? NONE)]),
    same = names.filter((n) => !differs(n)).map((n) => [n, settings[0].get(n)]);
  const head = [el('th', {}), shown.map((v) => el('th', { class: 'l', scope: 'col' }, nameTag(v.key)))];
  return section(
    'setup',
    'Setup',
    'What differs between the first runs of the variants, and what is the same.',
    rows.length > 0 &&
      wide(
        table(
          { class: 'data facts' },
          head,
          rows.map(([n, ...values]) =>
            el(
              'tr',
              {},
              rowHead(n),
              values.map((x) => el('td', {}, x)),
            ),
          ),
        ),
      ),
    el('details', {}, el('summary', {}, `The same in all: ${same.length} settings`), facts(same)),
    shown.map((v) =>
      el(
        'details',
        {},
        el('summary', {}, `${v.name}, the first run: options, command, summary`),
        configuration(v.runs[0]),
      ),
    ),
  );
}

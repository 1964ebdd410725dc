// run_facts.js: the usage check, the client, failures, the setting.
const USAGE = [
  ['exact', 'the events and the usage agree'],
  ['hidden_tokens', 'the usage counts tokens that came without text'],
  ['multi_token_events', 'the usage counts more: events held several tokens, or some were left out'],
  ['over', 'more tokens came than the usage counts'],
  ['missing', 'the server sent no usage'],
];

function usageSection(s) {
  const check = s.usage_check;
  if (!check) return null;
  const all = USAGE.reduce((sum, [kind]) => sum + check[kind], 0);
  const row = ([kind, meaning]) =>
    el(
      'tr',
      { class: !check[kind] && 'muted' },
      rowHead(kind.replaceAll('_', ' '), { class: 'l' }),
      el('td', {}, grouped(check[kind])),
      el('td', { class: 'share' }, check[kind] > 0 && el('div', { css: { width: `${(100 * check[kind]) / all}%` } })),
      el('td', { class: 'l wrap' }, meaning),
    );
  const totals = [
    ['tokens by usage', grouped(check.tokens_usage)],
    ['tokens counted in events', grouped(check.tokens_counted)],
    ['largest difference in a request', grouped(check.max_difference)],
    ['decode_tps by usage', grouped(s.derived.decode_tps, 1)],
    ['decode_tps by count', grouped(check.decode_tps_counted, 1)],
  ];
  return section(
    'usage',
    'Usage check',
    `${check.explanation[0].toUpperCase()}${check.explanation.slice(1)}${/[.!?]$/.test(check.explanation) ? '' : '.'}`,
    el(
      'div',
      { class: 'two' },
      table(
        { class: 'data' },
        [columnHead('', { class: 'l' }), columnHead('requests'), columnHead(''), columnHead('')],
        USAGE.map(row),
      ),
      facts(totals),
    ),
  );
}

function clientSection(s) {
  const c = s.client;
  if (!c && !data.plots) return null;
  if (!c)
    return section(
      'client',
      'The client\u2019s own error',
      'The record file has no end mark: what the client measured of itself is lost.',
    );
  const spread = (d) =>
      d?.p50 == null ? NONE : `${ofSeconds(d.p50)} p50, ${ofSeconds(d.p99)} p99, ${ofSeconds(d.max)} max`,
    all = c.exact + c.bundled + c.coalesced,
    share = (n) => `${grouped(n)} (${percent((100 * n) / Math.max(1, all), 2)})`;
  const rows = [
    ['verdict', c.verdict.replace('_', ' ') + (c.reason ? `: ${c.reason}` : '')],
    ['time stamps', `${c.timestamps}, over ${c.path === 'nic' ? 'a network card' : c.path}`],
    ['read after arrival', spread(c.client_delay_s)],
    ['sent after start', spread(c.send_delay_s)],
    ['started after its slot was free', spread(s.start_lag_s)],
    ['events with an exact time', share(c.exact)],
    ['bundled: several in at most 100 \u00b5s', share(c.bundled)],
    ['coalesced: in a wider interval', share(c.coalesced)],
    ['widest interval', ofSeconds(c.widest_s)],
    ['event loops', `${c.threads}, busy ${percent(100 * c.loop_busy)}`],
    ['CPU time', ofSeconds(c.cpu_s)],
    ['memory', `${grouped(c.max_rss_bytes / 1048576, 1)}${GAP}MiB`],
  ];
  return section(
    'client',
    'The client\u2019s own error',
    c.timestamps === 'kernel'
      ? 'How wrong can these numbers be by this program\u2019s own fault? Arrival times are the kernel\u2019s, so late reading moves no gap; what it cannot tell apart is coalesced.'
      : 'How wrong can these numbers be by this program\u2019s own fault? Arrival times are those of its own reads, so each is late by as much as the reads are.',
    facts(rows),
  );
}

function failuresSection(s) {
  const { all, rows } = data.plots?.failed ?? { all: s.errors, rows: [] },
    reasons = Object.entries(s.failures ?? {}).map(([reason, n]) => `${reason} ${grouped(n)}`);
  if (!all) return section('failures', 'Failures', 'No request failed.');
  const head = [
    columnHead('request', { class: 'l' }),
    columnHead('reason', { class: 'l' }),
    columnHead('HTTP'),
    columnHead('started, s'),
    columnHead('failed after'),
    columnHead('tokens'),
    columnHead('message', { class: 'l' }),
  ];
  const row = (f) =>
    el(
      'tr',
      {},
      el('td', { class: 'l mono full' }, f.request_id || String(f.n), f.server_id && el('small', {}, f.server_id)),
      el('td', { class: 'l', 'data-name': 'reason' }, f.reason),
      el('td', { 'data-name': 'HTTP' }, f.http ?? NONE),
      el('td', { 'data-name': 'started, s' }, grouped(f.at, 2)),
      el('td', { 'data-name': 'failed after' }, span(f.after)),
      el('td', { 'data-name': 'tokens' }, grouped(f.tokens)),
      el('td', { class: 'l wrap full' }, f.message),
    );
  return section(
    'failures',
    'Failures',
    `${grouped(all)} of ${grouped(s.ok + s.errors)} requests failed${reasons.length ? ` (${reasons.join(', ')})` : ''}; no distribution holds them.${rows.length && all > rows.length ? ` The first ${rows.length}:` : ''}`,
    rows.length > 0 && wide(table({ class: 'data cards' }, head, rows.map(row))),
  );
}

// The setting, the options and the command of one run.
function configuration(run) {
  return [
    run.options?.length > 0 &&
      el('details', {}, el('summary', {}, `All ${run.options.length} options`), facts(run.options)),
    run.command?.length > 0 &&
      el('details', {}, el('summary', {}, 'The command'), el('pre', {}, run.command.join(' '))),
    el('details', {}, el('summary', {}, 'The summary as JSON'), el('pre', {}, JSON.stringify(run.summary, null, 2))),
  ];
}
const settingSection = (run) => section('setup', 'Setting', null, facts(run.setting), configuration(run));

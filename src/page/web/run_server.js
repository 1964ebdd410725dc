// run_server.js: what the server says of itself, beside the client's figures.
const SERVER_TIMES = [
  ['TTFT', 'ttft_s', 'ttft_mean_s', 'ttft_s'],
  ['ITL', 'itl_s', 'itl_mean_s', 'itl_s'],
  ['latency', 'e2e_s', 'e2e_mean_s', 'latency_s'],
  ['queue', 'queue_s'],
];

// A quantile that was interpolated in a bucket, and that bucket's edges.
function estimate(d, key) {
  if (d[key] == null) return NONE;
  const low = d[`${key}_low`],
    high = d[`${key}_high`];
  if (high == null) return `above ${ofSeconds(low)}`;
  return [ofSeconds(d[key]), el('small', {}, `${low ? ofSeconds(low) : '0'} to ${ofSeconds(high)}`)];
}

function serverTimes(server, s) {
  const keys = ['p50', 'p90', 'p95', 'p99'];
  const row = ([name, key, between, ours]) => {
    const d = server[key];
    if (!d?.count) return null;
    return el(
      'tr',
      {},
      rowHead(name, { class: 'full' }),
      keys.map((k) => el('td', { 'data-name': k }, estimate(d, k))),
      el('td', { 'data-name': 'mean' }, ofSeconds(d.mean)),
      el('td', { 'data-name': 'mean here' }, ofSeconds(ours && s[ours]?.mean)),
      el('td', { 'data-name': 'between' }, between ? signedSpan(server.between[between]) : NONE),
      el('td', { class: 'muted', 'data-name': 'values' }, grouped(d.count)),
    );
  };
  const rows = SERVER_TIMES.map(row).filter(Boolean),
    names = [...keys, 'mean', 'mean here', 'between', 'values'];
  if (!rows.length) return null;
  return [
    wide(table({ class: 'data cards' }, [columnHead('', { class: 'l' }), names.map((n) => columnHead(n))], rows)),
    note(
      'The server\u2019s quantiles are interpolated in its histograms\u2019 buckets, whose edges stand below: the truth may be anywhere between them. Its means are exact. \u201cBetween\u201d is the mean here, warm-up too, less the server\u2019s.',
    ),
  ];
}

const signedSpan = (seconds) =>
  seconds == null ? NONE : `${seconds < 0 ? MINUS : '+'}${ofSeconds(Math.abs(seconds))}`;

function serverFacts(server) {
  const count = (key) =>
      server[key] == null ? null : `${grouped(server[key])}; counted here: ${server.client[key] == null ? NONE : grouped(server.client[key])}`,
    gauge = (g, text) => g && `${text(g.mean)} mean, ${text(g.max)} at most`,
    cache = server.prefix_cache,
    each = server.per_request,
    spread = (d) => d?.p50 != null && `${ofSeconds(d.p50)} p50, ${ofSeconds(d.p99)} p99, ${ofSeconds(d.mean)} mean`;
  return [
    ['requests', count('requests')],
    ['prompt tokens', count('prompt_tokens')],
    ['generated tokens', count('generation_tokens')],
    ['running', gauge(server.running, (n) => grouped(n, 1))],
    ['waiting', gauge(server.waiting, (n) => grouped(n, 1))],
    ['KV cache in use', gauge(server.kv_usage, (n) => percent(100 * n))],
    ['preemptions', server.preemptions != null && grouped(server.preemptions)],
    ['prefix cache', cache && `${grouped(cache.hits)} of ${grouped(cache.queries)} prompt tokens found`],
    ['told with answers: queue', spread(each?.queue_s)],
    ['told with answers: prefill', spread(each?.first_token_s)],
    ['told with answers: decode', spread(each?.decode_s)],
    [`rest of TTFT, ${each?.queue_s.count ? 'between both sides' : 'its queue included'}`, spread(each?.between_s)],
  ].filter(([, text]) => text);
}

function serverSection(s) {
  const server = s.server;
  if (!server) return null;
  const agreement = {
    true: 'It counted the requests and tokens that were counted here.',
    false: 'It counted other requests or tokens than were counted here.',
  }[server.agrees];
  return section('server', 'The server\u2019s own view', agreement, facts(serverFacts(server)), serverTimes(server, s));
}

// main.js: which page it is.
function withoutRecords(s) {
  return section(
    'no-records',
    'No tails',
    s.itl_s?.p50 == null
      ? 'This file holds no tails: no token of it has a time, so there are latencies and throughput, and nothing to draw. Runs with --records hold them.'
      : 'This file is a summary: it holds no tails beyond the quantiles above, and nothing to draw. The record file of the run (--records) holds them.',
  );
}

function runPage() {
  const run = shown[0].runs[0],
    s = run.summary,
    parts = [summarySection(s), quantileSection(s)];
  if (data.plots) {
    const all = data.plots.requests,
      requests = { rows: requestRows(all.rows), every: all.every_wave };
    parts.push(
      runSpectrumSection(),
      cumulativeSection(),
      runTimeSection(requests),
      requestsSection(requests),
      positionsSection(),
    );
  } else {
    parts.push(withoutRecords(s));
  }
  show(
    head({ claims: findings(), reasons: s.warnings ?? [], reasonsTitle: 'Before you trust it' }),
    toolbar,
    parts,
    usageSection(s),
    clientSection(s),
    serverSection(s),
    failuresSection(s),
    settingSection(run),
  );
}

function comparePage() {
  const curves = data.plots ? [compareSpectrumSection(), cumulativeSection(), compareTimeSection()] : [];
  const measured = shown.some((v) => v.runs.some((r) => !r.replaced_script));
  show(
    compareHead(),
    toolbar,
    throughputSection(),
    tailSection(),
    curves,
    measured && [clientErrorSection(), runsSection()],
    compareSetupSection(),
  );
}

({ run: runPage, compare: comparePage })[data.kind]();

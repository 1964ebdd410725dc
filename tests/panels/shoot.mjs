// Draws dashboards from a Prometheus in headless Chromium, checks what was drawn and takes pictures.
//   node shoot.mjs --prometheus URL --dashboards DIR --modules DIR --out DIR --from UNIX --to UNIX
//     [--only NAME.json]..  [--theme light|dark].. [--width PX] [--var NAME=VALUE].. [--may-be-empty TITLE]..
//     [--section ROW-TITLE].. [--scrape SECONDS] [--chromium FILE]
// Prints a line for each panel that is not as it should be. Exit status: 0 all panels are drawn,
// 1 some failed or had no data, 2 it could not work at all.
import { createRequire } from 'node:module';
import { mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { serve } from './server.mjs';

const text = (more) => ({ type: 'string', ...more }), list = (otherwise) => ({ type: 'string', multiple: true, default: otherwise });
const { values: asked } = parseArgs({ options: {
  prometheus: text(), dashboards: text(), modules: text(), out: text(), from: text(), to: text(), width: text({ default: '1400' }), scrape: text({ default: '1' }),
  chromium: text({ default: '/usr/bin/chromium' }), only: list([]), section: list([]), theme: list(['dark']), var: list([]), 'may-be-empty': list([]),
} });
const missing = ['prometheus', 'dashboards', 'modules', 'out', 'from', 'to'].filter((name) => !asked[name]);
if (missing.length) { console.error(`shoot: give --${missing.join(', --')}`); process.exit(2); }

function address(base, name) {
  const query = new URLSearchParams({ dashboard: name, from: asked.from, to: asked.to, scrape: asked.scrape });
  for (const title of asked.section) query.append('section', title);
  for (const pair of asked.var) query.set(`var-${pair.slice(0, pair.indexOf('='))}`, pair.slice(pair.indexOf('=') + 1));
  return `${base}/?${query}`;
}

const panelsOf = (page) => page.$$eval('section.panel', (boxes) => boxes.map((box) => ({
  title: box.dataset.title, kind: box.dataset.kind, state: box.dataset.state, why: box.dataset.why, cut: 'cut' in box.dataset, pixels: box.dataset.pixels,
  seen: box.querySelector('.body').innerText.trim().length > 0 && box.clientHeight > 20,
})));

const CHARTS = ['timeseries', 'heatmap', 'xychart'], LEAST_PIXELS = 40;
function fault(panel) {
  if (panel.state === 'empty') return asked['may-be-empty'].includes(panel.title) ? null : panel.why;
  if (panel.state !== 'drawn') return panel.why ?? 'was not drawn';
  if (CHARTS.includes(panel.kind)) return Number(panel.pixels) >= LEAST_PIXELS ? null : `only ${panel.pixels ?? 0} pixels of data`;
  return panel.seen ? null : 'shows nothing';
}

async function one(browser, base, name, theme) {
  const page = await browser.newPage({ viewport: { width: Number(asked.width), height: 900 }, colorScheme: theme, timezoneId: 'UTC' });
  const complaints = [];
  page.on('console', (message) => { if (['error', 'warning'].includes(message.type())) complaints.push(`console: ${message.text()}`); });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  await page.goto(address(base, name));
  await page.waitForSelector('body[data-ready]', { timeout: 120000, state: 'attached' });
  complaints.push(...await page.$$eval('[data-broken]', (broken) => broken.map((b) => b.textContent)));
  const panels = await panelsOf(page), file = join(asked.out, `${name.replace(/\.json$/, '')}-${theme}.png`);
  await page.screenshot({ path: file, fullPage: true });
  await page.close();
  const faults = panels.map((p) => [p.title, fault(p)]).filter(([, why]) => why);
  const empty = panels.filter((p) => p.state === 'empty').length, cut = panels.filter((p) => p.cut).map((p) => p.title);
  console.log(`${file}: ${panels.length} panels, ${panels.filter((p) => p.state === 'drawn').length} drawn, ${empty} without data${cut.length ? `; content cut off in: ${cut.join(', ')}` : ''}`);
  if (!panels.length) complaints.push('has no panels');
  for (const [title, why] of faults) complaints.push(`panel '${title}': ${why.replace(/\s+/g, ' ')}`);
  for (const complaint of complaints) console.log(`  ${complaint}`);
  return complaints.length;
}

async function main() {
  const { chromium } = createRequire(join(resolve(asked.modules), 'none.js'))('playwright-core');
  mkdirSync(asked.out, { recursive: true });
  const names = asked.only.length ? asked.only : readdirSync(asked.dashboards).filter((n) => n.endsWith('.json')).sort();
  const server = await serve({ prometheus: asked.prometheus, dashboards: resolve(asked.dashboards), modules: resolve(asked.modules) });
  const browser = await chromium.launch({ executablePath: asked.chromium, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  let complaints = 0;
  try {
    for (const name of names) for (const theme of asked.theme) complaints += await one(browser, server.url, name, theme);
  } finally {
    await browser.close();
    server.close();
  }
  return complaints ? 1 : 0;
}
main().then((status) => process.exit(status), (error) => { console.error(`shoot: ${error.message}`); process.exit(2); });

// Checks pages in headless Chromium and takes pictures of them.
//   node check.mjs --pages DIR --modules DIR --out DIR [--picture FILE] [--chromium FILE]
// DIR holds what page.py made: NAME.html. Exit status: 0 all is well, 1 something is not, 2 it could not work.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { launch, open } from './browser.mjs';
import * as checks from './checks.mjs';

const { values: asked } = parseArgs({
  options: {
    pages: { type: 'string' },
    modules: { type: 'string' },
    out: { type: 'string' },
    picture: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const HOSTILE = '</script><img src=x onerror=alert(1)>',
  SIZE_LIMIT = 600_000,
  OPEN_LIMIT = 2000;
const inBoth = [
  ['hover shows values', checks.hoverShowsValues],
  ['keys speak', checks.keysSpeak],
  ['dragging zooms', checks.dragZooms],
  ['nothing overlaps', checks.nothingOverlaps],
  ['follows the scheme', checks.followsTheScheme],
  ['light on paper', checks.isLightOnPaper],
];
const sayOf = (words) => [
  'says so',
  async (page) => ((await page.innerText('main')).includes(words) ? [] : [`does not say '${words}'`]),
];
const noPlots = ['no plots', async (page) => ((await page.$('.plot')) ? ['there is a plot'] : [])];

const PAGES = {
  run: {
    plots: 11,
    checks: [
      ...inBoth,
      ['the window moves', checks.windowMoves],
      sayOf('It counted the requests and tokens that were counted here.'),
    ],
    pictures: true,
  },
  compare: { plots: 18, checks: [...inBoth, ['a click toggles', checks.clicksToggle]], pictures: true },
  failures: {
    plots: 11,
    checks: [
      ['hover shows values', checks.hoverShowsValues],
      ['nothing overlaps', checks.nothingOverlaps],
    ],
    pictures: true,
  },
  hostile: { plots: 11, checks: [['hostile texts are text', (page) => checks.showsAsText(page, HOSTILE)]] },
  'hostile-compare': {
    plots: 12,
    checks: [
      ['hostile texts are text', (page) => checks.showsAsText(page, HOSTILE)],
      ['a click toggles', checks.clicksToggle],
    ],
  },
  million: { plots: 11, checks: [['nothing overlaps', checks.nothingOverlaps]] },
  old: { plots: 0, checks: [noPlots, sayOf('holds no tails')] },
  'old-compare': { plots: 0, checks: [noPlots, sayOf('there are no tails to compare')], pictures: true },
  summaries: { plots: 0, checks: [noPlots] },
};

let wrong = 0;
function report(page, what, faults) {
  for (const fault of faults) console.log(`  ${page}: ${what}: ${fault}`);
  wrong += faults.length;
}

async function pictures(browser, file, name) {
  for (const [look, options] of Object.entries({ light: {}, dark: { scheme: 'dark' }, phone: { width: 390 } })) {
    const { page, close } = await open(browser, file, options);
    await page.screenshot({ path: join(asked.out, `${name}-${look}.png`), fullPage: true });
    if (look === 'light') await page.pdf({ path: join(asked.out, `${name}.pdf`), format: 'A4', printBackground: true });
    await close();
  }
}

// What the README shows of a comparison.
async function picture(browser, file, path) {
  const { page, close } = await open(browser, file, { width: 1180 });
  await page.evaluate(() => {
    for (const s of document.querySelectorAll('section')) s.hidden = !['spectrum', 'over-time'].includes(s.id);
    document.querySelector('footer').hidden = true;
  });
  await page.screenshot({ path, fullPage: true });
  await close();
}

async function narrow(browser, file, name) {
  const { page, complaints, close } = await open(browser, file, { width: 390 });
  report(name, 'at 390 px', [
    ...(await checks.fitsTheWindow(page)),
    ...(await checks.nothingOverlaps(page)),
    ...complaints,
  ]);
  await close();
}

async function withoutScript(browser, file, name) {
  const { page, close } = await open(browser, file, { script: false });
  report(
    name,
    'without script',
    (await page.innerText('noscript pre')).length > 100 ? [] : ['the report is not shown'],
  );
  await close();
}

async function one(browser, name, { plots, checks: list, pictures: wanted }) {
  const file = join(asked.pages, `${name}.html`),
    size = statSync(file).size,
    { page, complaints, openedIn, close } = await open(browser, file);
  console.log(`${name}: ${Math.round(size / 1000)} kB, complete after ${openedIn} ms`);
  if (size > SIZE_LIMIT) report(name, 'size', [`${size} bytes are more than ${SIZE_LIMIT}`]);
  if (openedIn > OPEN_LIMIT) report(name, 'time', [`${openedIn} ms are more than ${OPEN_LIMIT}`]);
  if (plots) report(name, 'plots', await checks.plotsAreDrawn(page, plots));
  for (const [what, check] of list) report(name, what, await check(page));
  report(name, 'fits the window', await checks.fitsTheWindow(page));
  report(name, 'quiet', complaints);
  await close();
  await narrow(browser, file, name);
  await withoutScript(browser, file, name);
  if (wanted) await pictures(browser, file, name);
}

async function main() {
  mkdirSync(asked.out, { recursive: true });
  const browser = await launch(asked.modules, asked.chromium);
  try {
    for (const [name, expected] of Object.entries(PAGES)) await one(browser, name, expected);
    if (asked.picture) await picture(browser, join(asked.pages, 'compare.html'), asked.picture);
  } finally {
    await browser.close();
  }
  console.log(wrong ? `${wrong} faults` : `all pages are as they should be; look at them in ${asked.out}`);
  return wrong ? 1 : 0;
}
main().then(
  (status) => process.exit(status),
  (error) => {
    console.error(`check: ${error.stack}`);
    process.exit(2);
  },
);

// Opens pages in headless Chromium and notes everything that a page ought not to do.
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export async function launch(modules, executablePath) {
  const { chromium } = createRequire(join(resolve(modules), 'none.js'))('playwright-core');
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

// The page with `complaints`: what the console said, what broke, what it asked for.
export async function open(browser, file, { width = 1280, scheme = 'light', script = true } = {}) {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    javaScriptEnabled: script,
    timezoneId: 'UTC',
  });
  const page = await context.newPage(),
    address = pathToFileURL(resolve(file)).href,
    complaints = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (request.url() !== address) complaints.push(`request: ${request.url().slice(0, 200)}`);
  });
  page.on('dialog', (dialog) => {
    complaints.push('a dialog opened');
    dialog.dismiss();
  });
  const since = Date.now();
  await page.goto(address);
  if (script) await page.waitForSelector('body[data-ready]', { timeout: 20000, state: 'attached' });
  return { page, complaints, openedIn: Date.now() - since, close: () => context.close() };
}

// In the page: for each plot its label, and how many pixels of its area are neither ground nor grid.
export function drawnPixels() {
  const style = getComputedStyle(document.documentElement),
    rgb = (name) => {
      const hex = style
        .getPropertyValue(`--${name}`)
        .trim()
        .replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');
      return [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
    };
  const quiet = ['ground', 'zone', 'line', 'line2', 'muted'].map(rgb),
    near = (a, b) => a.every((v, i) => Math.abs(v - b[i]) < 10);
  // read from a copy: the page's own canvases are made for drawing
  const copy = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  return [...document.querySelectorAll('.plot')]
    .filter((host) => host.clientWidth > 0)
    .map((host) => {
      const { u } = host.chart,
        { left, top, width, height } = u.bbox,
        colors = new Map();
      Object.assign(copy.canvas, { width, height });
      copy.drawImage(u.ctx.canvas, -left, -top);
      const { data } = copy.getImageData(0, 0, width, height);
      for (let i = 0; i < data.length; i += 4)
        if (data[i + 3] > 200) {
          const key = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
          colors.set(key, (colors.get(key) ?? 0) + 1);
        }
      let drawn = 0;
      const of = {};
      for (const [key, count] of colors) {
        const color = [key >> 16, (key >> 8) & 255, key & 255];
        if (!quiet.some((q) => near(q, color))) drawn += count;
        for (let v = 0; v < 6; v++) if (near(rgb(`v${v}`), color)) of[`v${v}`] = (of[`v${v}`] ?? 0) + count;
      }
      return { label: host.getAttribute('aria-label').split('. ')[0], drawn, of };
    });
}

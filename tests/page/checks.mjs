// What is checked of a page. Each function returns what is wrong, a sentence each.
import { drawnPixels } from './browser.mjs';

const LEAST_PIXELS = 60;
const visible = (page, selector) => page.$eval(selector, (node) => !node.hidden && node.getClientRects().length > 0);

export async function plotsAreDrawn(page, least) {
  const plots = await page.evaluate(drawnPixels),
    faults = plots.filter((p) => p.drawn < LEAST_PIXELS).map((p) => `plot '${p.label}' has only ${p.drawn} pixels`);
  if (plots.length < least) faults.push(`there are ${plots.length} plots, not ${least} or more`);
  return faults;
}

async function tipAt(page, x, y) {
  await page.mouse.move(x - 3, y);
  await page.mouse.move(x, y);
  return (await visible(page, '.tip')) ? page.innerText('.tip') : '';
}

// Every plot says numbers somewhere under the pointer. The overview of requests is for choosing only.
export async function hoverShowsValues(page) {
  const faults = [];
  for (const host of await page.$$('.plot')) {
    if (!(await host.isVisible())) continue;
    const label = (await host.getAttribute('aria-label')).split('. ')[0];
    if (label === 'All requests') continue;
    await host.scrollIntoViewIfNeeded();
    const box = await (await host.$('.u-over')).boundingBox(),
      spots = [];
    for (const down of label === 'Requests as bars' ? [0.1, 0.3, 0.5, 0.7] : [0.5])
      for (const across of [0.5, 0.3, 0.15, 0.05, 0.8]) spots.push([across, down]);
    let text = '';
    for (const [across, down] of spots) {
      text = await tipAt(page, box.x + across * box.width, box.y + down * box.height);
      if (/\d/.test(text)) break;
    }
    if (!/\d/.test(text)) faults.push(`hovering over '${label}' shows ${text ? `'${text}'` : 'nothing'}`);
    await page.mouse.move(1, 1);
  }
  if (await visible(page, '.tip')) faults.push('the tip stays when the pointer has left');
  return faults;
}

export async function keysSpeak(page) {
  const faults = [],
    host = await page.$('#spectrum .plot');
  await host.focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press('ArrowRight');
  const first = await page.textContent('.spoken');
  await page.keyboard.press('PageDown');
  const later = await page.textContent('.spoken');
  if (!/p\d.*\d/.test(first)) faults.push(`arrow keys say '${first}'`);
  if (first === later) faults.push('PageDown says the same');
  await page.keyboard.press('Escape');
  if (await visible(page, '.tip')) faults.push('Escape leaves the tip');
  const untouchable = await page.$$eval(
    '.plot',
    (all) => all.filter((p) => p.tabIndex !== 0 || !p.getAttribute('aria-label')).length,
  );
  if (untouchable) faults.push(`${untouchable} plots have no focus or no name`);
  return faults;
}

// A click on a variant takes its colour out of every plot, and a second brings it back.
export async function clicksToggle(page) {
  const faults = [],
    count = async (slot) => (await page.evaluate(drawnPixels)).reduce((sum, p) => sum + (p.of[slot] ?? 0), 0);
  const before = await count('v0'),
    other = await count('v1'),
    button = page.locator('.bar button.key').first();
  await button.click();
  await page.mouse.move(1, 1);
  if ((await count('v0')) > before * 0.02)
    faults.push(`of ${before} pixels ${await count('v0')} are there after the click`);
  if ((await count('v1')) < other * 0.9) faults.push('the other variant went, too');
  const pressed = await page.$$eval('button.key[data-variant=v0]', (all) =>
    all.map((b) => b.getAttribute('aria-pressed')),
  );
  if (pressed.length < 2 || pressed.some((p) => p !== 'false')) faults.push(`buttons of the variant say ${pressed}`);
  if (!(await page.$$eval('[data-of=v0]', (all) => all.length > 0 && all.every((n) => n.classList.contains('off')))))
    faults.push('its rows do not fade');
  await button.click();
  await page.mouse.move(1, 1);
  if ((await count('v0')) < before * 0.98) faults.push('a second click does not bring it back');
  return faults;
}

export async function dragZooms(page) {
  const host = await page.$('#spectrum .plot');
  await host.scrollIntoViewIfNeeded();
  const box = await (await host.$('.u-over')).boundingBox(),
    y = box.y + box.height / 2,
    range = () => host.evaluate((n) => n.chart.u.scales.x.max - n.chart.u.scales.x.min),
    whole = await range();
  await page.mouse.move(box.x + 0.3 * box.width, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 0.6 * box.width, y, { steps: 5 });
  await page.mouse.up();
  const part = await range();
  await page.mouse.dblclick(box.x + 0.5 * box.width, y);
  const again = await range();
  await page.mouse.move(1, 1);
  return [
    part > 0.5 * whole && 'dragging does not zoom in',
    Math.abs(again - whole) > 1e-9 && 'a double click does not zoom out',
  ].filter(Boolean);
}

// Keys move the window over the requests.
export async function windowMoves(page) {
  const host = await page.$('#requests .plot'),
    range = () =>
      page.$$eval('#requests .plot', (all) => {
        const { x } = all[1].chart.u.scales;
        return [x.min, x.max];
      }),
    [from, to] = await range();
  await host.focus();
  await page.keyboard.press('ArrowRight');
  const [moved] = await range();
  await page.keyboard.press('+');
  const [left, right] = await range();
  return [
    !(moved > from) && 'the arrow key does not move the window',
    !(right - left < 0.6 * (to - from)) && 'plus does not zoom',
  ].filter(Boolean);
}

// Nothing but tables, and bars that scroll by themselves, is wider than the window.
export async function fitsTheWindow(page) {
  return page.evaluate(() => {
    const faults = [],
      width = innerWidth;
    if (document.documentElement.scrollWidth > width)
      faults.push(`the page is ${document.documentElement.scrollWidth} px wide in ${width} px`);
    for (const node of document.querySelectorAll('main *')) {
      const { right, width: own } = node.getBoundingClientRect();
      if (own > 0 && right > width + 1 && !node.closest('.wide, nav, .keys, svg, .u-wrap'))
        faults.push(`${node.tagName.toLowerCase()}.${node.className} reaches to ${Math.round(right)} px`);
    }
    return faults.slice(0, 5);
  });
}

// Words that lie over one another, outside of plots.
export async function nothingOverlaps(page) {
  return page.evaluate(() => {
    const boxes = [
        ...document.querySelectorAll('h1, h2, h3, p, dt, dd, td, th, figcaption b, figcaption span, svg text, li'),
      ]
        .filter((n) => n.checkVisibility() && n.getClientRects().length && !n.closest('nav'))
        .map((n) => {
          const range = document.createRange();
          range.selectNodeContents(n);
          const own = [...n.childNodes].some((c) => c.nodeType === 3 && c.textContent.trim());
          const box = range.getBoundingClientRect(),
            frame = n.getBoundingClientRect(),
            cut = getComputedStyle(n).overflowX !== 'visible';
          return (
            own && {
              n,
              box: cut
                ? { left: frame.left, top: box.top, bottom: box.bottom, right: Math.min(box.right, frame.right) }
                : box,
            }
          );
        })
        .filter(Boolean),
      faults = [];
    for (let i = 0; i < boxes.length; i++)
      for (let j = i + 1; j < Math.min(boxes.length, i + 60); j++) {
        const a = boxes[i],
          b = boxes[j];
        if (a.n.contains(b.n) || b.n.contains(a.n)) continue;
        const across = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left),
          down = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
        if (across > 3 && down > 5)
          faults.push(`'${a.n.textContent.slice(0, 40)}' lies over '${b.n.textContent.slice(0, 40)}'`);
      }
    return faults.slice(0, 5);
  });
}

export async function followsTheScheme(page) {
  const ink = () => page.evaluate(() => getComputedStyle(document.documentElement).getPropertyValue('--v0').trim()),
    pixels = async () => (await page.evaluate(drawnPixels)).reduce((sum, p) => sum + (p.of.v0 ?? 0), 0),
    faults = [],
    light = await ink();
  await page.emulateMedia({ colorScheme: 'dark' });
  if ((await ink()) === light) faults.push('the colours do not change');
  let found = 0;
  for (let tries = 0; tries < 20 && found < 200; tries++) {
    if (tries) await page.waitForTimeout(100);
    found = await pixels();
  }
  if (found < 200) faults.push('plots are not drawn again in dark');
  await page.emulateMedia({ colorScheme: 'light' });
  return faults;
}

export async function isLightOnPaper(page) {
  await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
  await page.evaluate(() => dispatchEvent(new Event('beforeprint')));
  const faults = await page.evaluate(() => {
    const style = getComputedStyle(document.body),
      shown = (s) => {
        const n = document.querySelector(s);
        return n && getComputedStyle(n).display !== 'none';
      };
    return [
      style.backgroundColor !== 'rgb(255, 255, 255)' && `the ground is ${style.backgroundColor}`,
      shown('.bar nav') && 'the links are printed',
      document.documentElement.scrollWidth > innerWidth && 'it is wider than the paper',
    ].filter(Boolean);
  });
  const plots = await page.evaluate(drawnPixels);
  if (plots.some((p) => p.drawn < LEAST_PIXELS)) faults.push('a plot is empty on paper');
  await page.evaluate(() => dispatchEvent(new Event('afterprint')));
  await page.emulateMedia({ colorScheme: 'light', media: 'screen' });
  return faults;
}

export async function showsAsText(page, text) {
  const faults = [];
  if (await page.$('main img, main script, main iframe')) faults.push('a text became an element');
  if (!(await page.innerText('h1, .eyebrow, .workload, .bar >> nth=0')).length) faults.push('there is no head');
  for (const where of ['.bar', '#setup'])
    if (!(await page.textContent(where)).includes(text)) faults.push(`${where} does not show ${text}`);
  return faults;
}

// Draws the dashboard that the address names:
//   /?dashboard=NAME.json&from=UNIX&to=UNIX[&scrape=SECONDS][&var-NAME=VALUE..][&section=ROW TITLE..]
// When all is drawn, document.body.dataset.ready is set and each panel says how it went:
// data-state is drawn, empty or failed; data-pixels is how many the data of a chart took.
import { h, NoData } from './dom.js';
import { annotationsOf, seriesOf, substitute, variablesOf } from './queries.js';
import { timeseries, xychart } from './timeseries.js';
import { heatmap } from './heatmap.js';
import { bargauge, gauge, stat, stateTimeline } from './values.js';
import { prose, table } from './table.js';

const KINDS = { timeseries, xychart, heatmap, stat, gauge, bargauge, 'state-timeline': stateTimeline, table };

// Panels in the order of their places; a folded row is unfolded, and what is below it moves down.
function unfolded(panels) {
  const out = [];
  let moved = 0;
  for (const p of panels) {
    out.push({ ...p, gridPos: { ...p.gridPos, y: p.gridPos.y + moved } });
    if (p.type !== 'row' || !p.panels?.length) continue;
    const top = Math.min(...p.panels.map((q) => q.gridPos.y)), by = p.gridPos.y + 1 - top + moved;
    out.push(...p.panels.map((q) => ({ ...q, gridPos: { ...q.gridPos, y: q.gridPos.y + by } })));
    if (p.collapsed) moved += Math.max(...p.panels.map((q) => q.gridPos.y + q.gridPos.h)) - top;
  }
  return out;
}

// Only what stands under the rows with these titles, moved together.
function sectionsOf(panels, titles) {
  if (!titles.length) return panels;
  const missing = titles.filter((t) => !panels.some((p) => p.type === 'row' && p.title === t));
  if (missing.length) throw new Error(`no row is called '${missing.join("', '")}'`);
  let title = '', at = 0, from = 0;
  return panels.flatMap((p) => {
    if (p.type === 'row') { title = p.title; from = p.gridPos.y - at; }
    if (!titles.includes(title)) return [];
    const y = p.gridPos.y - from;
    at = Math.max(at, y + p.gridPos.h);
    return [{ ...p, gridPos: { ...p.gridPos, y } }];
  });
}

async function draw(box, body, panel, context) {
  try {
    if (panel.type === 'text') prose(body, panel);
    else {
      if (!KINDS[panel.type]) throw new Error(`panel type '${panel.type}' is not known to this page`);
      const series = await seriesOf(panel, context, Math.floor(body.clientWidth));
      const pixels = KINDS[panel.type](body, panel, series, context);
      if (pixels) await new Promise(requestAnimationFrame), box.dataset.pixels = pixels();
    }
    box.dataset.state = 'drawn';
    if (body.scrollHeight > body.clientHeight + 1 || [...body.querySelectorAll('.scroll, .legend, .prose, .tile')].some((e) => e.scrollHeight > e.clientHeight + 1 || e.scrollWidth > e.clientWidth + 1)) box.dataset.cut = '';
  } catch (error) {
    const empty = error instanceof NoData;
    body.replaceChildren(h('div', { class: empty ? 'empty' : 'failed' }, error.message));
    box.dataset.state = empty ? 'empty' : 'failed';
    box.dataset.why = error.message;
  }
}

function place(grid, panel, context) {
  const { x, y, w, h: high } = panel.gridPos, style = { gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${high}` };
  const words = (text) => substitute(text ?? '', context.values, context.window, 1);
  if (panel.type === 'row') { grid.append(h('div', { class: 'row', style }, words(panel.title))); return null; }
  const body = h('div', { class: 'body' });
  const box = h('section', { class: panel.transparent ? 'panel bare' : 'panel', 'data-title': panel.title, 'data-kind': panel.type, style }, h('h2', { title: words(panel.description) }, words(panel.title)), body);
  grid.append(box);
  const replaced = { ...panel, options: panel.options && JSON.parse(substitute(JSON.stringify(panel.options), context.values, context.window, 1)),
    targets: panel.targets?.map((t) => ({ ...t, legendFormat: words(t.legendFormat) })) };
  return () => draw(box, body, replaced, context);
}

async function show() {
  const asked = new URLSearchParams(location.search), name = asked.get('dashboard');
  const answer = await fetch(`/dashboards/${name}`);
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  const dashboard = await answer.json(), window = { from: Number(asked.get('from')), to: Number(asked.get('to')), scrape: Number(asked.get('scrape') ?? 1) };
  const values = await variablesOf(dashboard, window, asked), context = { window, values };
  context.annotations = await annotationsOf(dashboard, context);
  document.title = dashboard.title;
  const clock = (t) => new Date(t * 1000).toISOString().slice(11, 19);
  const chosen = (dashboard.templating?.list ?? []).filter((v) => v.type !== 'datasource' && !v.hide).map((v) => [v.label ?? v.name, values[v.name] === v.allValue ? 'All' : v.options?.find((o) => o.value === values[v.name])?.text ?? values[v.name]]);
  document.body.append(h('header', {}, h('h1', {}, dashboard.title), chosen.map(([label, value]) => h('span', {}, `${label} `, h('b', {}, value))), h('span', { class: 'by' }, `${clock(window.from)} to ${clock(window.to)} UTC; drawn from the dashboard's JSON, not by Grafana`)));
  const grid = h('main', { class: 'grid' });
  document.body.append(grid);
  const drawings = sectionsOf(unfolded(dashboard.panels), asked.getAll('section')).map((panel) => place(grid, panel, context)).filter(Boolean);
  for (const drawing of drawings) await drawing();
}

show().catch((error) => { document.body.append(h('div', { class: 'failed', 'data-broken': '' }, error.message)); }).finally(() => { document.body.dataset.ready = ''; });

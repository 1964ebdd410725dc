// Tables, and words.
import { h, NoData } from './dom.js';
import { colorOf, mapped, optionsFor, text } from './fields.js';
import { tables, transformed } from './transforms.js';

function cell(config, column, value) {
  const kind = config.custom.cellOptions?.type ?? config.custom.displayMode ?? 'auto', content = value == null ? config.noValue ?? '' : column.numeric ? text(config, value) : String(value);
  const color = value != null && ['color-text', 'color-background'].includes(kind) ? mapped(config, value)?.color ?? colorOf({ ...config, color: config.color ?? { mode: 'thresholds' } }, 0, value) : undefined;
  if (!['auto', 'color-text', 'color-background'].includes(kind)) throw new Error(`cell type '${kind}' is not known to this page`);
  return h('td', { class: column.numeric && 'n', style: kind === 'color-background' ? { background: color, color: '#fff' } : { color } }, content);
}

export function table(body, panel, series) {
  const [made] = transformed(panel, tables(series));
  const columns = (made?.fields ?? []).map((f) => ({ ...f, config: optionsFor(panel, f) })).filter((f) => !f.config.custom.hidden);
  const rows = columns[0]?.values.map((_, i) => i) ?? [];
  if (!rows.length) throw new NoData('no data');
  for (const { displayName, desc } of panel.options?.sortBy ?? []) {
    const key = columns.find((c) => c.config.title === displayName)?.values;
    if (key) rows.sort((a, b) => (key[a] < key[b] ? -1 : key[a] > key[b] ? 1 : 0) * (desc ? -1 : 1));
  }
  const width = (c) => (c.config.custom.width ? { width: `${c.config.custom.width}px` } : {});
  body.append(h('div', { class: 'scroll' }, h('table', {}, h('thead', {}, h('tr', {}, columns.map((c) => h('th', { class: c.numeric && 'n', style: width(c) }, c.config.title)))),
    h('tbody', {}, rows.map((i) => h('tr', {}, columns.map((c) => cell(c.config, c, c.values[i]))))))));
}

// of Markdown what the dashboards use: headings, paragraphs, lists, bold, slanted, code, links
function inline(words) {
  const out = [], seen = /\*\*(.+?)\*\*|\*(.+?)\*|`(.+?)`|\[(.+?)\]\((.+?)\)/g;
  let last = 0;
  for (const m of words.matchAll(seen)) {
    out.push(words.slice(last, m.index));
    out.push(m[1] ? h('b', {}, m[1]) : m[2] ? h('em', {}, m[2]) : m[3] ? h('code', {}, m[3]) : h('a', { href: m[5] }, m[4]));
    last = m.index + m[0].length;
  }
  return [...out, words.slice(last)];
}
export function prose(body, panel) {
  const { mode = 'markdown', content = '' } = panel.options ?? {};
  if (mode !== 'markdown') throw new Error(`text mode '${mode}' is not known to this page`);
  const blocks = content.trim().split(/\n{2,}/).map((block) => {
    const lines = block.split('\n'), head = /^(#+) (.*)/.exec(lines[0]);
    if (head) return h(`h${Math.min(4, head[1].length)}`, {}, inline(head[2]));
    if (lines.every((l) => /^([*-]|\d+\.) /.test(l))) return h(/^\d/.test(lines[0]) ? 'ol' : 'ul', {}, lines.map((l) => h('li', {}, inline(l.replace(/^([*-]|\d+\.) /, '')))));
    return h('p', {}, inline(lines.join(' ')));
  });
  body.append(h('div', { class: 'prose' }, blocks));
}

// Frames of a table panel: {refId, fields: [{name, values, labels, numeric}]}, and Grafana's transformations of them.
const TIME = 'Time';

// One frame for each query: time, labels, value.
export function tables(series) {
  const byQuery = Map.groupBy ? Map.groupBy(series, (s) => s.target) : series.reduce((m, s) => m.set(s.target, [...(m.get(s.target) ?? []), s]), new Map());
  return [...byQuery].map(([target, rows]) => {
    const labels = [...new Set(rows.flatMap((r) => Object.keys(r.labels)))];
    const column = (name, pick, numeric) => ({ name, numeric, refId: target.refId, values: rows.map(pick) });
    return { refId: target.refId, fields: [
      column(TIME, (r) => r.times.at(-1) * 1000, true),
      ...labels.map((name) => column(name, (r) => r.labels[name], false)),
      column(byQuery.size > 1 ? `Value #${target.refId}` : 'Value', (r) => r.values.at(-1), true)] };
  });
}

const rowsOf = (frame) => frame.fields[0]?.values.map((_, i) => frame.fields.map((f) => f.values[i])) ?? [];
const pick = (frame, order) => ({ ...frame, fields: frame.fields.map((f) => ({ ...f, values: order.map((i) => f.values[i]) })) });

// Rows that agree in all columns which the frames share become one.
function merge(frames) {
  const names = [...new Set(frames.flatMap((f) => f.fields.map((c) => c.name)))];
  const shared = names.filter((n) => frames.every((f) => f.fields.some((c) => c.name === n)));
  const rows = new Map();
  for (const frame of frames) {
    for (const cells of rowsOf(frame)) {
      const row = Object.fromEntries(frame.fields.map((c, i) => [c.name, cells[i]]));
      const key = JSON.stringify(shared.map((n) => row[n]));
      rows.set(key, { ...row, ...rows.get(key) });
    }
  }
  const field = (name) => frames.flatMap((f) => f.fields).find((c) => c.name === name);
  return [{ refId: frames[0].refId, fields: names.map((n) => ({ ...field(n), values: [...rows.values()].map((r) => r[n]) })) }];
}

const organize = (frames, { excludeByName = {}, indexByName = {}, renameByName = {} }) => frames.map((frame) => ({ ...frame,
  fields: frame.fields.filter((f) => !excludeByName[f.name])
    .map((f, i) => ({ f, i, at: indexByName[f.name] ?? Infinity })).sort((a, b) => (a.at === b.at ? a.i - b.i : a.at - b.at))
    .map(({ f }) => ({ ...f, name: renameByName[f.name] || f.name })) }));

const convertFieldType = (frames, { conversions }) => frames.map((frame) => ({ ...frame, fields: frame.fields.map((f) => {
  const wanted = conversions.find((c) => c.targetField === f.name);
  if (!wanted) return f;
  if (wanted.destinationType === 'number') return { ...f, numeric: true, values: f.values.map(Number) };
  if (wanted.destinationType === 'string') return { ...f, numeric: false, values: f.values.map(String) };
  throw new Error(`conversion to '${wanted.destinationType}' is not known to this page`);
}) }));

const sortBy = (frames, { sort: [{ field, desc = false }] }) => frames.map((frame) => {
  const values = frame.fields.find((f) => f.name === field)?.values;
  if (!values) return frame;
  const order = values.map((_, i) => i).sort((a, b) => (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0) * (desc ? -1 : 1));
  return pick(frame, order);
});

const partitionByValues = (frames, { fields, keepFields, naming }) => frames.flatMap((frame) => {
  const keys = fields.map((name) => frame.fields.find((f) => f.name === name)).filter(Boolean), parts = new Map();
  (frame.fields[0]?.values ?? []).forEach((_, i) => {
    const key = JSON.stringify(keys.map((f) => f.values[i]));
    parts.set(key, [...(parts.get(key) ?? []), i]);
  });
  return [...parts].map(([key, rows]) => {
    const values = JSON.parse(key), labels = naming?.asLabels ? Object.fromEntries(keys.map((f, i) => [f.name, values[i]])) : {};
    const part = pick(frame, rows);
    return { ...part, name: naming?.asLabels ? undefined : values.join(' '), fields: part.fields.filter((f) => keepFields || !fields.includes(f.name)).map((f) => ({ ...f, labels: { ...f.labels, ...labels } })) };
  });
});

// Label values of one column become columns.
function groupingToMatrix(frames, { columnField, rowField, valueField }) {
  return frames.map((frame) => {
    const values = (name) => frame.fields.find((f) => f.name === name)?.values ?? [];
    const [columns, rows, cells] = [values(columnField), values(rowField), values(valueField)];
    const names = [...new Set(columns)], keys = [...new Set(rows)];
    const cell = (row, column) => cells[rows.findIndex((r, i) => r === row && columns[i] === column)];
    return { refId: frame.refId, fields: [{ name: `${rowField}\\${columnField}`, values: keys }, ...names.map((n) => ({ name: String(n), numeric: true, refId: frame.refId, values: keys.map((k) => cell(k, n)) }))] };
  });
}

const KNOWN = { merge, organize, convertFieldType, sortBy, partitionByValues, groupingToMatrix };
export function transformed(panel, frames) {
  return (panel.transformations ?? []).filter((t) => !t.disabled).reduce((made, { id, options }) => {
    if (!KNOWN[id]) throw new Error(`transformation '${id}' is not known to this page`);
    return KNOWN[id](made, options);
  }, frames);
}

// hover.js: the values under the pointer, or where the arrow keys have gone; they are spoken, too.
const tip = el('div', { class: 'tip', hidden: true });
const spoken = el('div', { class: 'spoken', 'aria-live': 'polite' });

const tipRow = (key, name, ...values) =>
  el(
    'tr',
    {},
    el('td', {}, key !== undefined && dot(key), name),
    values.map((v) => el('td', {}, v)),
  );
const tipOf = (head, rows) =>
  [el('b', {}, head), rows.length > 0 && el('table', {}, el('tbody', {}, rows))].filter(Boolean);

// What most plots say: each line that has a value there, with the range of the repeats.
function valuesAt(u, i, spec) {
  const rows = spec.lines
    .filter((line) => !line.silent && !hidden.has(line.variant) && line.y[i] != null)
    .map((line) => {
      const name = [shown.length > 1 && line.variant ? nameOf(line.variant) : '', line.name ?? '']
        .filter(Boolean)
        .join(' ');
      const range =
        line.band &&
        line.band[0][i] != null &&
        line.band[1][i] != null &&
        `${spec.y.say(line.band[0][i])} \u2026 ${spec.y.say(line.band[1][i])}`;
      return tipRow(
        line.variant ?? null,
        name,
        spec.y.say(line.y[i]),
        ...(range ? [el('span', { class: 'muted' }, range)] : []),
      );
    });
  return rows.length ? tipOf(spec.x.say(spec.x.values[i]), rows) : null;
}

function place(box, x, y) {
  tip.hidden = false;
  const right = box.left + x + 14,
    left = box.left + x - tip.offsetWidth - 14;
  const within = (v, most) => Math.max(6, Math.min(most - 6, v));
  tip.style.left = `${within(right + tip.offsetWidth > innerWidth ? left : right, innerWidth - tip.offsetWidth)}px`;
  tip.style.top = `${within(box.top + Math.max(0, y) - tip.offsetHeight / 2, innerHeight - tip.offsetHeight)}px`;
}

// Gives a plot its pointer and its keys. Returns the hook for uPlot's cursor.
function listen(host, spec, chart) {
  let active = false;
  const leave = () => {
    active = false;
    tip.hidden = true;
  };
  const rest = () => {
    leave();
    chart()?.setCursor({ left: -10, top: -10 });
  };
  host.addEventListener('pointerenter', () => {
    active = true;
  });
  host.addEventListener('pointerleave', leave);
  host.addEventListener('blur', rest);
  host.addEventListener('keydown', (event) => {
    const u = chart(),
      step = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === 'Escape') return rest();
    if (spec.keys?.(event)) return event.preventDefault();
    if (!step || !u) return;
    event.preventDefault();
    active = true;
    const xs = spec.x.values,
      last = xs.length - 1,
      from = u.cursor.idx ?? (step > 0 ? -1 : last + 1);
    u.setCursor({ left: u.valToPos(xs[Math.max(0, Math.min(last, from + step))], 'x'), top: u.over.clientHeight / 2 });
  });
  return (u) => {
    if (!active) return;
    const i = u.cursor.idx;
    const content = i == null || u.cursor.left < 0 ? null : (spec.hover ?? valuesAt)(u, i, spec);
    if (!content) {
      tip.hidden = true;
      return;
    }
    tip.replaceChildren(...content);
    place(u.over.getBoundingClientRect(), u.cursor.left, u.cursor.top);
    if (host === document.activeElement)
      spoken.textContent = [...tip.querySelectorAll('b, tr')]
        .map((n) => [...(n.cells ?? [n])].map((c) => c.textContent).join(' '))
        .join('; ');
  };
}

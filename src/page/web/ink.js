// ink.js: what is drawn on a plot besides its lines: zones, shades, names, remarks.
const FONT = '12px "Helvetica Neue", "Segoe UI", Inter, Roboto, Arial, system-ui, sans-serif';
const density = () => devicePixelRatio || 1;
const sized = (font, k) => font.replace('12px', `${12 * k}px`);

function clipped(u, draw) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  draw(ctx, density(), bbox);
  ctx.restore();
}

// Under everything: stretches of y that count as equal, stretches of x that count nowhere.
function drawGround(u, spec) {
  clipped(u, (ctx, k, box) => {
    ctx.fillStyle = ink('zone');
    for (const zone of spec.zones ?? []) {
      const top = u.valToPos(zone.high, 'y', true),
        bottom = u.valToPos(zone.low, 'y', true);
      ctx.fillRect(box.left, top, box.width, bottom - top);
    }
    for (const shade of spec.shades ?? []) {
      const left = Math.max(box.left, u.valToPos(shade.from, 'x', true)),
        right = Math.min(box.left + box.width, u.valToPos(shade.to, 'x', true));
      if (right > left) ctx.fillRect(left, box.top, right - left, box.height);
    }
    if (!spec.y.zero) return;
    const y = Math.round(u.valToPos(0, 'y', true)) + 0.5;
    ctx.strokeStyle = ink('line2');
    ctx.lineWidth = k;
    ctx.beginPath();
    ctx.moveTo(box.left, y);
    ctx.lineTo(box.left + box.width, y);
    ctx.stroke();
  });
}

// Over the grid and under the lines: what a plot draws by itself.
function drawOwn(u, spec) {
  if (spec.paint) clipped(u, (ctx, k) => spec.paint(u, ctx, k));
}

function outlined(ctx, text, x, y, color, k, under = 'ground') {
  ctx.lineJoin = 'round';
  ctx.strokeStyle = ink(under);
  ctx.lineWidth = 4 * k;
  ctx.strokeText(text, x, y);
  ctx.fillStyle = color;
  ctx.fillText(text, x, y);
}

// The name of a line beside the point of it that is `at` along the axis.
function drawName(u, spec, line, ctx, k) {
  const { at, dx = 0, dy = 0, align = 'left' } = line.label;
  const i = spec.x.values.findIndex((x, j) => x >= at && line.y[j] != null);
  if (i < 0) return;
  ctx.font = `600 ${sized(FONT, k)}`;
  ctx.textAlign = align;
  ctx.textBaseline = 'middle';
  const text = clip(nameOf(line.variant), 24),
    width = ctx.measureText(text).width,
    { left, width: room } = u.bbox;
  const from = align === 'right' ? -width : align === 'center' ? -width / 2 : 0;
  const wanted = u.valToPos(spec.x.values[i], 'x', true) + dx * k;
  const x = Math.max(left + 2 * k - from, Math.min(left + room - 2 * k - from - width, wanted));
  outlined(ctx, text, x, u.valToPos(line.y[i], 'y', true) + dy * k, ink(inkName(line.variant)), k);
}
const clip = (text, most) => (text.length > most ? `${text.slice(0, most - 1)}\u2026` : text);

// On top: names of lines, and remarks in corners and over shades.
function drawNames(u, spec) {
  const { ctx, bbox } = u,
    k = density();
  ctx.save();
  for (const line of spec.lines) if (line.label && !hidden.has(line.variant)) drawName(u, spec, line, ctx, k);
  ctx.font = sized(FONT, k);
  for (const shade of spec.shades ?? []) {
    if (!shade.label) continue;
    const left = Math.max(bbox.left, u.valToPos(shade.from, 'x', true)),
      right = Math.min(bbox.left + bbox.width, u.valToPos(shade.to, 'x', true));
    const text = [shade.label].flat().find((t) => ctx.measureText(t).width < right - left - 6 * k);
    if (!text) continue;
    ctx.textAlign = 'right';
    ctx.textBaseline = shade.high ? 'top' : 'bottom';
    const y = shade.high ? bbox.top + 9 * k : bbox.top + bbox.height - 4 * k;
    outlined(ctx, text, right - 4 * k, y, ink('muted'), k, 'zone');
  }
  for (const remark of spec.remarks ?? []) {
    ctx.textAlign = remark.right ? 'right' : 'left';
    ctx.textBaseline = remark.low ? 'bottom' : 'top';
    outlined(
      ctx,
      remark.text,
      remark.right ? bbox.left + bbox.width - 5 * k : bbox.left + 5 * k,
      remark.low ? bbox.top + bbox.height - 4 * k : bbox.top + 4 * k,
      ink('muted'),
      k,
    );
  }
  ctx.restore();
}

// Ticks along the top where the server stood still.
function drawPauses(u, ctx, k, pauses, color) {
  ctx.fillStyle = ink(color);
  for (const [at] of pauses ?? []) ctx.fillRect(u.valToPos(at, 'x', true) - 0.75 * k, u.bbox.top, 1.5 * k, 6 * k);
}

// ticks.js: where axes have their ticks.
function evenTicks(low, high, about) {
  const rough = (high - low) / Math.max(1, about),
    power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-6; i++)
    ticks.push(Number((i * step).toPrecision(10)));
  return ticks;
}

// On a logarithmic axis: 1 2 5 while there is room, else powers of ten; even ones over less than half a decade.
function logTicks(low, high, about = 6) {
  if (high / low < 4) return evenTicks(low, high, about);
  const from = Math.floor(Math.log10(low)),
    to = Math.ceil(Math.log10(high));
  const all = (leads) => {
    const ticks = [];
    for (let p = from; p <= to; p++) for (const lead of leads) ticks.push(Number((lead * 10 ** p).toPrecision(6)));
    return ticks.filter((t) => t >= low * 0.999 && t <= high * 1.001);
  };
  const choices = [[1, 2, 5], [1, 3], [1]].map(all);
  return (
    choices.find((ticks) => ticks.length <= about * 1.5) ??
    choices[2].filter((t, i) => i % Math.ceil(choices[2].length / about) === 0)
  );
}

function extent(values) {
  let low = Infinity,
    high = -Infinity;
  for (const v of values)
    if (v != null && Number.isFinite(v)) {
      low = Math.min(low, v);
      high = Math.max(high, v);
    }
  return low > high ? [0, 1] : [low, high];
}
function padded(values, pad = 0.06) {
  const [low, high] = extent(values),
    room = (high - low || Math.abs(high) || 1) * pad;
  return [low - room, high + room];
}
// For a log axis: values that are 0 can't be shown and are left out.
function paddedLog(values, pad = 0.06) {
  const [low, high] = extent(values.filter((v) => v > 0)),
    factor = Math.max(1.02, (high / low) ** pad);
  return [low / factor, high * factor];
}

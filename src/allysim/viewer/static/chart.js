// A key figure month by month: both worlds, and what lies between them with the band of other lucks.
"use strict";

function ticks(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map(k => k * power).find(one => one >= rough * .999);
  const found = [];
  for (let at = Math.ceil(low / step - 1e-9) * step; at <= high + step * 1e-9; at += step) found.push(Math.abs(at) < step * 1e-9 ? 0 : at);
  return found;
}

function monthTicks(months) {
  const step = [1, 2, 3, 6, 12, 24, 60, 120].find(one => months / one <= 6) || 240;
  return Array.from({ length: Math.floor(months / step) + 1 }, (_, k) => k * step);
}

// Lines are {name, colour, values, thin, band: [low, high], faint, until}: values end where the line is to end, a band
// is drawn until a month; `range` are all values that the axis has room for, so that it does not move.
function drawChart(canvas, colours, { lines, months, title, unit, zero, forked, range }) {
  const { context, width, height } = fitted(canvas);
  const flat = [...range, ...lines.flatMap(line => line.band ? line.band.flat() : [])].filter(Number.isFinite);
  let low = Math.min(...flat), high = Math.max(...flat);
  if (zero) { low = Math.min(low, 0); high = Math.max(high, 0); }
  if (!flat.length) { low = 0; high = 1; }
  if (high - low < 1e-12) { low -= Math.abs(low) * .1 || 1; high += Math.abs(high) * .1 || 1; }
  context.font = "12px system-ui, sans-serif";
  const names = lines.map(line => line.name), right = Math.max(...names.map(name => context.measureText(name).width), 56) + 16;
  const marks = ticks(low, high, Math.max(2, Math.floor(height / 48)));
  const left = Math.max(...marks.map(mark => context.measureText(signed(mark)).width), 34) + 12, top = 40, bottom = 34;
  const x = at => left + (width - left - right) * at / Math.max(1, months);
  const y = value => top + (height - top - bottom) * (1 - (value - low) / (high - low));
  context.fillStyle = colours.ink; context.textAlign = "left"; context.font = "600 13px system-ui, sans-serif";
  context.fillText(title, 0, 13, width);
  context.font = "12px system-ui, sans-serif"; context.fillStyle = colours.grey;
  context.fillText(unit, 0, 29, width);
  context.textAlign = "right"; context.textBaseline = "middle";
  for (const mark of marks) {
    context.strokeStyle = zero && mark === 0 ? colours.grey : colours.line; context.lineWidth = 1;
    context.beginPath(); context.moveTo(left, y(mark)); context.lineTo(width - right, y(mark)); context.stroke();
    context.fillText((zero ? signed : shown)(mark), left - 6, y(mark));
  }
  context.textAlign = "center"; context.textBaseline = "alphabetic";
  for (const mark of monthTicks(months)) context.fillText(mark, x(mark), height - bottom + 16);
  context.textAlign = "left"; context.fillText("month", left, height - 3);
  if (forked) {
    context.setLineDash([2, 3]); context.strokeStyle = colours.grey;
    context.beginPath(); context.moveTo(x(forked), top); context.lineTo(x(forked), height - bottom); context.stroke();
    context.setLineDash([]);
    context.fillText("fork", x(forked) + 4, top + 9);
  }
  const ends = [];
  for (const line of lines) {
    if (line.band) {
      const [bandLow, bandHigh] = line.band, until = Math.min(line.until, bandLow.length - 1);
      context.fillStyle = line.colour; context.globalAlpha = line.faint ? .13 : .25;
      context.beginPath();
      for (let m = 0; m <= until; m++) if (Number.isFinite(bandHigh[m])) context.lineTo(x(m), y(bandHigh[m]));
      for (let m = until; m >= 0; m--) if (Number.isFinite(bandLow[m])) context.lineTo(x(m), y(bandLow[m]));
      context.closePath(); context.fill(); context.globalAlpha = 1;
    }
    context.strokeStyle = line.colour; context.lineWidth = line.thin ? 1.2 : 2.2; context.setLineDash(line.thin ? [5, 3] : []);
    context.beginPath();
    let drawn = -1;
    line.values.forEach((value, m) => { if (Number.isFinite(value)) { context.lineTo(x(m), y(value)); drawn = m; } });
    context.stroke(); context.setLineDash([]);
    if (drawn >= 0) ends.push({ line, y: y(line.values[drawn]), x: x(drawn) });
  }
  ends.sort((one, other) => one.y - other.y);
  let floor = top - 8;
  for (const end of ends) { end.label = Math.max(end.y, floor + 14); floor = end.label; }
  let ceiling = height - bottom + 6;
  for (const end of ends.reverse()) { end.label = Math.min(end.label, ceiling); ceiling = end.label - 14; }
  context.textBaseline = "middle"; context.textAlign = "left";
  for (const end of ends) {
    context.fillStyle = end.line.colour;
    if (!end.line.thin) { context.beginPath(); context.arc(end.x, end.y, 3.2, 0, 7); context.fill(); }
    context.font = "600 12px system-ui, sans-serif";
    context.fillText(end.line.name, Math.min(end.x, width - right) + 8, end.label);
  }
  context.textBaseline = "alphabetic";
}

// Who is allied with whom: firms by segment on stable places, sized by revenue; alliances as stars in their colour.
"use strict";

const GOLDEN = Math.PI * (3 - Math.sqrt(5));
const TYPE_COLOURS = ["c0", "c1", "c2", "c3"];
const LEAST_RADIUS = 2.4;

// Return a place for each slot and for each segment's name: a field for each segment, as large as what its firms take,
// the largest firms of a segment in the middle of its field.
function arranged(firms, revenue, segments, width, height) {
  const groups = segments.map(() => []);
  for (const firm of firms) groups[firm.segment].push(firm.slot);
  const greatest = Math.max(...revenue.filter(Number.isFinite), 1e-9);
  const takes = slot => (.34 + Math.sqrt(Math.max(revenue[slot] || 0, 0) / greatest)) ** 2;
  const sizes = groups.map(slots => slots.reduce((sum, slot) => sum + takes(slot), 0));
  const used = segments.map((_, k) => k).filter(k => groups[k].length).sort((one, other) => sizes[other] - sizes[one]);
  const places = [], names = [];
  let unit = Infinity;
  for (const { segment, x, y, wide, high } of fields(used, sizes, width, height)) {
    const slots = groups[segment].slice().sort((one, other) => (revenue[other] || 0) - (revenue[one] || 0) || one - other);
    const middle = { x: x + wide / 2, y: y + TOP + (high - TOP) / 2 }, edge = { x: wide / 2 - 12, y: (high - TOP) / 2 - 10 };
    const outer = Math.sqrt(sizes[segment]);
    unit = Math.min(unit, Math.sqrt(edge.x * edge.y) / outer);
    let area = 0;
    slots.forEach((slot, j) => {
      const own = takes(slot), out = j ? Math.sqrt(area + own / 2) / outer : 0;
      area += own;
      places[slot] = { x: middle.x + out * edge.x * Math.cos(j * GOLDEN), y: middle.y + out * edge.y * Math.sin(j * GOLDEN) };
    });
    names.push({ segment, x: middle.x, y: y + 14 });
  }
  return { places, names, radius: Math.min(unit * .8, Math.min(width, height) / 9), greatest };
}

const TOP = 18, LEAST_FIELD = .2;

// Cut a rectangle into fields: the largest segment on the left, or above, and the others beside it one after another.
function fields(used, sizes, width, height) {
  const total = used.reduce((sum, k) => sum + sizes[k], 0), wider = width > height, [first, ...others] = used;
  if (!others.length) return [{ segment: first, x: 0, y: 0, wide: width, high: height }];
  const along = wider ? width : height, across = wider ? height : width;
  const cut = along * Math.max(.4, Math.min(.7, sizes[first] / total));
  const raw = others.map(k => Math.max(sizes[k] / (total - sizes[first]), LEAST_FIELD)), sum = raw.reduce((a, b) => a + b, 0);
  const field = (segment, from, length, begin, extent) => wider
    ? { segment, x: from, wide: length, y: begin, high: extent } : { segment, y: from, high: length, x: begin, wide: extent };
  let begin = 0;
  return [field(first, 0, cut, 0, across), ...others.map((k, j) => {
    const extent = across * raw[j] / sum, made = field(k, cut, along - cut, begin, extent);
    begin += extent;
    return made;
  })];
}

class Network {
  constructor(canvas, app, letter) {
    this.canvas = canvas; this.app = app; this.letter = letter; this.hubs = [];
    canvas.addEventListener("click", event => this.click(event));
    canvas.addEventListener("mousemove", event => this.hover(event));
    canvas.addEventListener("mouseleave", () => this.app.tip(null));
  }

  get world() { return this.app.worlds[this.letter]; }

  // Places follow from the firms of month 0 and the size of the canvas: the same in both worlds.
  layout(width, height) {
    const world = this.world, key = [width, height, world.head.seed, world.firms.length && world.firms[0].name,
      world.frames[0].n.length].join();
    if (key !== this.key) {
      this.key = key;
      const first = world.frames[0].n.length;
      this.plan = arranged(world.firms.slice(0, first), world.frames[0].r, world.head.segments, width, height);
    }
    return this.plan;
  }

  size(revenue) {
    return Math.max(LEAST_RADIUS, this.plan.radius * Math.sqrt(Math.max(revenue, 0) / this.plan.greatest));
  }

  // Draw a moment: a month, and how much of the way to the next.
  draw(moment) {
    const { context, width, height } = fitted(this.canvas), world = this.world;
    if (!world || world.last < 0 || width < 10) return;
    const month = Math.min(Math.floor(moment), world.last), next = Math.min(month + 1, world.last), part = moment - month;
    const plan = this.layout(width, height), colours = this.app.colours, state = world.months[month];
    context.font = "12px system-ui, sans-serif"; context.textAlign = "center"; context.fillStyle = colours.grey;
    for (const { segment, x, y } of plan.names) context.fillText(world.head.segments[segment], x, Math.max(y, 12));
    this.stars(context, state, plan, colours);
    this.discs(context, world, month, next, part, plan, colours);
    this.labels(context, world, month, plan, colours, width);
  }

  stars(context, state, plan, colours) {
    const chosen = this.app.chosen, world = this.world;
    this.hubs = [];
    const studied = world.firms.some(firm => firm.focal), crowd = Math.min(1, 5 / Math.sqrt(state.members.size || 1));
    const later = [];
    for (const [number, who] of state.members) {
      const front = this.isMine(number, who) || (studied && [...who].some(firm => world.firms[firm].focal));
      if (front && !later.includes(number)) later.push(number);
    }
    for (const number of [...[...state.members.keys()].filter(one => !later.includes(one)), ...later]) {
      const who = state.members.get(number), front = later.includes(number) || !studied;
      const alliance = world.alliances.get(number), { stage, trust } = state.living.get(number);
      const ends = [...who].map(firm => plan.places[world.firms[firm].slot]).filter(Boolean);
      if (!ends.length) continue;
      let x = 0, y = 0;
      for (const end of ends) { x += end.x / ends.length; y += end.y / ends.length; }
      x += 3 * Math.cos(number * GOLDEN); y += 3 * Math.sin(number * GOLDEN);
      const mine = this.isMine(number, who), dim = chosen && !mine;
      context.globalAlpha = dim ? .1 : mine ? 1 : (front ? .3 + .7 * trust / 100 : .1 + .4 * trust / 100) * (front && studied ? 1 : crowd);
      context.strokeStyle = context.fillStyle = colours[TYPE_COLOURS[alliance.type % 4]];
      context.lineWidth = (front ? .8 : .4) + (front ? 2 : 1.2) * trust / 100;
      context.setLineDash(stage === 0 ? [4, 3] : []);
      context.beginPath();
      for (const end of ends) { context.moveTo(x, y); context.lineTo(end.x, end.y); }
      context.stroke();
      context.beginPath();
      context.arc(x, y, 1.6 + .7 * Math.sqrt(ends.length), 0, 7);
      context.fill();
      this.hubs.push({ number, x, y });
    }
    context.setLineDash([]); context.globalAlpha = 1;
  }

  isMine(number, who) {
    const chosen = this.app.chosen;
    if (!chosen || chosen.letter && chosen.letter !== this.letter && chosen.alliance !== undefined) return false;
    return chosen.alliance !== undefined ? chosen.alliance === number : who.has(this.own(chosen.firm));
  }

  // The number that a chosen firm has in this world: firms of month 0 have the same, entrants may not.
  own(firm) {
    const chosen = this.app.chosen, other = this.app.worlds[chosen.letter];
    if (chosen.letter === this.letter || !other) return firm;
    return this.world.firms.findIndex(one => one.name === other.firms[firm].name);
  }

  discs(context, world, month, next, part, plan, colours) {
    const now = world.frames[month].r, then = world.frames[next].r, slots = world.months[month].slots;
    const chosen = this.app.chosen, marked = chosen && chosen.firm !== undefined ? this.own(chosen.firm) : -1;
    const gone = new Set(world.frames[month].n.map(one => month ? one[0] : -1));
    context.lineWidth = 1;
    for (let slot = 0; slot < slots.length; slot++) {
      const place = plan.places[slot], firm = world.firms[slots[slot]];
      if (!place) continue;
      const radius = this.size((now[slot] || 0) * (1 - part) + (then[slot] || 0) * part) + (firm.focal ? 1 : 0);
      context.beginPath(); context.arc(place.x, place.y, radius, 0, 7);
      context.fillStyle = firm.focal ? colours.ink : colours.paper;
      context.strokeStyle = firm.focal ? colours.paper : colours.grey;
      context.fill(); context.stroke();
      if (gone.has(slot)) {  // a firm left this month, another stands in its place
        context.strokeStyle = colours.bad; context.lineWidth = 1.6;
        context.beginPath(); context.arc(place.x, place.y, radius + 3, 0, 7); context.stroke();
        context.lineWidth = 1;
      }
      if (slots[slot] === marked) {
        context.strokeStyle = colours.c4; context.lineWidth = 3;
        context.beginPath(); context.arc(place.x, place.y, radius + 3.5, 0, 7); context.stroke();
        context.lineWidth = 1;
      }
    }
  }

  labels(context, world, month, plan, colours, width) {
    const slots = world.months[month].slots, chosen = this.app.chosen;
    const focal = slots.filter(firm => world.firms[firm].focal);
    const named = new Set(focal.length <= 6 ? focal : []);
    if (chosen && chosen.firm !== undefined) named.add(this.own(chosen.firm));
    context.font = "11.5px system-ui, sans-serif"; context.textAlign = "left"; context.lineWidth = 3;
    for (const firm of named) {
      if (firm < 0 || !slots.includes(firm)) continue;
      const { slot, name } = world.firms[firm], place = plan.places[slot];
      if (!place) continue;
      const text = name.length > 22 ? name.slice(0, 21) + "…" : name, long = context.measureText(text).width;
      const radius = this.size(world.frames[month].r[slot] || 0) + 4;
      const x = place.x + radius + long > width ? place.x - radius - long : place.x + radius;
      context.strokeStyle = colours.paper; context.fillStyle = colours.ink;
      context.strokeText(text, Math.max(2, x), place.y - 3); context.fillText(text, Math.max(2, x), place.y - 3);
    }
  }

  // What is drawn at a point: a hub before a firm.
  at(event) {
    if (!this.world || !this.plan) return null;
    const box = this.canvas.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
    const hub = this.hubs.find(one => Math.hypot(one.x - x, one.y - y) < 6);
    if (hub) return { alliance: hub.number, letter: this.letter };
    const month = this.app.month, slots = this.world.months[month].slots;
    let found = null, nearest = 14;
    slots.forEach((firm, slot) => {
      const place = this.plan.places[slot];
      if (!place) return;
      const away = Math.hypot(place.x - x, place.y - y) - this.size(this.world.frames[month].r[slot] || 0);
      if (away < Math.min(nearest, 6)) { nearest = away; found = { firm, letter: this.letter }; }
    });
    return found;
  }

  click(event) { this.app.choose(this.at(event)); }

  hover(event) {
    const found = this.at(event);
    this.canvas.style.cursor = found ? "pointer" : "default";
    this.app.tip(found && this.app.inBrief(found), event.clientX, event.clientY);
  }
}

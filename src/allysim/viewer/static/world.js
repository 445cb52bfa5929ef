// A world: what a film says, month by month, and who is where at the end of each.
"use strict";

class World {
  constructor(head, letter) {
    this.head = head; this.letter = letter;
    this.firms = []; this.alliances = new Map(); this.frames = []; this.months = [];
    for (const frame of head.frames || []) this.push(frame);
  }

  get last() { return this.frames.length - 1; }

  // Take the frame of the next month.
  push(frame) {
    const before = this.months[this.months.length - 1];
    const slots = before ? before.slots.slice() : [];
    for (const [slot, name, segment, large, focal] of frame.n) {
      slots[slot] = this.firms.length;
      this.firms.push({ slot, name, segment, large: !!large, focal: !!focal, from: frame.m, to: Infinity });
      if (before && before.slots[slot] !== undefined) this.firms[before.slots[slot]].to = frame.m - 1;
    }
    for (const [number, type, founded, name] of frame.a)
      this.alliances.set(number, { number, type, founded, name, ever: new Set() });
    const members = new Map(before ? before.members : []);
    const moved = new Set();
    const own = number => {
      if (!moved.has(number)) { members.set(number, new Set(members.get(number) || [])); moved.add(number); }
      return members.get(number);
    };
    for (const [number, firm] of frame.j) { own(number).add(firm); this.alliances.get(number).ever.add(firm); }
    for (const [number, firm] of frame.l) own(number).delete(firm);
    const living = new Map(frame.t.map(([number, stage, trust]) => [number, { stage, trust }]));
    for (const number of members.keys()) if (!living.has(number)) members.delete(number);
    this.frames.push(frame);
    this.months.push({ slots, members, living });
  }

  // The value of a key figure by month, null where there is none.
  path(group, kpi) {
    return this.frames.map(frame => { const row = frame.k[group]; return row ? row[kpi] : null; });
  }

  partners(month, firm) {
    return [...this.months[month].members].filter(([, who]) => who.has(firm)).map(([number]) => number);
  }

  called(number) {
    const alliance = this.alliances.get(number);
    return alliance && alliance.name ? alliance.name : `Alliance ${number}`;
  }

  // Events of a firm or an alliance up to a month.
  course(month, chosen) {
    const told = [];
    for (let m = 0; m <= month; m++)
      for (const event of this.frames[m].e)
        if (chosen.alliance !== undefined ? event[2] === chosen.alliance : this.touches(m, event, chosen.firm))
          told.push([m, event]);
    return told;
  }

  touches(month, event, firm) {
    if (event[3].includes(firm)) return true;
    if (event[2] < 0) return false;
    const now = this.months[month].members.get(event[2]);
    const before = month > 0 ? this.months[month - 1].members.get(event[2]) : undefined;
    return !!((now && now.has(firm)) || (before && before.has(firm)));
  }

  // Whether something happened to a firm under study, or in an alliance with one, where they are not all firms.
  studied(month, event) {
    if (event[3].some(firm => this.firms[firm].focal)) return true;
    return event[2] >= 0 && [...this.alliances.get(event[2]).ever].some(firm => this.firms[firm].focal);
  }

  find(name) {
    const asked = name.trim().toLowerCase();
    const firm = this.firms.findIndex(one => one.name.toLowerCase() === asked);
    if (firm >= 0) return { firm };
    for (const number of this.alliances.keys())
      if (this.called(number).toLowerCase() === asked || `alliance ${number}` === asked) return { alliance: number };
    return null;
  }
}

// Numbers as the pages of allysim write them: a true minus sign, thin groups of thousands.
function shown(value, digits = 3) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "n/a";
  if (value === 0) return "0";
  const places = Math.max(0, Math.min(4, digits - 1 - Math.floor(Math.log10(Math.abs(value)))));
  let text = Math.abs(value).toFixed(places);
  if (text.includes(".")) text = text.replace(/\.?0+$/, "");
  const [whole, part] = text.split(".");
  text = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f") + (part ? "." + part : "");
  return (value < 0 && /[1-9]/.test(text) ? "\u2212" : "") + text;
}
function signed(value, digits = 3) { return (value > 0 ? "+" : "") + shown(value, digits); }
function several(count, one) { return `${shown(count)} ${one}${count === 1 ? "" : "s"}`; }
function capital(text) { return text.charAt(0).toUpperCase() + text.slice(1); }

// An element with text and attributes; text is never read as HTML.
function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(options)) {
    if (key === "text") element.textContent = value;
    else if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

// A canvas sized to its box at the screen's resolution; returns its context in CSS pixels.
function fitted(canvas) {
  const ratio = window.devicePixelRatio || 1, width = canvas.clientWidth, height = canvas.clientHeight;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio); canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

// Colours of the page as it is now, light or dark.
function palette(element) {
  const style = getComputedStyle(element), colours = {};
  for (const name of ["paper", "ink", "grey", "line", "pale", "good", "bad", "c0", "c1", "c2", "c3", "c4", "c5", "a", "b"])
    colours[name] = style.getPropertyValue("--" + name).trim();
  return colours;
}

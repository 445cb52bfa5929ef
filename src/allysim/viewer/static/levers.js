// What can be set: presets, and every value with its unit, range and tag; what is changed waits to be started or forked.
"use strict";

const GROUP_LABELS = { scenario: "Scenario", strategy: "Strategy of the firms under study", "background.strategy": "Strategy of all others",
  governance: "Governance", ip_protection: "Protection of know-how", data_sharing: "Sharing of data" };
const NUMBERS = { "firms.n": "Firms", months: "Months", seed: "Seed" };
const MOST_FOUND = 40;

class Levers {
  constructor(listed, live) {
    this.listed = listed; this.live = live; this.changed = {};
    this.byKey = Object.fromEntries(listed.parameters.map(one => [one.key, one]));
    this.presets();
    live.part("search").addEventListener("input", () => this.list());
    live.part("drawer").addEventListener("toggle", () => this.list());
  }

  // The value of a key in a world, by its settings and moves, else as the server was started, or by default.
  value(key, spec = this.live.state.a) {
    const group = this.listed.groups[key], one = this.byKey[key];
    let value = group ? (spec.plain ? group.default : group.chosen) : one && (spec.plain ? one.default : one.value);
    for (const settings of [spec.settings, ...spec.moves.map(move => move[1])]) if (settings[key] !== undefined) value = settings[key];
    return value;
  }

  now(key) {
    if (this.changed[key] !== undefined) return this.changed[key];
    return key === "seed" ? this.live.state.seed : this.value(key);
  }

  set(key, value) {
    const same = JSON.stringify(value) === JSON.stringify(key === "seed" ? this.live.state.seed : this.value(key));
    if (same) delete this.changed[key]; else this.changed[key] = value;
    this.refresh(key);
  }

  draft() {
    const { seed, ...settings } = this.changed;
    return { settings, seed };
  }

  clear() { this.changed = {}; }

  presets() {
    const form = this.live.part("presets");
    this.fields = {};
    for (const [group, { presets }] of Object.entries(this.listed.groups)) {
      const select = make("select", { onchange: () => this.set(group, select.value) },
        ...Object.entries(presets).map(([value, about]) => make("option", { value, text: value, title: about })));
      this.fields[group] = select;
      form.append(make("label", { text: GROUP_LABELS[group] || group }, select));
    }
    const pair = make("div", { class: "pair" });
    for (const [key, label] of Object.entries(NUMBERS)) {
      const input = make("input", { type: "number", min: 1, step: 1, onchange: () => this.set(key, Math.round(Number(input.value))) });
      this.fields[key] = input;
      pair.append(make("label", { text: label }, input));
    }
    form.append(pair);
    form.addEventListener("submit", event => event.preventDefault());
  }

  // Show what is set and what is changed.
  refresh(but) {
    for (const [key, field] of Object.entries(this.fields)) if (key !== but) { const value = this.now(key); if (value !== null) field.value = value; }
    const keys = Object.keys(this.changed), box = this.live.part("moved");
    this.live.part("moved-box").hidden = !keys.length;
    box.replaceChildren(...keys.map(key => make("li", {}, make("span", { text: `${key}=${this.changed[key]}` }),
      make("button", { type: "button", text: "×", "aria-label": `Take back ${key}`, onclick: () => { delete this.changed[key]; this.refresh(); this.list(); } }))));
    const month = this.live.viewer.month, fixed = keys.filter(key => !this.canMove(key));
    const fork = this.live.part("fork");
    fork.disabled = !keys.length || keys.includes("seed") || (month > 0 && fixed.length > 0);
    fork.textContent = month > 0 ? `Fork at month ${month}` : "Fork at month 0";
    this.live.part("hint").textContent = !keys.length ? "Move a lever, then fork: a second world goes on from this month with it, on the same luck."
      : keys.includes("seed") ? "Another seed is another luck: start anew with it."
        : month > 0 && fixed.length ? `${fixed.join(", ")} shapes month 0: start anew, or fork at month 0.`
          : "Start anew puts it into a new world; fork sets a second one beside this.";
  }

  canMove(key) { return this.listed.groups[key] ? true : !!(this.byKey[key] && this.byKey[key].moves); }

  list() {
    if (!this.live.part("drawer").open) return;
    const asked = this.live.part("search").value.trim().toLowerCase(), box = this.live.part("levers");
    if (asked) {
      const words = asked.split(/\s+/);
      const found = this.listed.parameters.filter(one => words.every(word => `${one.key} ${one.about} ${one.source}`.toLowerCase().includes(word)));
      box.replaceChildren(...found.slice(0, MOST_FOUND).map(one => this.lever(one)),
        make("p", { class: "about", text: found.length > MOST_FOUND ? `${found.length - MOST_FOUND} more: say more of what you look for.` : found.length ? "" : "Nothing is called that." }));
      return;
    }
    const sections = [...new Set(this.listed.parameters.map(one => one.section))];
    box.replaceChildren(...sections.map(section => {
      const details = make("details", {}, make("summary", { text: section }));
      details.addEventListener("toggle", () => {
        if (details.open && details.children.length === 1)
          details.append(make("p", { class: "about", text: this.listed.sections[section] || "" }),
            ...this.listed.parameters.filter(one => one.section === section).map(one => this.lever(one)));
      });
      return details;
    }));
  }

  lever(one) {
    const changed = value => { this.set(one.key, value); box.classList.toggle("moved", this.changed[one.key] !== undefined); };
    const swept = one.tag === "A" && one.low !== null;
    const tag = make("span", { class: "tag", text: one.tag, title: this.listed.tags[one.tag] });
    const box = make("div", { class: `lever${this.changed[one.key] !== undefined ? " moved" : ""}` },
      make("div", {}, make("span", { class: "key", text: one.key }), " ", tag),
      this.control(one, changed),
      make("div", { class: "about", text: [one.about, one.unit && `in ${one.unit}`, swept && `swept from ${shown(one.low)} to ${shown(one.high)}`,
        !one.moves && "shapes month 0 only"].filter(Boolean).join("; ") }));
    return box;
  }

  control(one, changed) {
    const now = this.now(one.key), label = one.key;
    if (one.type === "bool") {
      const input = make("input", { type: "checkbox", "aria-label": label, onchange: () => changed(input.checked) });
      input.checked = now;
      return make("div", {}, input);
    }
    if (one.type === "tuple") {
      const inputs = (one.allowed || []).map(value => { const input = make("input", { type: "checkbox", value, onchange: take }); input.checked = (now || []).includes(value); return input; });
      function take() { changed(inputs.filter(input => input.checked).map(input => input.value)); }
      return make("div", { role: "group", "aria-label": label }, ...inputs.map(input => make("label", {}, input, ` ${input.value} `)));
    }
    if (one.type === "str") {
      const values = [...(one.optional ? [""] : []), ...(one.allowed || [])];
      if (!one.allowed) return make("div", { class: "about", text: String(now) });
      const select = make("select", { "aria-label": label, onchange: () => changed(select.value || null) }, ...values.map(value => make("option", { value, text: value || "none" })));
      select.value = now === null ? "" : now;
      return select;
    }
    const [least, most] = one.allowed || [null, null], whole = one.type === "int";
    const low = one.low !== null ? one.low : least !== null ? least : 0;
    const high = one.high !== null ? one.high : Math.min(most === null ? Infinity : most, Math.max(2 * Math.abs(now || 0), low + 1));
    const number = make("input", { type: "number", min: least, max: most, step: whole ? 1 : "any", value: now, "aria-label": `${label}, number`, onchange: () => both(number.value) });
    const slider = make("input", { type: "range", min: Math.min(low, now), max: Math.max(high, now), step: whole ? 1 : (high - low) / 200, value: now, "aria-label": label, oninput: () => both(slider.value) });
    function both(text) {
      if (text === "") { if (one.optional) changed(null); return; }
      const value = whole ? Math.round(Number(text)) : Number(Number(text).toPrecision(6));
      number.value = value; slider.value = value;
      changed(value);
    }
    return make("div", { class: "row" }, slider, number);
  }
}

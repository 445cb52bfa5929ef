// The viewer itself: one clock for both worlds, controls, keyboard, what is chosen, and what a screen reader is told.
"use strict";

const SPEEDS = [1, 2, 4, 8, 16];
const MOTION = window.matchMedia("(prefers-reduced-motion: reduce)");

class Viewer {
  constructor(root) {
    this.root = root; this.worlds = {}; this.names = {}; this.bands = null; this.chosen = null; this.source = null;
    this.moment = 0; this.playing = false; this.forked = 0; this.drawn = 0;
    this.canvases = { a: this.part("network-a"), b: this.part("network-b") };
    this.networks = { a: new Network(this.canvases.a, this, "a"), b: new Network(this.canvases.b, this, "b") };
    this.story = new Story(this, this.part("feed-box"));
    for (const [name, action] of [["first", () => this.to(0)], ["back", () => this.step(-1)], ["play", () => this.toggle()],
      ["forward", () => this.step(1)]]) this.part(name).addEventListener("click", action);
    this.part("scrub").addEventListener("input", event => { this.pause(); this.to(Number(event.target.value)); });
    for (const name of ["kpi", "group"]) this.part(name).addEventListener("change", () => this.touch());
    this.part("find").addEventListener("change", event => this.look(event.target));
    root.addEventListener("keydown", event => this.key(event));
    this.media = window.matchMedia("(prefers-color-scheme: dark)");
    this.media.addEventListener("change", () => this.recolour());
    window.addEventListener("beforeprint", () => { this.recolour(true); this.still(); });
    window.addEventListener("afterprint", () => this.recolour());
    if (window.ResizeObserver) new ResizeObserver(() => this.touch()).observe(root);
    this.recolour();
    const turn = time => { this.turn(time); requestAnimationFrame(turn); };
    requestAnimationFrame(turn);
  }

  part(name) { return this.root.querySelector(`[data-part="${name}"]`); }
  letters() { return ["a", "b"].filter(letter => this.worlds[letter]); }
  name(letter) { return this.names[letter]; }
  get month() { return Math.floor(this.moment + 1e-9); }
  get months() { return this.worlds.a ? this.worlds.a.head.months : 0; }
  get last() { return Math.min(...this.letters().map(letter => this.worlds[letter].last)); }
  get speed() { return SPEEDS[Number(this.part("speed").value)]; }

  // Show worlds by letter, with names; what was chosen and the month stay where they still exist.
  show(worlds, names, { bands = null, forked = 0 } = {}) {
    this.worlds = worlds; this.names = names; this.bands = bands; this.forked = forked;
    if (this.chosen && !worlds[this.chosen.letter]) this.chosen = null;
    this.moment = Math.max(0, Math.min(this.moment, this.last));
    const head = worlds.a.head, kpi = this.part("kpi"), group = this.part("group");
    if (kpi.options.length !== head.kpis.length)
      kpi.replaceChildren(...head.kpis.map((one, k) => make("option", { value: k, text: one.label })));
    if (group.options.length !== head.groups.length)
      group.replaceChildren(...head.groups.map((one, k) => make("option", { value: k, text: one === "focal" ? "firms under study" : "all firms" })));
    this.part("scrub").max = this.months;
    for (const letter of ["a", "b"]) {
      this.part(`world-${letter}`).hidden = !worlds[letter];
      if (worlds[letter]) this.part(`name-${letter}`).textContent = names[letter];
    }
    this.root.classList.toggle("two", !!worlds.b);
    this.part("difference").hidden = !worlds.b;
    this.part("legend").replaceChildren(...head.type_labels.map((text, k) => make("span", { class: "key", style: `--of: var(--${TYPE_COLOURS[k]})`, text })),
    make("span", { class: "key note", text: "wider and darker: more trust; dashed: a pilot; discs: firms by revenue, those under study filled; ringed: entered in the place of a firm that left" }));
    this.offer();
    this.touch();
  }

  // Offer the names of firms and living alliances to look up.
  offer() {
    const names = new Set();
    for (const letter of this.letters()) {
      for (const firm of this.worlds[letter].firms) names.add(firm.name);
      for (const number of this.worlds[letter].months[Math.min(this.month, this.worlds[letter].last)].members.keys())
        names.add(this.worlds[letter].called(number));
    }
    this.part("names").replaceChildren(...[...names].map(value => make("option", { value })));
  }

  turn(time) {
    const passed = Math.min(.25, (time - (this.before || time)) / 1000);
    this.before = time;
    if (!this.worlds.a) return;
    if (this.playing) {
      const wanted = this.moment + passed * this.speed;
      if (this.source && this.source.need) this.source.need(Math.ceil(wanted + this.speed));
      this.moment = Math.min(wanted, this.last);
      if (this.moment >= this.months) this.pause();
    }
    const still = MOTION.matches || !this.playing, at = still ? this.month : this.moment;
    const key = `${at}|${this.last}|${this.stamp}`;
    if (key !== this.drawnKey) {
      this.drawnKey = key; this.drawn++;
      for (const letter of this.letters()) this.networks[letter].draw(at);
      this.panels();
    }
  }

  // Draw what changes with the month only.
  panels() {
    const key = `${this.month}|${this.stamp}`;
    if (key === this.panelKey) return;
    this.panelKey = key;
    const scrub = this.part("scrub");
    scrub.value = this.month;
    scrub.setAttribute("aria-valuetext", `month ${this.month}`);
    this.part("month").textContent = `Month ${this.month} of ${this.months}`;
    for (const letter of this.letters()) {
      const state = this.worlds[letter].months[Math.min(this.month, this.worlds[letter].last)];
      this.part(`count-${letter}`).textContent = several(state.members.size, "alliance");
    }
    this.charts();
    this.story.draw();
    if (!this.playing) this.summarise();
    if (this.onmonth) this.onmonth(this.month);
  }

  charts() {
    const k = Number(this.part("kpi").value), g = Number(this.part("group").value), kpi = this.worlds.a.head.kpis[k];
    const month = this.month, letters = this.letters(), colours = this.colours;
    const paths = Object.fromEntries(letters.map(letter => [letter, this.worlds[letter].path(g, k)]));
    const bands = this.bandOf(g, kpi.key), from = this.forked;
    const cut = values => values.slice(0, month + 1).map((value, m) => value === null ? NaN : value);
    const start = letter => letter === "b" && from ? cut(paths.b).map((value, m) => m < from ? NaN : value) : cut(paths[letter]);
    drawChart(this.part("chart"), colours, {
      months: this.months, title: `${kpi.label}`, unit: kpi.unit, zero: false, forked: from, range: letters.flatMap(letter => paths[letter]),
      lines: letters.map(letter => ({ name: letters.length > 1 ? letter.toUpperCase() : shown(paths[letter][month]), colour: colours[letter],
        values: start(letter), faint: true, until: month, band: bands && bands[letter] ? [bands[letter].low, bands[letter].high] : null })),
    });
    this.part("note").textContent = this.verdict(g, kpi, month);
    this.part("reading").textContent = !bands ? "" : this.worlds.b ?
      `Bands, of ${bands.n} lucks: light, the middle 80 % of them; dark, the 95 % interval of the mean difference.` :
      `Band: the middle 80 % of ${bands.n} lucks.`;
    if (!this.worlds.b) return;
    const gap = paths.b.map((value, m) => value === null || paths.a[m] === null || paths.a[m] === undefined ? NaN : value - paths.a[m]);
    const lines = [{ name: "this luck", colour: bands ? colours.grey : colours.b, thin: !!bands, values: gap.slice(0, month + 1) }];
    if (bands) {
      const d = bands.d;
      lines.unshift({ name: "", colour: colours.b, values: [], band: [d.low, d.high], until: month, faint: true },
        { name: "mean", colour: colours.b, values: d.mean.slice(0, month + 1), band: [d.sure_low, d.sure_high], until: month });
    }
    drawChart(this.part("difference"), colours, { months: this.months, title: `B less A: ${kpi.label.charAt(0).toLowerCase()}${kpi.label.slice(1)}`,
      unit: kpi.unit,
      zero: true, forked: from, range: gap, lines });
  }

  bandOf(g, key) {
    if (!this.bands) return null;
    const group = this.worlds.a.head.groups[g], found = this.bands.figures[`${group}.${key}`];
    return found ? { ...found, n: this.bands.n } : null;
  }

  // What can be said of the difference in a month, and how sure that is.
  verdict(g, kpi, month) {
    const bands = this.bandOf(g, kpi.key), two = !!this.worlds.b;
    if (!bands || !bands.d) return two ? "One luck proves nothing: other luck may turn the difference round." : "";
    if (!month || month >= bands.d.mean.length || (this.forked && month <= this.forked)) return "";
    const { mean, sure_low: low, sure_high: high, above } = bands.d;
    const found = `B less A ${signed(mean[month])} ${kpi.unit} on average (95 % interval ${signed(low[month])} to ${signed(high[month])}), above 0 in ${above[month]} of ${bands.n}`;
    if (low[month] <= 0 && high[month] >= 0) return `Month ${month}, ${bands.n} lucks: no clear difference. ${found}.`;
    return `Month ${month}, ${bands.n} lucks: ${found}.`;
  }

  // A paragraph for those who do not see the pictures, worked out when the clock stands.
  summarise() {
    const k = Number(this.part("kpi").value), g = Number(this.part("group").value), kpi = this.worlds.a.head.kpis[k];
    const told = this.letters().map(letter => {
      const world = this.worlds[letter], state = world.months[Math.min(this.month, world.last)], count = [0, 0, 0, 0];
      for (const number of state.members.keys()) count[world.alliances.get(number).type % 4]++;
      const kinds = count.map((many, type) => many ? `${many} ${world.head.type_labels[type]}` : "").filter(Boolean);
      const value = world.path(g, k)[this.month];
      return `${this.letters().length > 1 ? `World ${letter.toUpperCase()}, ${this.names[letter]}` : this.names[letter]}: ${several(state.members.size, "alliance")}` +
        `${kinds.length ? ` (${kinds.join(", ")})` : ""}; ${kpi.label.toLowerCase()} ${shown(value)} ${kpi.unit}.`;
    });
    this.part("summary").textContent = `Month ${this.month} of ${this.months}. ${told.join(" ")}`;
  }

  play() {
    if (!this.worlds.a) return;
    if (this.moment >= this.months) this.moment = 0;
    this.playing = true; this.button();
  }
  pause() { if (this.playing) { this.playing = false; this.moment = this.month; this.button(); this.touch(); } }
  toggle() { this.playing ? this.pause() : this.play(); }
  button() {
    const button = this.part("play");
    button.classList.toggle("playing", this.playing);
    button.setAttribute("aria-label", this.playing ? "Pause" : "Play");
  }
  step(by) { this.pause(); this.to(this.month + by); }
  to(month) {
    const wanted = Math.max(0, Math.min(this.months, month));
    if (this.source && this.source.need && wanted > this.last) this.source.need(wanted, () => this.to(wanted));
    this.moment = Math.min(wanted, this.last);
    this.touch();
  }

  key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const tag = event.target.tagName;
    if (event.key === "Escape" && this.chosen) { this.choose(null); return; }
    if (["INPUT", "SELECT", "TEXTAREA"].includes(tag) && event.target.type !== "checkbox") return;
    const does = { " ": () => this.toggle(), ArrowRight: () => this.step(1), ArrowLeft: () => this.step(-1), Home: () => this.to(0),
      End: () => this.to(this.months), "+": () => this.faster(1), "-": () => this.faster(-1) }[event.key];
    if (!does || (event.key === " " && tag === "BUTTON")) return;
    event.preventDefault();
    does();
  }

  faster(by) {
    const speed = this.part("speed");
    speed.value = Math.max(0, Math.min(SPEEDS.length - 1, Number(speed.value) + by));
  }

  choose(chosen) {
    if (JSON.stringify(chosen) === JSON.stringify(this.chosen)) return;
    this.chosen = chosen;
    this.touch();
  }

  look(input) {
    const name = input.value;
    for (const letter of this.letters()) {
      const found = this.worlds[letter].find(name);
      if (found) { input.value = ""; input.setCustomValidity(""); this.choose({ ...found, letter }); return; }
    }
    input.setCustomValidity(name ? `There is no firm or alliance called ${name}.` : "");
    input.reportValidity();
  }

  inBrief(found) {
    const world = this.worlds[found.letter], month = Math.min(this.month, world.last);
    if (found.alliance !== undefined) {
      const { trust, stage } = world.months[month].living.get(found.alliance) || {};
      return `${world.called(found.alliance)}: ${several(world.months[month].members.get(found.alliance).size, "member")}, ${world.head.stages[stage]}, trust ${trust} of 100`;
    }
    const firm = world.firms[found.firm];
    return `${firm.name}: revenue ${shown(world.frames[month].r[firm.slot])} k€ a month`;
  }

  tip(text, x, y) {
    const tip = this.part("tip");
    tip.hidden = !text;
    if (!text) return;
    tip.textContent = text;
    tip.style.left = `${Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${y + 16}px`;
  }

  recolour() { this.colours = palette(this.root); this.touch(); }

  // For print, draw the month of data-still beside the one that is shown.
  still() {
    if (!("still" in this.root.dataset) || !this.worlds.a) return;
    for (const letter of this.letters()) {
      const from = this.canvases[letter], to = this.part(`still-${letter}`), network = this.networks[letter];
      network.draw(Number(this.root.dataset.still));
      to.width = from.width; to.height = from.height;
      to.getContext("2d").drawImage(from, 0, 0);
      network.draw(this.month);
    }
  }

  // Something but the clock changed: draw all anew.
  touch() { this.stamp = (this.stamp || 0) + 1; }
}

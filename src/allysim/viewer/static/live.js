// The live page: a connection that drives the worlds of this tab, forks, lucks, downloads, and its state in the address.
"use strict";

const AHEAD_MONTHS = 12, TABS = ["worlds", "lessons"];

// A world as the server takes it, without what it is called here.
function bare(spec) { return spec ? { settings: spec.settings, moves: spec.moves, plain: spec.plain } : undefined; }

// A sentence with a capital, but where it begins with a key.
function begun(text) { return /^\S*[.=]\S/.test(text) ? text : capital(text); }

// The world that the server was started with.
function blank() { return { a: { settings: {}, moves: [] }, b: null, seed: null }; }

class Live {
  constructor() {
    this.viewer = document.querySelector(".viewer").viewer = new Viewer(document.querySelector(".viewer"));
    this.viewer.source = this;
    this.state = blank();
    this.names = {}; this.asked = {}; this.waiting = [];
    this.status = this.part("status");
    for (const [name, action] of [["restart", () => this.restart()], ["fork", () => this.fork()], ["keep", () => this.keep()],
      ["drop", () => this.drop()], ["lucks", () => this.lucks(20)], ["config", () => this.download("config")], ["tables", () => this.download("tables")]])
      this.part(name).addEventListener("click", action);
    for (const button of document.querySelectorAll("nav [data-tab]")) button.addEventListener("click", () => this.tab(button.dataset.tab));
    this.viewer.onmonth = () => this.remember();
    this.begin();
  }

  part(name) { return document.querySelector(`[data-live="${name}"]`); }

  async begin() {
    try {
      const [levers, lessons] = await Promise.all(["levers", "lessons"].map(async name => (await fetch(name)).json()));
      this.levers = new Levers(levers, this);
      this.lessons = new Lessons(lessons, this);
    } catch (problem) { this.say("The server does not answer: start it again and reload.", true); return; }
    this.recall();
    this.connect();
  }

  say(text, bad = false) { this.status.textContent = text; this.status.classList.toggle("bad", bad); }

  connect() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    this.socket = new WebSocket(`${scheme}://${location.host}/worlds`);
    this.socket.onmessage = event => this.hear(JSON.parse(event.data));
    this.socket.onclose = event => {
      this.viewer.pause();
      this.say(`${capital(event.reason || "the connection was closed")}. Reload the page to go on.`, true);
    };
  }

  send(message) { if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message)); }

  hear(message) {
    ({ status: () => this.say(message.text), ready: () => this.start(), error: () => this.refused(message.text), world: () => this.world(message),
      months: () => this.months(message), lucks: () => this.luck(message) })[message.type]();
  }

  refused(text) {
    this.asked = {};
    this.waiting = [];
    if (this.before) { this.state = this.before; this.before = null; if (this.lessons.open) this.lessons.leave(); }
    this.part("progress").hidden = true; this.part("lucks").disabled = false;
    if (!this.worlds && location.hash) { history.replaceState(null, "", location.pathname); this.state = blank(); this.start(); }
    this.say(`${begun(text)}.`, true);
    this.levers.refresh();
  }

  // Ask for the worlds of a state; what is shown stays until they come.
  start(state = this.state, month = this.recalled || 0) {
    this.before = this.worlds ? this.state : null;
    this.state = state; this.wanted = month; this.recalled = 0; this.asked = {}; this.coming = {};
    this.viewer.pause();
    this.part("progress").hidden = true; this.part("lucks").disabled = false;
    this.send({ do: "worlds", a: bare(state.a), b: bare(state.b), seed: state.seed === null ? undefined : state.seed });
    if (this.same(state)) this.world({ world: "a", kept: true });
  }

  // Whether the first world asked for is the one that is shown, which the server then keeps.
  same(state) { return !!this.worlds && this.key === this.keyOf(state); }
  keyOf(state) { return JSON.stringify([bare(state.a), state.seed]); }

  world(message) {
    const letter = message.world;
    if (message.kept) this.coming.a = this.worlds.a;
    else {
      const head = { ...message.head, frames: message.frames };
      this.coming[letter] = letter === "b" && message.shared
        ? new World({ ...head, frames: this.coming.a.frames.slice(0, message.shared + 1) }, "b") : new World(head, letter);
      this.shared = message.shared;
      if (this.state.seed === null) this.state.seed = message.head.seed;
    }
    if (this.state.b && !this.coming.b) return;
    this.worlds = this.coming; this.before = null;
    this.key = this.keyOf(this.state);
    this.names = { a: this.named(this.state.a), b: this.state.b && (this.state.b.name || this.changes()) };
    const forked = this.worlds.b && this.shared ? this.shared : 0;
    this.viewer.show(this.worlds, this.names, { forked });
    this.viewer.to(Math.min(this.wanted || 0, this.viewer.months));
    this.say(`${this.viewer.months} months, seed ${this.state.seed}.`);
    for (const name of ["keep", "drop"]) this.part(name).hidden = !this.state.b;
    this.part("which").options[1].disabled = !this.state.b;
    if (!this.state.b) this.part("which").value = "a";
    this.levers.refresh();
    this.remember();
    for (const wait of this.waiting.splice(0)) wait();
  }

  named(spec) {
    if (spec.name) return spec.name;
    const now = key => this.levers.value(key, spec);
    return `${now("strategy")} under ${now("scenario")}` + (spec.moves.length ? ", moved on the way" : "");
  }

  changes() {
    const { a, b } = this.state, told = ([key, value]) => `${key}=${Array.isArray(value) ? `[${value}]` : value}`;
    if (b.moves.length > a.moves.length) {
      const [month, levers] = b.moves[b.moves.length - 1];
      const groups = this.levers.listed.groups, first = Object.entries(levers).sort(([one], [other]) => !groups[one] - !groups[other]);
      return `${first.map(told).join(", ")} from month ${month + 1} on`;
    }
    const changed = Object.entries(b.settings).filter(([key, value]) => JSON.stringify(a.settings[key]) !== JSON.stringify(value));
    return changed.map(told).join(", ") || "the same";
  }

  months(message) {
    const world = (this.coming && this.coming[message.world]) || this.worlds[message.world];
    for (const frame of message.frames) if (frame.m === world.last + 1) world.push(frame);
    if (this.asked[message.world] !== undefined && world.last >= this.asked[message.world]) delete this.asked[message.world];
    if (this.then && this.viewer.last >= this.then.month) { const { does } = this.then; this.then = null; does(); }
    this.viewer.touch();
  }

  // Have months until one, and a little ahead; `does` is done when they are there.
  need(until, does) {
    if (!this.worlds) return;
    const most = this.viewer.months, wanted = Math.min(most, until);
    if (does) this.then = { month: wanted, does };
    for (const letter of Object.keys(this.worlds)) {
      const world = this.worlds[letter];
      if (this.asked[letter] !== undefined || world.last >= wanted) continue;
      this.asked[letter] = Math.min(most, Math.max(wanted, world.last + AHEAD_MONTHS));
      this.send({ do: "months", world: letter, until: this.asked[letter] });
    }
  }

  restart() {
    const { settings, seed } = this.levers.draft();
    const a = { ...this.state.a, settings: { ...this.state.a.settings, ...settings }, moves: [], name: undefined };
    this.levers.clear();
    this.start({ a, b: null, seed: seed === undefined ? this.state.seed : seed }, 0);
  }

  fork() {
    const { settings } = this.levers.draft(), month = this.viewer.month, a = this.state.a;
    const kept = a.moves.filter(([when]) => when < month), here = a.moves.filter(([when]) => when === month);
    const b = month === 0 ? { ...a, name: undefined, settings: { ...a.settings, ...settings }, moves: [] }
      : { ...a, name: undefined, moves: [...kept, [month, { ...(here.length ? here[0][1] : {}), ...settings }]] };
    this.levers.clear();
    this.start({ a, b, seed: this.state.seed }, month);
  }

  keep() { this.start({ a: { ...this.state.b, name: undefined }, b: null, seed: this.state.seed }, this.viewer.month); }
  drop() { this.start({ a: this.state.a, b: null, seed: this.state.seed }, this.viewer.month); }

  lucks(n) {
    const progress = this.part("progress");
    progress.max = n; progress.value = 0; progress.hidden = false;
    this.part("lucks").disabled = true;
    this.say(`Running ${n} other lucks …`);
    this.send({ do: "lucks", n });
  }

  luck({ done, of, bands }) {
    this.part("progress").value = done;
    if (!bands) return;
    this.part("progress").hidden = true; this.part("lucks").disabled = false;
    this.viewer.bands = bands;
    this.viewer.touch();
    this.say(`The bands are of ${of} lucks: seeds ${this.state.seed} to ${this.state.seed + of - 1}.`);
    if (this.lessons.open) this.lessons.banded();
  }

  async download(what) {
    const spec = this.state[this.part("which").value];
    this.say(what === "tables" ? "Running it to the end …" : "…");
    const answer = await fetch(what, { method: "POST", body: JSON.stringify({ world: bare(spec), seed: this.state.seed }) });
    if (!answer.ok) { this.say(`${begun((await answer.text()).trim())}.`, true); return; }
    const link = make("a", { href: URL.createObjectURL(await answer.blob()), download: what === "config" ? "world.yaml" : "world.zip" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    this.say(what === "config" ? "world.yaml is saved: allysim run --config world.yaml runs it again." : "world.zip is saved: its tables as CSV, with its configuration.");
  }

  tab(name) {
    for (const one of TABS) {
      document.querySelector(`[data-panel="${one}"]`).hidden = one !== name;
      document.querySelector(`[data-tab="${one}"]`).setAttribute("aria-pressed", one === name);
    }
    document.body.classList.toggle("teaching", name === "lessons");
    this.viewer.touch();
  }

  // The address says what is shown, so that it can be kept, sent and reloaded.
  remember() {
    if (!this.worlds) return;
    const parts = new URLSearchParams({ seed: this.state.seed, month: this.viewer.month, a: JSON.stringify(bare(this.state.a)) });
    if (this.state.b) parts.set("b", JSON.stringify(bare(this.state.b)));
    clearTimeout(this.noting);
    this.noting = setTimeout(() => history.replaceState(null, "", `#${parts}`), 250);
  }

  recall() {
    const parts = new URLSearchParams(location.hash.slice(1));
    try {
      for (const letter of ["a", "b"]) if (parts.get(letter)) {
        const { settings, moves, plain } = JSON.parse(parts.get(letter));
        this.state[letter] = { settings: settings || {}, moves: moves || [], plain };
      }
      const seed = Number(parts.get("seed"));
      if (parts.get("seed") !== null && Number.isInteger(seed)) this.state.seed = seed;
      this.recalled = Number(parts.get("month")) || 0;
    } catch (problem) { this.state = blank(); }
  }
}

document.addEventListener("DOMContentLoaded", () => { window.live = new Live(); });

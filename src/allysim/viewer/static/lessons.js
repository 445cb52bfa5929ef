// Lessons inside the page: predict, see one luck, see many, compare, and learn why.
"use strict";

const STEPS = ["Predict", "One luck", "Many lucks", "Why", "Question"];

class Lessons {
  constructor(listed, live) {
    this.listed = listed; this.live = live; this.open = null;
    live.part("lessons").append(...listed.map((lesson, k) => make("li", {},
      make("button", { type: "button", text: `${k + 1}. ${lesson.title}`, onclick: () => this.begin(lesson) }),
      make("a", { href: `sheets/${lesson.name}`, target: "_blank", text: "sheet for the teacher" }))));
    this.box = live.part("lesson");
  }

  begin(lesson) {
    this.open = lesson; this.step = 0; this.guess = null;
    const { a, b } = lesson.worlds;
    this.live.levers.clear();
    this.live.start({ a, b, seed: lesson.seed }, 0);
    this.live.waiting.push(() => this.point());
    this.live.part("lessons").hidden = true;
    this.box.hidden = false;
    this.draw();
  }

  leave() {
    this.open = null;
    this.live.part("lessons").hidden = false;
    this.box.hidden = true;
  }

  // Show the figure that the lesson is about.
  point(figure = this.open.figure) {
    const [group, kpi] = figure.split("."), head = this.live.viewer.worlds.a.head;
    this.live.viewer.part("kpi").value = head.kpis.findIndex(one => one.key === kpi);
    this.live.viewer.part("group").value = head.groups.indexOf(group);
    this.live.viewer.touch();
  }

  go(step) {
    this.step = step;
    const viewer = this.live.viewer;
    if (step === 1) { viewer.to(0); viewer.play(); }
    if (step === 2) { viewer.to(viewer.months); this.live.lucks(this.open.lucks); }
    if (step > 1 && !viewer.playing) viewer.to(viewer.months);
    this.draw();
  }

  banded() { this.live.viewer.to(this.live.viewer.months); this.draw(); }

  draw() {
    const lesson = this.open, text = name => { const div = make("div"); div.innerHTML = lesson.parts[name]; return div; };  // our own Markdown, made by the server
    const next = (label, step, off) => make("button", { type: "button", class: "main", text: label, disabled: off, onclick: () => this.go(step) });
    const steps = make("ol", { class: "steps" }, ...STEPS.map((name, k) =>
      make("li", { text: name, class: k < this.step ? "done" : null, "aria-current": k === this.step ? "step" : null })));
    const parts = [make("button", { type: "button", text: "← all lessons", onclick: () => this.leave() }), make("h2", { text: lesson.title, tabindex: "-1" }), steps];
    if (this.step === 0) parts.push(text("Predict"), this.choices(), next("That is my prediction: show one luck", 1, this.guess === null));
    if (this.step === 1) parts.push(text("One luck"), next(`Show ${lesson.lucks} lucks`, 2));
    if (this.step === 2) parts.push(text("Many lucks"), ...this.found(), next("Why?", 3, !this.live.viewer.bands));
    if (this.step === 3) parts.push(...this.found(), text(this.finding() || "unclear"), ...this.because(), text("Why"), next("A question to go on with", 4));
    if (this.step === 4) parts.push(text("Question"), make("p", { text: "Under Worlds every lever can be moved: fork these worlds and see." }));
    this.box.replaceChildren(...parts);
  }

  choices() {
    const box = make("fieldset", {}, make("legend", { text: "I think" }));
    this.open.choices.forEach((choice, k) => {
      const input = make("input", { type: "radio", name: "prediction", value: k, onchange: () => { this.guess = k; this.draw(); } });
      input.checked = this.guess === k;
      box.append(make("label", {}, input, ` ${choice}`));
    });
    return box;
  }

  // What the band shows at the last month: above 0, below it, or neither.
  finding(figure = this.open.figure) {
    const bands = this.live.viewer.bands;
    if (!bands) return null;
    const d = bands.figures[figure].d, last = d.mean.length - 1;
    return d.sure_low[last] > 0 ? "above" : d.sure_high[last] < 0 ? "below" : "unclear";
  }

  sentence(figure) {
    const [group, kpi] = figure.split("."), viewer = this.live.viewer, head = viewer.worlds.a.head, about = head.kpis.find(one => one.key === kpi);
    return `${about.label}, ${group === "focal" ? "firms under study" : "all firms"}. ${viewer.verdict(head.groups.indexOf(group), about, viewer.months)}`;
  }

  found() {
    if (!this.live.viewer.bands) return [make("p", { class: "verdict", text: "The lucks are being run …" })];
    const right = this.open.findings.indexOf(this.finding()) === this.guess;
    return [make("p", { class: "verdict", text: this.sentence(this.open.figure) }),
      make("p", { text: this.guess === null ? "" : `You predicted: ${this.open.choices[this.guess]}. ${right ? "The band agrees." : "The band shows otherwise."}` })];
  }

  because() {
    if (!this.open.because.length) return [];
    return [make("ul", {}, ...this.open.because.map(figure => make("li", {},
      make("span", { text: `${this.sentence(figure)} ` }),
      make("button", { type: "button", text: "show it", onclick: () => this.point(figure) }))))];
  }
}

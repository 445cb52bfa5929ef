// What happened, in sentences: the feed of both worlds, and the story of a firm or an alliance up to now.
"use strict";

const FEED_LENGTH = 80;
const QUIET = new Set(["mapped", "audited", "prepared", "success", "conflict", "extended", "capital called"]);

class Story {
  constructor(app, box) {
    this.app = app; this.box = box;
    this.body = box.querySelector("[data-part=feed]");
    this.title = box.querySelector("[data-part=feed-title]");
    this.back = box.querySelector("[data-part=feed-back]");
    this.all = box.querySelector("[data-part=feed-all]");
    this.back.addEventListener("click", () => this.app.choose(null));
    this.all.addEventListener("change", () => this.draw(true));
  }

  draw(anew) {
    const chosen = this.app.chosen, key = [this.app.month, JSON.stringify(chosen), this.app.stamp].join("|");
    if (key === this.key && !anew) return;
    this.key = key;
    this.back.hidden = !chosen; this.all.parentElement.hidden = !!chosen;
    this.body.replaceChildren(...(chosen ? this.told(chosen) : this.feed()));
    if (!chosen) this.title.textContent = "What happened";
  }

  feed() {
    const items = [];
    for (let m = this.app.month; m >= 0 && items.length < FEED_LENGTH; m--) {
      const told = this.app.letters().flatMap(letter => {
        const world = this.app.worlds[letter], frame = world.frames[m];
        return (frame ? frame.e : []).filter(event => this.all.checked || !QUIET.has(event[1]))
          .map(event => [letter, event, world.studied(m, event)]);
      });
      const rows = [...told.filter(one => one[2]), ...told.filter(one => !one[2])]
        .map(([letter, event, mine]) => this.item(letter, event, undefined, mine));
      if (rows.length) items.push(make("li", { class: "month", text: `Month ${m}` }), ...rows);
    }
    return items.length ? items : [make("li", { class: "empty", text: "Nothing yet." })];
  }

  item(letter, [text, event, alliance, firms], letters = this.app.letters().length > 1, mine = false) {
    const world = this.app.worlds[letter], chosen = alliance >= 0 ? { alliance, letter } : firms.length ? { firm: firms[0], letter } : null;
    const button = chosen ? make("button", { type: "button", text, onclick: () => this.app.choose(chosen) }) : make("span", { text });
    const type = alliance >= 0 && world.alliances.has(alliance) ? TYPE_COLOURS[world.alliances.get(alliance).type % 4] : "grey";
    return make("li", { class: mine ? "focal" : null, style: `--of: var(--${type})` },
      letters ? make("span", { class: `letter ${letter}`, text: letter.toUpperCase(), title: this.app.name(letter) }) : null, button);
  }

  told(chosen) {
    const letters = this.app.letters().filter(letter => chosen.alliance === undefined || letter === chosen.letter);
    const world = this.app.worlds[chosen.letter];
    this.title.textContent = chosen.alliance !== undefined ? world.called(chosen.alliance) : world.firms[chosen.firm].name;
    const parts = [];
    for (const letter of letters) {
      const own = chosen.alliance !== undefined ? chosen : this.same(chosen, letter);
      if (letters.length > 1) parts.push(make("li", { class: "month" },
        make("span", { class: `letter ${letter}`, text: letter.toUpperCase() }), ` ${this.app.name(letter)}`));
      if (!own) { parts.push(make("li", { class: "empty", text: "There is no such firm in this world." })); continue; }
      parts.push(make("li", { class: "facts", text: this.facts(letter, own) }));
      const course = this.app.worlds[letter].course(this.app.month, own);
      for (const [month, event] of course.slice(-FEED_LENGTH).reverse()) {
        const row = this.item(letter, event, false);
        row.prepend(make("span", { class: "when", text: `month ${month}` }));
        parts.push(row);
      }
    }
    return parts;
  }

  same(chosen, letter) {
    if (letter === chosen.letter) return chosen;
    const name = this.app.worlds[chosen.letter].firms[chosen.firm].name;
    const firm = this.app.worlds[letter].firms.findIndex(one => one.name === name);
    return firm >= 0 ? { firm, letter } : null;
  }

  facts(letter, chosen) {
    return chosen.alliance !== undefined ? this.allianceFacts(letter, chosen.alliance) : this.firmFacts(letter, chosen.firm);
  }

  firmFacts(letter, number) {
    const world = this.app.worlds[letter], month = Math.min(this.app.month, world.last), firm = world.firms[number];
    const kind = `a ${firm.large ? "large" : "small"} firm that began in the ${world.head.segments[firm.segment]} segment` +
      (firm.focal ? ", one of those under study" : "");
    if (month < firm.from) return `${capital(kind)}; it enters in month ${firm.from}.`;
    const until = Math.min(month, firm.to), frame = world.frames[until];
    const text = `${capital(kind)}. ` + (month > firm.to ? `It left in month ${firm.to + 1}; in month ${until} it had ` : `In month ${until} it has `) +
      `a revenue of ${shown(frame.r[firm.slot])} k€ a month and a cumulative economic profit of ${shown(frame.p[firm.slot])} k€`;
    const partners = world.partners(until, number).map(one => world.called(one).replace(/^Alliance/, "alliance"));
    return `${text}. ` + (partners.length ? `It is in ${joinedUp(partners)}.` : "It is in no alliance.");
  }

  allianceFacts(letter, number) {
    const world = this.app.worlds[letter], alliance = world.alliances.get(number), month = Math.min(this.app.month, world.last);
    const kind = capital(world.head.type_names[alliance.type]);
    const who = world.months[month].members.get(number), state = world.months[month].living.get(number);
    const when = alliance.founded > 0 ? `founded in month ${alliance.founded}` : "under way at month 0";
    if (month < alliance.founded) return `${kind}; it is ${when}.`;
    if (!who || !state) return `${kind}, ${when}; it has ended. ${capital(joinedUp([...alliance.ever].map(one => world.firms[one].name)))} were ever in it.`;
    return `${kind}, ${when}; ${world.head.stages[state.stage]} in month ${month}, with trust at ${state.trust} of 100 among ` +
      `${joinedUp([...who].map(one => world.firms[one].name))}.`;
  }
}

function joinedUp(names) {
  if (names.length > 8) return `${names.slice(0, 7).join(", ")} and ${names.length - 7} more`;
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
}

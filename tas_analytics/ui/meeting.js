// The weekly review on screen: agenda, timer, and for each deal its questions, decisions, notes and actions, for the keyboard.
// Whatever is typed is a draft in this browser until the page says that it is saved, so leaving and coming back loses
// nothing. All text comes in as data and goes out as textContent.

function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

class Meeting {
  constructor(root) {
    this.root = root;
    this.client = Math.random().toString(36).slice(2, 10);
    this.count = 0;
    this.queue = [];
    this.paused = false;
    this.top = make("div", "top");
    this.body = make("div", "body");
    this.said = make("p", "said");
    this.said.setAttribute("aria-live", "polite");
    root.replaceChildren(this.top, this.body, this.said);
    this.onKey = (event) => this.key(event);
    // One meeting at a time listens to the keyboard, wherever on the page the focus is.
    if (window.tasMeetingKeys) document.removeEventListener("keydown", window.tasMeetingKeys, true);
    window.tasMeetingKeys = this.onKey;
    document.addEventListener("keydown", this.onKey, true);
    if (window.tasMeetingClock) clearInterval(window.tasMeetingClock);
    window.tasMeetingClock = setInterval(() => this.tick(), 1000);
  }

  // --- what this browser remembers ---------------------------------------------------------

  remembered() {
    try {
      return JSON.parse(localStorage.getItem(this.data.memory)) || {};
    } catch {
      return {};
    }
  }

  remember(change) {
    try {
      localStorage.setItem(this.data.memory, JSON.stringify({ ...this.remembered(), ...change }));
    } catch {
      // A browser that keeps nothing loses drafts, not what is saved.
    }
  }

  draft(place) {
    return (this.remembered().drafts || {})[place];
  }

  keepDraft(place, text) {
    const drafts = { ...(this.remembered().drafts || {}) };
    if (text === undefined) delete drafts[place];
    else drafts[place] = text;
    this.remember({ drafts });
  }

  // --- entries -----------------------------------------------------------------------------

  update(data, setStateValue) {
    const first = this.data === undefined;
    const moved = !first && this.data.at !== data.at;
    this.data = data;
    this.setStateValue = setStateValue;
    const saved = new Set(data.saved);
    for (const entry of this.queue)
      if (saved.has(entry.id) && entry.place && this.draft(entry.place) === entry.text) this.keepDraft(entry.place);
    this.queue = this.queue.filter((entry) => !saved.has(entry.id));
    for (const [name, value] of Object.entries(data.colours)) this.root.style.setProperty(`--${name}`, value);
    if (first && !data.asked && this.remembered().at && data.steps.some((step) => step.key === this.remembered().at)
        && this.remembered().at !== data.at) {
      this.go(this.remembered().at);
      return;
    }
    if (first || moved) {
      this.seconds = (this.remembered().seconds || {})[data.at] ?? data.deal?.seconds ?? 0;
      this.paused = false;
      window.scrollTo(0, 0);
      document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
    }
    const visited = new Set(this.remembered().visited || []);
    if (moved) visited.add(this.before);
    this.before = data.at;
    this.remember({ at: data.at, visited: [...visited] });
    // What has no record of its own is done once it was left for the next step.
    for (const step of data.steps) step.done ||= visited.has(step.key) && !step.key.startsWith("deal:");
    this.draw(first || moved);
  }

  send(...entries) {
    for (const entry of entries) {
      this.count += 1;
      this.queue.push({ ...entry, id: `${this.client}-${this.count}` });
    }
    this.setStateValue("queue", this.queue.map((one) => ({ ...one })));
    this.drawState();
  }

  // Everything that is typed and not saved, as entries.
  unsaved() {
    const found = [];
    for (const field of this.body.querySelectorAll("[data-place]")) {
      if (field.value.trim() === (field.dataset.saved || "").trim()) continue;
      const waits = this.queue.some((one) => one.place === field.dataset.place && one.text === field.value);
      if (!waits) found.push({ ...JSON.parse(field.dataset.entry), text: field.value, place: field.dataset.place });
    }
    return found;
  }

  save(quiet) {
    const found = this.data.editable ? this.unsaved() : [];
    if (found.length) this.send(...found);
    else if (!quiet) this.say("Nothing new to save");
  }

  go(key) {
    if (key === this.data.at) return;
    const entries = this.data.editable ? this.unsaved() : [];
    if (this.data.deal && this.data.editable && this.seconds >= this.data.deal.seconds + 5)
      entries.push({ kind: "time", deal: this.data.deal.id, seconds: this.seconds });
    this.say("");
    this.send(...entries, { kind: "go", text: key });
  }

  step(by) {
    const place = this.data.steps.findIndex((one) => one.key === this.data.at);
    const next = this.data.steps[Math.max(0, Math.min(this.data.steps.length - 1, place + by))];
    if (next) this.go(next.key);
  }

  say(text) {
    this.said.textContent = text;
  }

  // --- the keyboard ------------------------------------------------------------------------

  key(event) {
    if (!this.root.isConnected || event.altKey || event.metaKey) return;
    const inside = this.root.getRootNode().activeElement;
    const target = inside && this.root.contains(inside) ? inside : event.target;
    const typing = ["TEXTAREA", "INPUT", "SELECT"].includes(target.tagName) || target.isContentEditable;
    const own = this.root.contains(target);
    if (typing && !own) return;
    if (event.ctrlKey && event.key !== "Enter" && event.key !== "s") return;
    if (event.ctrlKey && event.key === "s") this.save();
    else if (typing) {
      if (event.ctrlKey && event.key === "Enter") this.step(1);
      else if (event.key === "Escape") {
        this.save(true);
        target.blur();
      } else if (event.key === "Enter" && !event.shiftKey && target.dataset.enter) this.enter(target);
      else {
        event.stopPropagation();
        return;
      }
    } else if (!this.command(event, target)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  command(event, target) {
    const kinds = [...this.body.querySelectorAll(".kind")];
    const at = kinds.indexOf(target);
    const fields = this.body.querySelectorAll(".question textarea");
    if (at >= 0 && (event.key === "ArrowRight" || event.key === "ArrowLeft"))
      kinds[(at + (event.key === "ArrowRight" ? 1 : -1) + kinds.length) % kinds.length].focus();
    else if (event.key === "ArrowRight" || event.key === "n" || event.key === "PageDown" || event.key === "Enter" && event.ctrlKey)
      this.step(1);
    else if (event.key === "ArrowLeft" || event.key === "p" || event.key === "PageUp") this.step(-1);
    else if (/^[1-9]$/.test(event.key)) fields[Number(event.key) - 1]?.focus();
    else if (event.key === "d") kinds[0]?.focus();
    else if (event.key === "o") this.body.querySelector(".note textarea")?.focus();
    else if (event.key === "a") this.body.querySelector(".new input")?.focus();
    else if (event.key === "s") this.save();
    else if (event.key === "t") this.pause();
    else if (event.key === "f") this.whole();
    else return false;
    return true;
  }

  enter(target) {
    if (target.dataset.enter === "action") this.act();
    else if (target.dataset.enter === "decision") {
      this.save(true);
      target.blur();
    } else {
      this.save(true);
      const fields = [...this.body.querySelectorAll(".question textarea, .note textarea")];
      (fields[fields.indexOf(target) + 1] || this.body.querySelector(".kind"))?.focus();
    }
  }

  whole() {
    if (document.fullscreenElement) document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {});
  }

  // --- the timer ---------------------------------------------------------------------------

  tick() {
    if (!this.data?.deal || this.paused || document.hidden || !this.root.isConnected) return;
    this.seconds += 1;
    this.remember({ seconds: { ...(this.remembered().seconds || {}), [this.data.at]: this.seconds } });
    this.drawClock();
  }

  pause() {
    this.paused = !this.paused;
    this.drawClock();
  }

  drawClock() {
    if (!this.clock) return;
    this.clock.textContent = this.data.deal ? `${clock(this.seconds)} of ${this.data.minutes}:00${this.paused ? " (stopped)" : ""}` : "";
    this.clock.classList.toggle("over", Boolean(this.data.deal) && this.seconds > this.data.minutes * 60);
  }

  drawState() {
    if (!this.state) return;
    const waits = this.queue.filter((one) => one.kind !== "go").length;
    this.state.textContent = this.data.editable ? (waits ? `Saving ${waits} …` : "All saved") : "An earlier day: read only";
  }

  // --- drawing -----------------------------------------------------------------------------

  draw(anew) {
    this.drawTop();
    const held = this.root.getRootNode().activeElement;
    const focus = held && this.body.contains(held) && !anew ? held.dataset.focus : undefined;
    const caret = focus && held.selectionStart !== undefined && held.type !== "date" ? held.selectionStart : null;
    this.body.replaceChildren(...(this.data.deal ? this.drawDeal() : this.data.general ? this.drawGeneral() : []));
    if (focus) {
      const again = this.body.querySelector(`[data-focus="${CSS.escape(focus)}"]`);
      again?.focus();
      if (caret !== null && again?.setSelectionRange) again.setSelectionRange(caret, caret);
    }
    this.drawClock();
    this.drawState();
  }

  drawTop() {
    const line = make("div", "line");
    line.append(make("span", "title", this.data.title));
    line.append(make("span", "state", `${this.data.steps.findIndex((one) => one.key === this.data.at) + 1} of ${this.data.steps.length}`));
    this.clock = make("button", "clock");
    this.clock.type = "button";
    this.clock.title = "Stop or go on (T)";
    this.clock.addEventListener("click", () => this.pause());
    this.state = make("span", "state");
    line.append(this.clock, this.state, button("plain", "Full screen", () => this.whole()),
      button("plain", "Leave", () => this.go("leave")));
    const list = make("ol", "agenda");
    list.setAttribute("aria-label", "Agenda");
    this.data.steps.forEach((step, place) => {
      const item = make("li");
      const node = button("stop", "", () => this.go(step.key), `${place + 1}. ${step.label}${step.done ? ", done" : ""}`);
      node.append(make("span", "dot", step.done ? "●" : "○"), make("span", "label", step.label));
      node.classList.toggle("here", step.key === this.data.at);
      node.classList.toggle("done", step.done);
      if (step.key === this.data.at) node.setAttribute("aria-current", "step");
      item.append(node);
      list.append(item);
    });
    const place = this.data.steps.findIndex((one) => one.key === this.data.at);
    const foot = make("div", "foot");
    const back = button("plain", "← Back", () => this.step(-1));
    const next = button("next", "Next →", () => this.step(1));
    back.disabled = place <= 0;
    next.disabled = place >= this.data.steps.length - 1;
    foot.append(back, next, make("span", "keys", this.data.deal
      ? "→ ← walk · 1–5 answer · D decide · O note · A action · T timer · Ctrl+Enter save and go on · Esc out of a field"
      : "→ ← walk · O note · A action · F full screen"));
    this.top.replaceChildren(line, list, foot);
    list.querySelector(".here")?.scrollIntoView?.({ block: "nearest", inline: "center" });
  }

  field(tag, place, saved, entry, label, enter) {
    const node = make(tag);
    const draft = this.draft(place);
    node.value = draft !== undefined ? draft : saved;
    node.dataset.place = place;
    node.dataset.focus = place;
    node.dataset.saved = saved;
    node.dataset.entry = JSON.stringify(entry);
    if (enter) node.dataset.enter = enter;
    node.setAttribute("aria-label", label);
    node.disabled = !this.data.editable;
    if (tag === "textarea") node.rows = Math.max(1, Math.min(6, Math.ceil(node.value.length / 70), 6));
    node.addEventListener("input", () => {
      this.keepDraft(place, node.value);
      if (tag === "textarea" && node.scrollHeight > node.clientHeight + 4) node.rows = Math.min(8, node.rows + 1);
    });
    node.addEventListener("blur", () => this.save(true));
    return node;
  }

  drawGeneral() {
    const left = make("div", "left");
    left.append(...this.drawNote("", this.data.note, "What was said, whatever the deal"));
    const right = make("div", "right");
    right.append(...this.drawActions(""));
    return [left, right];
  }

  drawDeal() {
    const deal = this.data.deal;
    const left = make("div", "left");
    left.append(make("h2", "", deal.name), make("p", "about", deal.about));
    if (deal.last.length) left.append(make("h3", "", "Decided last time"), this.drawLast(deal.last));
    left.append(make("h3", "", deal.questions.length ? "To ask" : "Nothing to ask: the deal is closed"));
    const list = make("ol", "questions");
    deal.questions.forEach((one, place) => {
      const item = make("li", "question");
      const head = make("p", "ask");
      head.append(make("span", "number", String(place + 1)), make("span", "", one.text));
      const fact = make("a", "fact", one.fact);
      fact.href = one.href;
      fact.target = "_blank";
      fact.rel = "noopener";
      const entry = { kind: "answer", deal: deal.id, question: one.code, asked: one.text, fact: one.fact };
      const text = this.field("textarea", `${deal.id}/answer/${one.code}`, one.answer, entry, one.text, "next");
      text.placeholder = "Answer";
      item.append(head, fact);
      for (const past of one.last) item.append(make("p", "past", `${past.day}, ${past.author}: ${past.text}`));
      item.append(text);
      list.append(item);
    });
    left.append(list);
    if (deal.before.length) left.append(make("h3", "", "Answered last time"), this.drawList(deal.before));
    const right = make("div", "right");
    right.append(make("h3", "", "Decide"), this.drawKinds(deal));
    right.append(...this.drawNote(deal.id, deal.note, "Note"));
    right.append(...this.drawActions(deal.id));
    if (deal.moves.length) right.append(make("h3", "", deal.moved), this.drawList(deal.moves));
    if (deal.risks.length) right.append(make("h3", "", "Also at risk"), this.drawList(deal.risks));
    return [left, right];
  }

  drawList(texts) {
    const list = make("ul", "facts");
    for (const text of texts) list.append(make("li", "", text));
    return list;
  }

  drawLast(rows) {
    const list = make("ul", "last");
    for (const one of rows) {
      const item = make("li");
      item.append(make("span", `mark ${one.outcome}`, one.sign), make("b", "", one.label), make("span", "", ` ${one.said}`));
      list.append(item);
    }
    return list;
  }

  drawKinds(deal) {
    const place = make("div", "kinds");
    for (const kind of this.data.kinds) {
      const held = deal.decisions.find((one) => one.kind === kind.code);
      const waits = this.queue.find((one) => one.question === kind.code && ["decide", "undecide"].includes(one.kind)
        && one.deal === deal.id);
      const on = waits ? waits.kind === "decide" : Boolean(held);
      const node = button("kind", kind.label, () => this.decide(deal, kind, held, on));
      node.dataset.focus = `kind/${kind.code}`;
      node.setAttribute("aria-pressed", String(on));
      node.disabled = !this.data.editable;
      place.append(node);
    }
    for (const one of deal.decisions) {
      const entry = { kind: "decide", deal: deal.id, question: one.kind };
      const text = this.field("input", `${deal.id}/decide/${one.kind}`, one.note, entry, `${one.label}: in words`, "decision");
      text.placeholder = `${one.label}: in words`;
      text.className = "words";
      place.append(text);
    }
    return place;
  }

  decide(deal, kind, held, on) {
    if (on && held) this.send({ kind: "undecide", deal: deal.id, question: kind.code, text: held.record });
    else if (!on) this.send({ kind: "decide", deal: deal.id, question: kind.code, text: "" });
    this.say(on ? `Taken back: ${kind.label}` : `Decided: ${kind.label}`);
    this.draw();
  }

  drawNote(deal, saved, label) {
    const box = make("label", "note", label);
    const text = this.field("textarea", `${deal}/note`, saved, { kind: "note", deal }, label, "");
    text.rows = Math.max(2, text.rows);
    box.append(text);
    return [box];
  }

  drawActions(deal) {
    const rows = deal ? this.data.deal.actions : this.data.actions;
    const list = make("ul", "actions");
    for (const one of rows) {
      const item = make("li", one.done ? "done" : one.late ? "late" : "");
      const box = make("input");
      box.type = "checkbox";
      box.checked = one.done;
      box.disabled = one.done || !this.data.editable;
      box.setAttribute("aria-label", `Done: ${one.subject}`);
      box.addEventListener("change", () => this.send({ kind: "done", deal, text: one.id }));
      item.append(box, make("span", "", one.subject), make("span", "who", one.about));
      list.append(item);
    }
    for (const one of this.queue.filter((entry) => entry.kind === "action" && entry.deal === deal))
      list.append(make("li", "waits", `${one.text} · ${one.owner || this.data.author}`));
    const line = make("div", "new");
    const subject = make("input");
    subject.placeholder = "What is to be done";
    const owner = make("input");
    owner.placeholder = "Who";
    owner.value = deal ? this.data.deal.owner : "";
    const names = make("datalist");
    names.id = `people-${this.client}`;
    for (const name of this.data.people) names.append(new Option(name, name));
    owner.setAttribute("list", names.id);
    const due = make("input");
    due.type = "date";
    due.value = this.data.due;
    const parts = [[subject, "subject", "What is to be done"], [owner, "owner", "Who does it"], [due, "due", "Due"]];
    for (const [node, name, label] of parts) {
      const place = `${deal}/action/${name}`;
      const draft = this.draft(place);
      if (draft !== undefined && name === "subject") node.value = draft;
      node.className = name;
      node.dataset.enter = "action";
      node.dataset.focus = place;
      node.setAttribute("aria-label", label);
      node.disabled = !this.data.editable;
      if (name === "subject") node.addEventListener("input", () => this.keepDraft(place, node.value || undefined));
    }
    line.append(subject, owner, due, names, button("plain", "Add", () => this.act()));
    return [make("h3", "", "Actions"), list, line];
  }

  act() {
    const line = this.body.querySelector(".new");
    const [subject, owner, due] = ["subject", "owner", "due"].map((name) => line.querySelector(`.${name}`));
    if (!subject.value.trim()) {
      subject.focus();
      this.say("Say what is to be done");
      return;
    }
    const deal = this.data.deal?.id || "";
    const action = `${this.client}${Date.now().toString(36)}`;
    this.keepDraft(`${deal}/action/subject`);
    this.send({ kind: "action", deal, text: subject.value.trim(), owner: owner.value.trim(), due: due.value, action });
    this.say(`Agreed: ${subject.value.trim()}`);
    this.draw();
    const again = this.body.querySelector(".new .subject");
    again.value = "";
    again.focus();
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".meeting");
  if (!root.meeting) root.meeting = new Meeting(root);
  root.meeting.update(data, setStateValue);
}

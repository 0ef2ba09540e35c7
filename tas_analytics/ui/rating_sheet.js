// A deal's assessment as a sheet: 20 criteria by rated parties, for the keyboard. Every entry is queued until the page
// says that it is saved, so that nothing typed fast is lost. All text comes in as data and goes out as textContent.

const KEYS = { "+": "+", "=": "+", "-": "−", "_": "−", "−": "−", "?": "?", "/": "?", "0": "?" };
const WORDS = { "+": "favourable", "−": "unfavourable", "?": "unknown", "": "not rated" };
const ANSWERS = { 1: "answered for us", 0: "open", "-1": "unfavourable" };

class Sheet {
  constructor(root) {
    this.root = root;
    this.client = Math.random().toString(36).slice(2);
    this.count = 0;
    this.queue = [];
    this.row = 0;
    this.column = 0;
    this.coach = false;
    this.draft = null;
    this.table = make("div", "table");
    this.panel = make("div", "panel");
    this.said = make("p", "said");
    this.said.setAttribute("aria-live", "polite");
    this.bar = make("div", "bar");
    this.body = make("div", "body");
    this.body.append(this.table, this.panel);
    root.replaceChildren(this.bar, this.body, this.said);
    root.addEventListener("keydown", (event) => this.key(event));
  }

  update(data, setStateValue) {
    const first = this.data === undefined;
    this.data = data;
    this.setStateValue = setStateValue;
    const saved = new Set(data.saved);
    this.queue = this.queue.filter((entry) => !saved.has(entry.id));
    this.column = Math.min(this.column, data.parties.length - 1);
    if (data.at && data.at !== this.at) this.row = data.at - 1;
    for (const [name, value] of Object.entries(data.colours)) this.root.style.setProperty(`--${name}`, value);
    const held = this.holdsFocus();
    this.draw();
    if (held === "cell" || (data.at && (first || data.at !== this.at))) this.focus();
    this.at = data.at;
  }

  // What is shown in a cell: what is saved, under what waits to be.
  shown(column, row) {
    const party = this.data.parties[column];
    const cell = { ...party.cells[row] };
    for (const entry of this.queue)
      if (entry.kind === "rate" && entry.competitor === party.name && entry.criterion === row + 1) {
        if (entry.sign) Object.assign(cell, { sign: entry.sign, day: this.data.today, author: this.data.author, waits: true });
        if (entry.evidence !== undefined) Object.assign(cell, { evidence: entry.evidence, waits: true });
      }
    return cell;
  }

  send(entry) {
    this.count += 1;
    this.queue.push({ ...entry, id: `${this.client}-${this.count}` });
    this.setStateValue("queue", this.queue.map((one) => ({ ...one })));
  }

  rate(sign) {
    if (!this.data.editable) return;
    const party = this.data.parties[this.column];
    this.keepDraft();
    this.send({ kind: "rate", competitor: party.name, criterion: this.row + 1, sign });
    this.said.textContent = `${this.data.criteria[this.row].name}, ${party.label}: ${WORDS[sign]}`;
    if (this.coach) this.move(1, 0);
    else this.draw();
    this.focus();
  }

  note(text) {
    const party = this.data.parties[this.column];
    const cell = this.shown(this.column, this.row);
    if (!this.data.editable || text.trim() === (cell.evidence ?? "").trim()) return;
    const entry = { kind: "rate", competitor: party.name, criterion: this.row + 1, evidence: text.trim() };
    if (!cell.sign) entry.sign = "?";
    this.send(entry);
  }

  // What was being typed is saved before the cursor leaves its cell.
  keepDraft() {
    if (this.draft === null) return;
    const text = this.draft;
    this.draft = null;
    this.note(text);
  }

  move(down, right) {
    this.keepDraft();
    this.row = Math.max(0, Math.min(19, this.row + down));
    this.column = Math.max(0, Math.min(this.data.parties.length - 1, this.column + right));
    this.draw();
    this.focus();
  }

  key(event) {
    const inText = event.target.tagName === "TEXTAREA" || event.target.tagName === "INPUT";
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (inText) {
      if (event.key === "Escape" || (event.key === "Enter" && !event.shiftKey)) {
        if (event.target.tagName === "TEXTAREA") {
          event.preventDefault();
          this.keepDraft();
          if (event.key === "Enter") this.move(1, 0);
          else this.draw();
          this.focus();
        } else if (event.key === "Enter") {
          event.preventDefault();
          this.add(event.target.value);
        } else this.focus();
      }
      event.stopPropagation();
      return;
    }
    const steps = {
      ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1], Home: [-20, 0], End: [20, 0],
      PageDown: [5, 0], PageUp: [-5, 0],
    };
    const onButton = event.target.tagName === "BUTTON" && !event.target.classList.contains("cell");
    if (KEYS[event.key]) this.rate(KEYS[event.key]);
    else if (steps[event.key]) this.move(...steps[event.key]);
    else if (event.key === "Enter" && !onButton) this.move(1, 0);
    else if (event.key === "e" || event.key === "F2") this.panel.querySelector("textarea")?.focus();
    else if (event.key === "t") this.take();
    else if (event.key === "q") this.toggle();
    else if (event.key === "a") this.bar.querySelector("input")?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  take() {
    const proposal = this.data.criteria[this.row].proposal;
    if (!proposal || this.column !== 0 || !this.data.editable) return;
    this.send({ kind: "rate", competitor: "", criterion: this.row + 1, sign: proposal.sign, evidence: proposal.reason });
    this.draw();
    this.focus();
  }

  toggle() {
    this.keepDraft();
    this.coach = !this.coach;
    this.draw();
    this.focus();
  }

  add(name) {
    const text = name.trim();
    const known = this.data.parties.findIndex((party) => party.name.toLowerCase() === text.toLowerCase());
    if (!text || known > 0) {
      if (known > 0) this.column = known;
    } else this.send({ kind: "add", competitor: text });
    this.draw();
    this.focus();
  }

  cell() {
    return this.table.querySelector(".cell.current");
  }

  focus() {
    (this.coach ? this.panel.querySelector(".rate") : this.cell())?.focus();
  }

  holdsFocus() {
    const active = this.root.getRootNode().activeElement;
    if (!active || !this.root.contains(active)) return "";
    if (active.tagName === "TEXTAREA" || active.tagName === "INPUT") return "text";
    return active.classList.contains("cell") || active.classList.contains("rate") ? "cell" : "";
  }

  draw() {
    this.root.classList.toggle("coach", this.coach);
    this.drawBar();
    this.drawTable();
    this.drawPanel();
  }

  drawBar() {
    const active = this.root.getRootNode().activeElement;
    if (active && active.tagName === "INPUT" && this.bar.contains(active)) return;
    this.bar.replaceChildren();
    const toggle = button("plain", this.coach ? "Show the whole sheet" : "Question by question", () => this.toggle());
    this.bar.append(toggle);
    if (this.data.editable) {
      const input = make("input");
      input.placeholder = "Add a competitor";
      input.setAttribute("aria-label", "Add a competitor");
      const list = make("datalist");
      list.id = `names-${this.client}`;
      for (const name of this.data.names) list.append(new Option(name, name));
      input.setAttribute("list", list.id);
      this.bar.append(input, list, button("plain", "Add", () => this.add(input.value)));
    }
    const keys = "Arrows move · + − ? rate · E evidence · T take a proposal · Q question by question · A add a competitor";
    const waits = this.queue.length ? `Saving ${this.queue.length} …` : "All saved";
    this.bar.append(make("span", "keys", this.data.editable ? keys : "Shown as known on an earlier day: it cannot be changed"));
    if (this.data.editable) this.bar.append(make("span", "state", waits));
  }

  drawTable() {
    const grid = make("table");
    grid.setAttribute("role", "grid");
    const head = make("tr");
    head.append(make("th", "", ""));
    this.data.parties.forEach((party, column) => {
      const cell = make("th", "party", party.label);
      if (column && this.data.editable) {
        const words = `Remove ${party.label} from this deal`;
        cell.append(button("remove", "×", () => this.send({ kind: "remove", competitor: party.name }), words));
      }
      head.append(cell);
    });
    grid.append(head);
    this.data.criteria.forEach((criterion, row) => {
      if (row % 5 === 0) {
        const group = make("tr", "group");
        const title = make("th", "", this.data.questions[row / 5].text);
        title.append(make("span", "answer", ANSWERS[this.data.questions[row / 5].answer]));
        title.colSpan = this.data.parties.length + 1;
        group.append(title);
        grid.append(group);
      }
      const line = make("tr", row === this.row ? "here" : "");
      const name = make("th", "criterion");
      name.append(make("span", "number", String(criterion.number)), make("span", "", criterion.name));
      name.addEventListener("click", () => this.move(row - this.row, 0));
      line.append(name);
      this.data.parties.forEach((party, column) => line.append(this.drawCell(party, column, criterion, row)));
      grid.append(line);
    });
    this.table.replaceChildren(grid);
  }

  drawCell(party, column, criterion, row) {
    const cell = this.shown(column, row);
    const current = row === this.row && column === this.column;
    const place = make("td");
    const words = `${criterion.name}, ${party.label}: ${WORDS[cell.sign]}`;
    const node = button("cell", cell.sign || "·", () => this.move(row - this.row, column - this.column), words);
    node.classList.toggle("current", current);
    node.classList.toggle("waits", Boolean(cell.waits));
    node.dataset.sign = cell.sign;
    // Blue speaks for us: of a competitor it is what is unfavourable to them.
    node.dataset.side = !cell.sign || cell.sign === "?" ? "" : (cell.sign === "+") === (column === 0) ? "for" : "against";
    if (cell.before !== undefined && cell.before !== cell.sign) {
      node.classList.add("changed");
      place.append(make("span", "before", `${cell.before || "·"} →`));
    }
    node.tabIndex = current ? 0 : -1;
    place.append(node);
    if (cell.evidence) place.append(make("span", "has", "¶"));
    return place;
  }

  drawPanel() {
    const active = this.root.getRootNode().activeElement;
    const typing = active && active.tagName === "TEXTAREA" && this.panel.contains(active);
    const place = `${this.row}/${this.column}`;
    if (typing && this.place === place) return;
    this.place = place;
    this.draft = null;
    const criterion = this.data.criteria[this.row];
    const party = this.data.parties[this.column];
    const cell = this.shown(this.column, this.row);
    const parts = [
      make("p", "where", `${criterion.number} of 20 · ${criterion.question} · ${party.label}`),
      make("h4", "", criterion.name),
      make("p", "poles", `+ ${criterion.favourable} · − ${criterion.unfavourable}`),
    ];
    const asks = make("ul");
    for (const text of criterion.ask) asks.append(make("li", "", text));
    parts.push(asks, make("p", "whom", `Ask: ${criterion.whom}`));
    const rates = make("div", "rates");
    for (const sign of ["+", "−", "?"]) {
      const one = button("rate", `${sign} ${WORDS[sign]}`, () => this.rate(sign));
      one.disabled = !this.data.editable;
      one.setAttribute("aria-pressed", String(cell.sign === sign));
      rates.append(one);
    }
    parts.push(rates);
    if (criterion.proposal && this.column === 0) {
      const offer = make("div", "offer");
      offer.append(make("span", "", `The deal's figures propose ${criterion.proposal.sign}: ${criterion.proposal.reason}. `));
      if (this.data.editable && cell.sign !== criterion.proposal.sign) offer.append(button("plain", "Take it", () => this.take()));
      parts.push(offer);
    }
    const label = make("label", "evidence", "Evidence: what was said, by whom, when");
    const text = make("textarea");
    text.rows = 3;
    text.value = cell.evidence ?? "";
    text.disabled = !this.data.editable;
    text.addEventListener("input", () => { this.draft = text.value; });
    text.addEventListener("blur", () => this.keepDraft());
    label.append(text);
    parts.push(label);
    const past = make("ol", "past");
    for (const one of cell.history) {
      const item = make("li", one.holds ? "" : "over");
      item.append(make("b", "", one.sign), make("span", "", ` ${one.day}, ${one.author}`));
      if (!one.holds) item.append(make("i", "", " (since changed)"));
      if (one.evidence) item.append(make("div", "", one.evidence));
      past.append(item);
    }
    if (cell.history.length) parts.push(past);
    if (this.coach) {
      const steps = make("div", "steps");
      steps.append(button("plain", "↑ Back", () => this.move(-1, 0)), button("plain", "↓ Next", () => this.move(1, 0)));
      parts.push(steps);
    }
    this.panel.replaceChildren(...parts);
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".sheet");
  if (root.dataset.token !== data.token) {
    root.dataset.token = data.token;
    root.sheet = new Sheet(root);
  }
  root.sheet.update(data, setStateValue);
}

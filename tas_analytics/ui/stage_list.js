// The stages of one pipeline: dragged into order, or moved with the keyboard, and edited in place.
// All text comes in as data and goes out as textContent: nothing of it is ever read as HTML.

const MEANINGS = ["open", "won", "lost"];

function number(row, key, label, most, send, editable) {
  const field = make("label", "field");
  field.append(make("span", "caption", label));
  const input = make("input");
  input.type = "number";
  input.min = "0";
  if (most !== null) input.max = String(most);
  input.step = "1";
  input.inputMode = "decimal";
  input.value = row[key] === null ? "" : String(row[key]);
  input.disabled = !editable;
  input.setAttribute("aria-label", `${label}, ${row.stage}`);
  input.addEventListener("change", () => {
    row[key] = input.value.trim() === "" ? null : Number(input.value);
    send();
  });
  field.append(input);
  return field;
}

function meaning(row, send, editable) {
  const field = make("label", "field");
  field.append(make("span", "caption", "Meaning"));
  const select = make("select");
  select.disabled = !editable;
  select.setAttribute("aria-label", `Meaning, ${row.stage}`);
  for (const word of MEANINGS) {
    const option = make("option", "", word);
    option.value = word;
    select.append(option);
  }
  select.value = row.status;
  select.addEventListener("change", () => {
    row.status = select.value;
    send();
  });
  field.append(select);
  return field;
}

function arrow(sign, label, act) {
  const button = make("button", "arrow", sign);
  button.type = "button";
  button.setAttribute("aria-label", label);
  button.addEventListener("click", act);
  return button;
}

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".stages");
  // Drawn once for each set of stages: later runs of the page must not take away what is being typed.
  if (root.dataset.token === data.token) return;
  root.dataset.token = data.token;
  root.replaceChildren();
  const said = make("p", "said");
  said.setAttribute("aria-live", "polite");
  const list = make("ol");
  root.append(list, said);
  const rows = new Map();

  const items = () => [...list.children];
  const send = () => setStateValue("rows", items().map((item) => rows.get(item)));
  const tell = (item) => {
    said.textContent = `${rows.get(item).stage} is now number ${items().indexOf(item) + 1} of ${items().length}.`;
  };
  const mark = () =>
    items().forEach((item, place, all) => {
      const [up, down] = item.querySelectorAll(".arrow");
      up.disabled = !data.editable || place === 0;
      down.disabled = !data.editable || place === all.length - 1;
    });
  const move = (item, step, button) => {
    const other = step < 0 ? item.previousElementSibling : item.nextElementSibling;
    if (!other) return;
    list.insertBefore(step < 0 ? item : other, step < 0 ? other : item);
    mark();
    tell(item);
    // At either end the button goes dead and would lose the focus: its neighbour takes it.
    (button.disabled ? item.querySelector(".arrow:not(:disabled)") : button)?.focus();
    send();
  };

  const drag = (item, handle) => {
    handle.addEventListener("pointerdown", (down) => {
      if (!data.editable || down.button !== 0) return;
      down.preventDefault();
      let moved = false;
      item.classList.add("held");
      const follow = (event) => {
        for (const other of items()) {
          if (other === item) continue;
          const box = other.getBoundingClientRect();
          const middle = box.top + box.height / 2;
          const above = other.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_PRECEDING;
          if (above && event.clientY > middle) {
            other.after(item);
            moved = true;
          } else if (!above && event.clientY < middle) {
            other.before(item);
            moved = true;
            break;
          }
        }
      };
      const end = () => {
        window.removeEventListener("pointermove", follow);
        window.removeEventListener("pointerup", end);
        window.removeEventListener("pointercancel", end);
        item.classList.remove("held");
        if (!moved) return;
        mark();
        tell(item);
        send();
      };
      // On the window, because a row that is moved in the page lets go of the pointer.
      window.addEventListener("pointermove", follow);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", end);
    });
  };

  for (const given of data.rows) {
    const row = { ...given };
    const item = make("li", row.proposed ? "proposed" : "");
    rows.set(item, row);
    const handle = make("span", "handle");
    handle.setAttribute("aria-hidden", "true");
    if (data.editable) handle.title = "Drag to change the order";
    const name = make("div", "name");
    name.append(make("span", "stage", row.stage), make("span", "note", row.note));
    const arrows = make("div", "arrows");
    const up = arrow("↑", `Move ${row.stage} up`, () => move(item, -1, up));
    const down = arrow("↓", `Move ${row.stage} down`, () => move(item, 1, down));
    arrows.append(up, down);
    const fields = make("div", "fields");
    fields.append(
      number(row, "probability", "Probability %", 100, send, data.editable),
      meaning(row, send, data.editable),
      number(row, "planned_days", "Planned days", null, send, data.editable),
    );
    item.append(handle, name, fields, arrows);
    drag(item, handle);
    list.append(item);
  }
  mark();
}

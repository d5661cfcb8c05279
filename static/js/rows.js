// Lists of lines in a form: add, remove, move. Without this script, a number places each line, a
// box removes it, and each save offers more empty lines.

const field = (row, name) => row.querySelector(`[name$="-${name}"]`);

// Of a day as inputs write it: no hour, so no change of hour either.
const aWeekLater = (day) => {
  const moment = Date.parse(day);
  return Number.isNaN(moment) ? "" : new Date(moment + 7 * 86400000).toISOString().slice(0, 10);
};

class Rows {
  constructor(root) {
    this.root = root;
    this.list = root.querySelector("[data-rows-list]");
    this.total = root.querySelector('[name$="-TOTAL_FORMS"]');
    this.most = Number(root.querySelector('[name$="-MAX_NUM_FORMS"]').value);
    this.status = root.querySelector("[data-rows-status]");
    this.template = root.querySelector("[data-rows-new]");
    for (const row of this.rows()) this.equip(row);
    this.list.after(root.querySelector("[data-rows-add]").content.cloneNode(true));
    this.adder = root.querySelector("[data-row-add]");
    this.adder.addEventListener("click", () => this.add());
    this.weekLater = root.querySelector("[data-row-add-week]");
    this.weekLater?.addEventListener("click", (event) => this.addWeekLater(event));
    this.number();
  }

  rows() {
    return [...this.list.querySelectorAll(":scope > [data-row]")];
  }

  equip(row) {
    const tools = this.root.querySelector("[data-rows-tools]").content.cloneNode(true);
    const place = row.querySelector("[data-row-place]");
    const remove = tools.querySelector("[data-row-remove]");
    const [says, keep] = [remove.textContent, remove.dataset.keep];
    const box = field(row, "DELETE");
    const mark = () => {
      row.classList.toggle("row--removed", box.checked);
      remove.textContent = box.checked ? keep : says;
    };
    remove.addEventListener("click", () => {
      box.checked = !box.checked;
      mark();
      this.say(box.checked ? this.root.dataset.removed : this.root.dataset.kept);
      this.number();
    });
    tools.querySelector("[data-row-up]")?.addEventListener("click", (event) => this.move(row, -1, event.target));
    tools.querySelector("[data-row-down]")?.addEventListener("click", (event) => this.move(row, 1, event.target));
    place.classList.add("row__place--tools");
    place.append(tools);
    mark();
  }

  move(row, step, button) {
    const rows = this.rows();
    const other = rows[rows.indexOf(row) + step];
    if (!other) return;
    if (step < 0) other.before(row);
    else other.after(row);
    this.number();
    // The first line can't go up: the focus stays on a button that still works.
    const usable = button.disabled ? button.parentElement.querySelector("button:not(:disabled)") : button;
    usable.focus();
    this.say(`${this.root.dataset.moved} ${this.rows().indexOf(row) + 1}`);
  }

  // As the server does without this script: the last day that is typed, a week later on the same hours.
  addWeekLater(event) {
    event.preventDefault();
    const typed = this.rows().filter((row) => field(row, "day").value && !field(row, "DELETE").checked);
    const last = typed.sort((a, b) => field(a, "day").valueAsNumber - field(b, "day").valueAsNumber).pop();
    const row = this.add();
    if (!row || !last) return;
    for (const name of ["day", "begins", "ends", "last_day"]) {
      const { value } = field(last, name);
      field(row, name).value = name.endsWith("day") ? aWeekLater(value) : value;
    }
  }

  add() {
    const index = Number(this.total.value);
    if (index >= this.most) return undefined;
    const holder = document.createElement("div");
    holder.append(this.template.content.cloneNode(true));
    holder.innerHTML = holder.innerHTML.replaceAll("__prefix__", index);
    const row = holder.firstElementChild;
    this.list.append(row);
    this.total.value = index + 1;
    this.equip(row);
    this.number();
    row.querySelector("input:not([type=hidden]), textarea, select").focus();
    this.say(this.root.dataset.added);
    return row;
  }

  number() {
    const rows = this.rows();
    rows.forEach((row, at) => {
      row.querySelector("[data-row-number]").textContent = at + 1;
      const order = field(row, "ORDER");
      if (order) order.value = at + 1;
      const [up, down] = [row.querySelector("[data-row-up]"), row.querySelector("[data-row-down]")];
      if (up) up.disabled = at === 0;
      if (down) down.disabled = at === rows.length - 1;
    });
    this.adder.disabled = Number(this.total.value) >= this.most;
    if (this.weekLater) this.weekLater.disabled = this.adder.disabled;
  }

  say(text) {
    this.status.textContent = text;
  }
}

for (const root of document.querySelectorAll("[data-rows]")) new Rows(root);

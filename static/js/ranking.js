// Options put in order by a tap: the order in a list above, with its buttons. The lists of ranks of the page hold it all
// along, out of sight: they are what is sent, kept on the device and looked over.
import { element, raised } from "./ballot-recap.js";

const ranksOf = (sheet) => [...sheet.querySelectorAll("select")];
const orderOf = (sheet) => ranksOf(sheet).filter((rank) => rank.value).sort((one, other) => one.value - other.value);
const lineOf = (rank) => rank.closest(".option");
const titleOf = (rank) => lineOf(rank).querySelector(".option__title");
const wordsOf = (rank) => rank.selectedOptions[0].dataset.said ?? "";
const filled = (words, values) => words.replace(/{(\w+)}/g, (_, name) => values[name]);

function button(className, words, name, act) {
  const made = Object.assign(element("button", words, className), { type: "button" });
  if (name) made.setAttribute("aria-label", name);
  made.addEventListener("click", act);
  return made;
}

class Ranking {
  constructor(sheet) {
    this.sheet = sheet;
    this.words = sheet.dataset;
    this.past = [];
    this.list = element("ol", "", "ranked");
    this.empty = element("p", this.words.empty, "ranked__empty");
    this.undo = button("link-button ranked__undo", this.words.undo, "", () => this.goBack());
    const box = element("div", "", "ranked__box");
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", this.words.heading);
    box.append(element("p", this.words.heading, "ranked__heading"), this.empty, this.list, this.undo);
    sheet.querySelector(".options").before(element("p", this.words.how, "ranked__how"));
    sheet.append(box);
    for (const rank of ranksOf(sheet)) this.makeTappable(rank);
    this.draw();
  }

  // Its label becomes a button that ranks it next, or takes it off.
  makeTappable(rank) {
    const label = lineOf(rank).querySelector(".option__label");
    const tap = button("option__label option__tap", "", "", () => this.toggle(rank));
    const box = element("span", "", "option__rank"), words = element("span", "", "visually-hidden");
    box.setAttribute("aria-hidden", "true");
    // Neither is part of what the option is called.
    box.dataset.state = words.dataset.state = "";
    tap.append(box, ...label.childNodes, words);
    label.replaceWith(tap);
    rank.closest(".option__choice").hidden = true;
  }

  toggle(rank) {
    const order = orderOf(this.sheet);
    if (rank.value) return this.change(order.filter((each) => each !== rank), rank, "removed");
    if (order.length >= Number(this.words.limit)) return this.announce(this.words.full, true);
    this.change([...order, rank], rank);
  }

  move(rank, step) {
    const order = orderOf(this.sheet), place = order.indexOf(rank);
    order.splice(place, 1);
    order.splice(place + step, 0, rank);
    this.change(order, rank);
    const [up, down] = this.list.children[place + step].querySelectorAll("[data-step]");
    const [wanted, other] = step < 0 ? [up, down] : [down, up];
    (wanted.disabled ? other : wanted).focus();
  }

  remove(rank) {
    this.toggle(rank);
    lineOf(rank).querySelector(".option__tap").focus();
  }

  goBack() {
    this.write(this.past.pop());
    this.announce(this.words.undone);
    if (this.undo.hidden) this.sheet.querySelector(".option__tap").focus();
  }

  change(order, moved, words = "ranked") {
    this.past.push(orderOf(this.sheet));
    this.write(order);
    this.announce(filled(this.words[words], { title: titleOf(moved).textContent, rank: wordsOf(moved) }));
  }

  write(order) {
    for (const rank of ranksOf(this.sheet)) rank.value = order.includes(rank) ? order.indexOf(rank) + 1 : "";
    this.draw();
  }

  // What was done is read aloud, then how many ranks are left.
  announce(words, isShown = false) {
    this.sheet.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: { words, isShown } }));
  }

  draw() {
    const order = orderOf(this.sheet);
    this.list.replaceChildren(...order.map((rank, place) => this.line(rank, place, order.length)));
    this.empty.hidden = Boolean(order.length);
    this.undo.hidden = !this.past.length;
    for (const rank of ranksOf(this.sheet)) {
      const tap = lineOf(rank).querySelector(".option__tap"), words = wordsOf(rank);
      tap.setAttribute("aria-pressed", Boolean(words));
      tap.firstChild.replaceChildren(...raised(words.split(/\s/)[0]));
      tap.lastChild.textContent = words && `, ${words}`;
    }
  }

  line(rank, place, count) {
    const line = element("li", "", "ranked__line"), title = titleOf(rank);
    const name = Object.assign(title.cloneNode(true), { className: "ranked__title" });
    const said = (key) => filled(this.words[key], { title: title.textContent });
    const [up, down] = [[-1, "↑", "up"], [1, "↓", "down"]].map(([step, sign, key]) => button("option__step", sign, said(key), () => this.move(rank, step)));
    up.dataset.step = down.dataset.step = "";
    up.disabled = !place;
    down.disabled = place === count - 1;
    const where = element("span", "", "ranked__place");
    where.append(...raised(wordsOf(rank)));
    line.append(where, name, up, down, button("option__step", "×", said("remove"), () => this.remove(rank)));
    return line;
  }
}

// What was refused keeps its lists of ranks, where what is wrong is said.
export function makeRanking(sheet) {
  if (!sheet.querySelector(".field__error")) new Ranking(sheet);
}

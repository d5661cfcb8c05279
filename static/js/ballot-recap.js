// The look over a ballot: what was chosen, question by question, as the portal's own page says it.
export function element(tag, text = "", className = "") {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

// A text with its French ordinals raised, as the portal's `ordinals` does.
export function raised(text) {
  return text.split(/(?<=\d)(ers?|re?s?|es?)(?![\p{L}\d])/u).map((part, place) => (place % 2 ? element("sup", part) : part));
}

export const fieldsOf = (sheet) => [...sheet.querySelectorAll("input, select")];

export function isChosen(field) {
  if (field.type === "number") return Number(field.value) > 0;
  return Boolean(field.value) && (field.matches("select") || field.checked);
}

// How much an option gets, when a tick does not say it all.
function amount(form, field) {
  if (field.type === "number") return form.dataset.points.replace("{count}", Number(field.value));
  return (field.selectedOptions?.[0] ?? field).dataset.said ?? "";
}

function item(field, words) {
  const line = element("li", "", "chosen__item");
  const said = [...field.closest(".option").querySelector(".option__label").childNodes].filter((node) => !("state" in (node.dataset ?? {})));
  line.append(...said.map((node) => node.cloneNode(true)));
  if (!words) return line;
  const strong = element("strong", "", "chosen__points");
  strong.append(...raised(words));
  line.append(" ", strong);
  return line;
}

function listOf(form, fields, className = "chosen") {
  const list = element("ul", "", className);
  list.append(...fields.map((field) => item(field, amount(form, field))));
  return list;
}

// What nobody graded, and what it counts as.
function rest(form, sheet) {
  const left = fieldsOf(sheet).filter((field) => field.checked && !field.value);
  return left.length ? [element("p", sheet.dataset.rest, "chosen__rest"), listOf(form, left, "chosen chosen--rest")] : [];
}

export function recapOf(form, sheet) {
  const title = sheet.querySelector("[data-title]");
  const heading = element("h3", "", "vote__subtitle");
  heading.append(...title.cloneNode(true).childNodes);
  if (title.lang) heading.lang = title.lang;
  const reminders = [...sheet.querySelectorAll("[data-reminder]")].map((node) => node.cloneNode(true));
  const chosen = fieldsOf(sheet).filter(isChosen);
  if ("ranking" in sheet.dataset) chosen.sort((one, other) => one.value - other.value);
  if (!chosen.length) return [heading, ...reminders, element("p", sheet.dataset.blank ?? form.dataset.blank, "chosen__blank")];
  return [heading, ...reminders, listOf(form, chosen), ...("rest" in sheet.dataset ? rest(form, sheet) : [])];
}

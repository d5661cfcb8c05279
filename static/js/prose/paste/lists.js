// Nested lists out of paragraphs or items that only say how deep they are.
const LETTERS = { a: /^[a-z]$/, A: /^[A-Z]$/, i: /^[ivxlc]+$/, I: /^[IVXLC]+$/ };

// What a marker says: { ordered, start, type }.
export function readMarker(text) {
  const marker = text.replace(/[\s\u00a0]+/g, "");
  const found = /^[([]?((?:\d+[.)-])*)(\d+|[a-zA-Z]|[ivxlcIVXLC]+)[.)\]:°-]+$/.exec(marker) ?? /^()(\d+)$/.exec(marker);
  if (!found) return { ordered: false };
  const [, , number] = found;
  if (/^\d/.test(number)) return { ordered: true, start: Number(number) };
  const type = /^[ivx]{2,}$|^i$/.test(number) ? "i" : /^[IVX]{2,}$|^I$/.test(number) ? "I" : Object.keys(LETTERS).find((each) => LETTERS[each].test(number));
  return { ordered: true, type, start: /^[aA]$/.test(type) ? number.toLowerCase().charCodeAt(0) - 96 : 1 };
}

function begin(document, { ordered, start, type }) {
  const list = document.createElement(ordered ? "ol" : "ul");
  if (ordered && start > 1) list.setAttribute("start", start);
  if (ordered && type) list.setAttribute("type", type);
  return list;
}

// Items are { level, ordered, start, type, key, content }: another key or kind at the same level begins another list.
// One that `continues` is more words of the last item of its level.
export function nest(document, items) {
  const lists = [];
  const opened = [];
  for (const item of items) {
    if (item.continues) {
      while (opened.length > 1 && opened.at(-1).level > item.level) opened.pop();
      opened.at(-1).list.lastElementChild.append(...item.content);
      continue;
    }
    while (opened.length && opened.at(-1).level > item.level) opened.pop();
    const last = opened.at(-1);
    if (last?.level === item.level && (last.ordered !== item.ordered || (last.key !== item.key && item.level === 1))) opened.pop();
    if (opened.at(-1)?.level !== item.level) {
      const list = begin(document, item);
      const within = opened.at(-1)?.list.lastElementChild;
      if (within) within.append(list);
      else lists.push(list);
      opened.push({ level: item.level, ordered: item.ordered, key: item.key, list });
    }
    const element = document.createElement("li");
    element.append(...item.content);
    opened.at(-1).list.append(element);
  }
  return lists;
}

const levelOf = (item) => Number(item.getAttribute("aria-level") || item.getAttribute("data-aria-level")) || 0;
const LEVELLED = "li[aria-level], li[data-aria-level]";

// Google Docs and Word for the Web give each item its level, in lists that are neighbours.
export function nestByLevel(body) {
  for (const wrapper of body.querySelectorAll(".ListContainerWrapper")) wrapper.replaceWith(...wrapper.childNodes);
  const outermost = [...body.querySelectorAll("ul, ol")].filter((list) => list.querySelector(LEVELLED) && !list.parentElement.closest("ul, ol"));
  const done = new Set();
  for (const first of outermost) {
    if (done.has(first)) continue;
    const group = [first];
    for (let next = first.nextElementSibling; next?.matches("ul, ol") && next.querySelector(LEVELLED); next = next.nextElementSibling) group.push(next);
    for (const list of group) done.add(list);
    const items = group.flatMap((list) => [...list.querySelectorAll("li")]).map((item) => ({
      level: levelOf(item) || 1,
      ordered: item.parentElement.localName === "ol",
      start: Number(item.getAttribute("data-aria-posinset") || item.parentElement.getAttribute("start")) || 1,
      content: [...item.childNodes].filter((node) => !/^(ul|ol)$/i.test(node.nodeName)),
    }));
    first.before(...nest(body.ownerDocument, items));
    for (const list of group) list.remove();
  }
}

// Word and Outlook, on a computer or on the Web: lists, titles, quotations, comments and revisions.
import { nest, readMarker } from "./lists.js";
import { isBlank, renamed, unwrap } from "./styles.js";

const LEVEL = /level\s*(\d+)/i;
const TITLE = /^(?:Mso)?(?:Titre|Heading|Title|berschrift)_?(\d?)(?:Car|Char)?$/i;

export function fromWord(body, styleOf, report) {
  revisions(body, styleOf, report);
  const lists = new Set();
  for (const paragraph of body.querySelectorAll("p, div, h1, h2, h3, h4, h5, h6")) {
    if (itemOf(paragraph, styleOf)) lists.add(paragraph.parentElement);
  }
  for (const parent of lists) gather(parent, styleOf);
  for (const element of body.querySelectorAll("p, div")) dress(element, styleOf);
  for (const element of [...body.querySelectorAll("*")].filter(({ localName }) => localName.includes(":"))) unwrap(element);
  for (const element of body.querySelectorAll("span")) {
    if (styleOf(element).has("mso-tab-count")) element.textContent = " ";
    else if (element.matches(".EOP, .LineBreakBlob > span")) element.remove();
  }
}

function revisions(body, styleOf, report) {
  const isWord = (element) => element.matches("[cite^='mailto:'], [datetime], .msoDel, .msoIns");
  for (const removed of body.querySelectorAll("del, .msoDel")) {
    if (isWord(removed)) { report("deleted", isBlank(removed) ? 0 : 1); removed.remove(); }
  }
  for (const list of body.querySelectorAll("div, span, a, p")) {
    if (!list.isConnected) continue;
    const style = styleOf(list);
    const kind = style.get("mso-element") ?? "";
    if (/^comment(-list)?$/.test(kind) || list.matches(".MsoCommentReference, .MsoCommentText, a[href^='#_msocom']")) {
      if (kind === "comment" || list.matches(".MsoCommentText")) report("comments");
      list.remove();
    } else if (style.has("mso-special-character") && /comment/.test(style.get("mso-special-character"))) list.remove();
  }
}

// { level, key } of a paragraph that is an item; nothing for the marker itself.
function itemOf(paragraph, styleOf) {
  const value = styleOf(paragraph).get("mso-list") ?? "";
  const level = LEVEL.exec(value);
  return level && markerOf(paragraph, styleOf) ? { level: Number(level[1]), key: /^\s*(l\d+)/i.exec(value)?.[1] ?? "" } : null;
}

// The nodes between the two conditional comments, else the span that Word ignores.
function markerOf(paragraph, styleOf) {
  const opening = [...commentsOf(paragraph)].find(({ data }) => /\[if\s+!supportLists\]/i.test(data));
  const nodes = [];
  for (let node = opening?.nextSibling; node && !(node.nodeType === 8 && /\[endif\]/i.test(node.data)); node = node.nextSibling) nodes.push(node);
  if (nodes.length && opening) return nodes;
  const ignored = [...paragraph.querySelectorAll("span")].find((span) => /ignore/i.test(styleOf(span).get("mso-list") ?? "") || /^7(\.0)?pt/.test(styleOf(span.firstElementChild ?? span).get("font") ?? ""));
  return ignored ? [ignored] : null;
}

function* commentsOf(element) {
  const walker = element.ownerDocument.createTreeWalker(element, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) yield walker.currentNode;
}

function gather(parent, styleOf) {
  let items = [];
  let place = null;
  const flush = () => {
    if (items.length) place.replaceWith(...nest(parent.ownerDocument, items));
    items = [];
  };
  for (const child of [...parent.childNodes]) {
    const item = child.nodeType === 1 ? itemOf(child, styleOf) : null;
    if (item) {
      const marker = markerOf(child, styleOf);
      const text = marker.map((node) => node.textContent).join("");
      for (const node of marker) node.remove();
      if (/^h\d$/.test(child.localName)) {
        // A numbered heading is no list: its number is in its words.
        flush();
        child.prepend(`${text.trim()} `);
        continue;
      }
      if (!items.length) {
        place = parent.ownerDocument.createComment("");
        child.before(place);
      }
      items.push({ ...item, ...readMarker(text), margin: marginOf(child, styleOf), content: [paragraphOf(child)] });
    } else if (items.length && child.nodeType === 1 && child.matches("[class*='MsoListParagraphCxSp'], [class*='MsoListContinue']") && !isBlank(child)) {
      items.push({ level: levelAt(items, marginOf(child, styleOf)), continues: true, content: [paragraphOf(child)] });
    } else if (child.nodeType === 1 ? !isBlank(child) : child.nodeType === 3 && child.data.trim()) flush();
  }
  flush();
}

const POINTS = { pt: 1, in: 72, cm: 28.35, mm: 2.835, px: 0.75 };

// In points, of what the paragraph itself says: its style gives the same to every level.
function marginOf(paragraph, styleOf) {
  if (!/margin-left/i.test(paragraph.getAttribute("data-style") ?? "")) return null;
  const [, number, unit] = /^(-?[\d.]+)(pt|in|cm|mm|px)/i.exec(styleOf(paragraph).get("margin-left")) ?? [];
  return unit ? Number(number) * POINTS[unit.toLowerCase()] : null;
}

// The level of the item that a paragraph without a marker goes on with: the deepest that is no further in than it is.
function levelAt(items, margin) {
  const last = items.at(-1).level;
  if (margin === null) return last;
  for (let level = last; level > 1; level -= 1) {
    const item = items.findLast((other) => other.level === level && !other.continues);
    if (item && (item.margin ?? 36 * level) <= margin + 1) return level;
  }
  return 1;
}

function paragraphOf(element) {
  element.remove();
  if (element.localName === "p") return element;
  const paragraph = element.ownerDocument.createElement("p");
  paragraph.append(...element.childNodes);
  return paragraph;
}

// What a paragraph is, from the name of its style.
function dress(element, styleOf) {
  const names = [...element.classList];
  const title = names.map((name) => TITLE.exec(name)).find(Boolean);
  const outline = element.localName === "p" ? Number(styleOf(element).get("mso-outline-level")) || 0 : 0;
  const level = title ? Number(title[1]) || 1 : element.getAttribute("role") === "heading" ? Number(element.getAttribute("aria-level")) : outline;
  if (level && !isBlank(element)) renamed(element, `h${Math.min(level, 6)}`);
  else if (names.some((name) => /^Mso(Intense)?Quote/i.test(name)) || names.includes("Citation")) {
    const previous = element.previousElementSibling;
    const quotation = previous?.matches("blockquote[data-word]") ? previous : element.ownerDocument.createElement("blockquote");
    quotation.setAttribute("data-word", "");
    if (quotation !== previous) element.before(quotation);
    quotation.append(element);
  }
}

// A page, a mail, a document of Google: what is no text goes away, addresses come back to what they lead to.
import { cardOf } from "../videos.js";
import { isHidden, renamed, unwrap } from "./styles.js";

const NO_TEXT = "script, style, noscript, template, meta, link, title, base, head, nav, [role=navigation], button, [role=toolbar], [role=menu], select, input, textarea, dialog:not([open]), datalist, progress, meter, xml, area, map, param, source, track, col, colgroup";
const EMBEDDED = "iframe, video, audio, object, embed, canvas";

export function fromWeb(body, styleOf, report) {
  for (const formula of body.querySelectorAll("math")) {
    report("formulas");
    formula.replaceWith(formula.querySelector("annotation[encoding*=tex i]")?.textContent ?? formula.textContent);
  }
  for (const element of body.querySelectorAll(EMBEDDED)) embedded(element, report);
  for (const element of body.querySelectorAll(NO_TEXT)) element.remove();
  for (const element of body.querySelectorAll("svg, [hidden], [aria-hidden=true], [data-style], [class]")) {
    if (element.matches("svg, [hidden]") || isHidden(styleOf(element)) || (element.matches("[aria-hidden=true]") && !element.querySelector("img"))) element.remove();
  }
  for (const item of body.querySelectorAll("li[role=checkbox], li[aria-checked]")) checked(item);
  for (const break_ of body.querySelectorAll("br.Apple-interchange-newline")) break_.remove();
  for (const space of body.querySelectorAll(".Apple-converted-space")) space.replaceWith(" ");
  for (const link of body.querySelectorAll("a")) straighten(link, report);
}

// The film of a known site becomes a card; any other keeps its address, when it has one.
function embedded(element, report) {
  // As it is written: a relative one would be of this site.
  const written = element.getAttribute("src") || element.querySelector("source")?.getAttribute("src") || element.getAttribute("data") || "";
  const address = whole(written);
  const card = cardOf(address, element.ownerDocument, element.title);
  if (card) element.replaceWith(card);
  else {
    report("embedded");
    if (!/^https?:/.test(address)) { element.remove(); return; }
    const paragraph = element.ownerDocument.createElement("p");
    const link = element.ownerDocument.createElement("a");
    link.href = address;
    link.textContent = element.title || address;
    paragraph.append(link);
    element.replaceWith(paragraph);
  }
}

function checked(item) {
  for (const picture of item.querySelectorAll("img")) picture.remove();
  const place = item.querySelector("p, div, span") ?? item;
  place.prepend(item.getAttribute("aria-checked") === "true" ? "☑ " : "☐ ");
}

const WRAPPED = [
  [/^https?:\/\/(?:www\.)?google\.[a-z.]+\/url$/, ["q", "url"]],
  [/^https?:\/\/[\w.-]+\.safelinks\.protection\.outlook\.com\//, ["url"]],
  [/^https?:\/\/(?:l|lm)\.(?:facebook|instagram)\.com\/l\.php$/, ["u"]],
  [/^https?:\/\/www\.youtube\.com\/redirect$/, ["q"]],
];

// The address behind those that count clicks.
export function straight(address) {
  let url;
  try { url = new URL(address); } catch { return address; }
  for (const [pattern, names] of WRAPPED) {
    const inner = pattern.test(url.origin + url.pathname) && names.map((name) => url.searchParams.get(name)).find((value) => /^(https?|mailto):/.test(value ?? ""));
    if (inner) return straight(inner);
  }
  return address;
}

// « //x.example » is of the Web.
const whole = (address) => address.trim().replace(/^\/\/(?=[^/])/, "https://");

function straighten(link, report) {
  const address = whole(link.getAttribute("href") ?? "");
  if (/^file:/i.test(address)) report("files");
  if (/^(https?|mailto|tel):/i.test(address)) {
    const kept = link.ownerDocument.createElement("a");
    kept.setAttribute("href", straight(address));
    if (link.title) kept.title = link.title;
    kept.append(...link.childNodes);
    link.replaceWith(kept);
  } else if (!link.closest("[data-kept]")) unwrap(link);
}

// Words of a list of definitions, of a table's caption or of what folds, as paragraphs.
export function asParagraphs(body) {
  for (const term of body.querySelectorAll("dt")) {
    const paragraph = renamed(term, "p");
    const strong = body.ownerDocument.createElement("strong");
    strong.append(...paragraph.childNodes);
    paragraph.append(strong);
  }
  for (const element of body.querySelectorAll("dd, summary, legend, address")) if (!element.querySelector("p, div, ul, ol, table")) renamed(element, "p");
  for (const caption of body.querySelectorAll("table > caption")) caption.closest("table").before(renamed(caption, "p"));
}

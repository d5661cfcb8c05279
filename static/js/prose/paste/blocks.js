// Titles at their level, lines and paragraphs as they were meant, nothing empty.
import { isBlank, renamed, unwrap } from "./styles.js";

const BLOCKS = "p, div, h1, h2, h3, h4, h5, h6, ul, ol, li, table, blockquote, figure, pre, hr, section, article, main, header, footer, aside";

export function setBlocks(body) {
  shiftHeadings(body);
  for (const table of body.querySelectorAll("table")) setTable(table);
  for (const element of body.querySelectorAll("pre")) if (element.querySelector("div, p")) lineByLine(element);
  spaces(body);
  for (const element of [body, ...body.querySelectorAll("div, section, article, main, header, footer, aside, blockquote")]) wrapLoose(element);
  for (const element of body.querySelectorAll("p, div, li, td, th, blockquote, h1, h2, h3, h4, h5, h6")) trimBreaks(element);
  for (const element of body.querySelectorAll("p, div")) if (!element.querySelector(BLOCKS)) splitAtEmptyLines(element);
  for (const element of [...body.querySelectorAll("p, div, h1, h2, h3, h4, h5, h6, li, ul, ol, blockquote, figure, figcaption, pre, sup, sub, strong, em, s, code, a")].reverse()) {
    if (isBlank(element)) element.replaceWith(...(element.matches("sup, sub, strong, em, s, code, a") ? element.childNodes : []));
  }
  for (const heading of body.querySelectorAll("h2, h3, h4")) for (const strong of heading.querySelectorAll("strong")) unwrap(strong);
}

// The title of the page is the first level: what was a first level becomes the second, and so on down.
function shiftHeadings(body) {
  const shift = body.querySelector("h1") ? 1 : 0;
  for (const heading of body.querySelectorAll("h1, h2, h3, h4, h5, h6")) renamed(heading, `h${Math.min(4, Number(heading.localName[1]) + shift)}`);
}

function setTable(table) {
  const cells = table.querySelectorAll("td, th");
  for (const row of table.querySelectorAll("tr")) if (isBlank(row)) row.remove();
  for (const foot of table.querySelectorAll("tfoot")) renamed(foot, "tbody");
  for (const cell of cells) for (const { name } of [...cell.attributes]) if (!["colspan", "rowspan", "scope"].includes(name)) cell.removeAttribute(name);
  // A table of one cell, or around others, sets its text in boxes, as mails do: the text is meant.
  if (cells.length === 1 || table.matches("[role=presentation], [role=none]") || table.querySelector("table")) {
    const own = [...table.rows].flatMap((row) => [...row.cells]);
    table.replaceWith(...own.map((cell) => renamed(cell, "div")));
  }
}

// Editors of code copy a block of lines.
function lineByLine(element) {
  for (const line of element.querySelectorAll("div, p")) {
    line.append("\n");
    unwrap(line);
  }
}

// Two spaces are one, as are those that a word processor makes of them; a lone no-break space is the writer's, but for those that
// mails put at the end of a sentence.
function spaces(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const leaf = walker.currentNode;
    if (!leaf.parentElement.closest("pre")) leaf.data = leaf.data.replace(/[ \t\r\n\u00a0]{2,}/g, (run) => (/[ \t\r\n]/.test(run) || run.length > 2 ? " " : run)).replace(/(?<=[!?;,.])\u00a0(?![\p{L}\d:;!?»%$])/gu, " ");
  }
}

// Words that are beside blocks, as mails write them.
function wrapLoose(element) {
  if (![...element.children].some((child) => child.matches(BLOCKS))) return;
  let paragraph = null;
  for (const node of [...element.childNodes]) {
    if (node.nodeType === 8 || (node.nodeType === 1 && (node.matches(BLOCKS) || node.querySelector(BLOCKS)))) paragraph = null;
    else if (paragraph || !isSpace(node)) {
      if (!paragraph) {
        paragraph = element.ownerDocument.createElement("p");
        node.before(paragraph);
      }
      paragraph.append(node);
    }
  }
}

const isSpace = (node) => node?.nodeType === 3 && !node.data.replace(/\u00a0/g, " ").trim();

function trimBreaks(element) {
  for (const side of ["firstChild", "lastChild"]) {
    while (element[side] && (isSpace(element[side]) || (element[side].nodeName === "BR" && element.childNodes.length > 1))) element[side].remove();
  }
  if (element.lastChild?.nodeType === 3) element.lastChild.data = element.lastChild.data.replace(/[\s\u00a0]+$/, "");
}

function splitAtEmptyLines(element) {
  const parts = [[]];
  for (const node of [...element.childNodes]) {
    const part = parts.at(-1);
    if (node.nodeName === "BR" && part.findLast((other) => !isSpace(other))?.nodeName === "BR") {
      while (part.length && (part.at(-1).nodeName === "BR" || isSpace(part.at(-1)))) part.pop();
      parts.push([]);
    } else part.push(node);
  }
  if (parts.length === 1) return;
  element.replaceWith(...parts.filter((part) => part.some((node) => !isSpace(node) && node.nodeName !== "BR")).map((part) => {
    const paragraph = element.ownerDocument.createElement("p");
    while (part[0]?.nodeName === "BR") part.shift();
    paragraph.append(...part);
    return paragraph;
  }));
}

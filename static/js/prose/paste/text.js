// Plain text: an empty line begins a paragraph, a line end stays one, addresses are links.
import { setCards } from "../videos.js";
import { linkAddresses } from "./addresses.js";

export function bodyOf(text) {
  const { body } = document.implementation.createHTMLDocument("");
  // Word ends lines by a vertical tab, pages by a form feed; others by Unicode's own signs.
  const lines = text.replace(/\r\n?|[\v\u0085\u2028]/g, "\n").replace(/[\f\u2029]/g, "\n\n");
  for (const part of lines.replace(/^\n+|\s+$/g, "").split(/\n[^\S\n]*\n\s*/)) {
    const paragraph = body.ownerDocument.createElement("p");
    for (const [number, line] of part.split("\n").entries()) paragraph.append(...(number ? [body.ownerDocument.createElement("br")] : []), line);
    body.append(paragraph);
  }
  for (const paragraph of body.querySelectorAll("p")) separateCards(paragraph);
  linkAddresses(body);
  setCards(body);
  return body;
}

// A video is alone on its line, even among others.
function separateCards(paragraph) {
  if (!paragraph.querySelector("br") || !/https?:\/\//.test(paragraph.textContent)) return;
  const lines = [[]];
  for (const node of [...paragraph.childNodes]) node.nodeName === "BR" ? lines.push([]) : lines.at(-1).push(node);
  const groups = [];
  for (const line of lines) {
    const isAddress = /^\s*https?:\/\/\S+\s*$/.test(line.map((node) => node.data).join(""));
    if (isAddress || !groups.length || groups.at(-1).isAddress) groups.push({ isAddress, lines: [line] });
    else groups.at(-1).lines.push(line);
  }
  paragraph.replaceWith(...groups.map(({ lines: own }) => {
    const part = paragraph.ownerDocument.createElement("p");
    for (const [number, line] of own.entries()) part.append(...(number ? [paragraph.ownerDocument.createElement("br")] : []), ...line);
    return part;
  }));
}

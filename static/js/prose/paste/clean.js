// What is pasted, whatever wrote it, as the HTML that the editor holds; `report(kind)` is told of what it can't hold.
import { setCards } from "../videos.js";
import { linkAddresses } from "./addresses.js";
import { setBlocks } from "./blocks.js";
import { setInline } from "./inline.js";
import { nestByLevel } from "./lists.js";
import { takeNotes } from "./notes.js";
import { takePictures } from "./pictures.js";
import { reader } from "./styles.js";
import { asParagraphs, fromWeb } from "./web.js";
import { fromWord } from "./word.js";

export function clean(html, report) {
  const { body, ...rest } = parsed(html);
  const styleOf = reader(rest.document);
  takeNotes(body);
  fromWord(body, styleOf, report);
  dropComments(body);
  fromWeb(body, styleOf, report);
  nestByLevel(body);
  setInline(body, styleOf);
  asParagraphs(body);
  setBlocks(body);
  takePictures(body, report);
  linkAddresses(body);
  setCards(body);
  strip(body);
  return body.innerHTML;
}

// The policy of the page would refuse each `style`, and say so.
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi;
const STYLE = /("[^"]*"|'[^']*')|(\s)style(?=\s*=)/gi;
const SHEET = /<style\b[^>]*>(.*?)<\/style\s*>/gis;
const withoutStyles = (html) => html.replace(SHEET, '<script type="text/plain" data-sheet>$1</script>').replace(TAG, (tag) => tag.replace(STYLE, (_, quoted, space) => quoted ?? `${space}data-style`));

// Rows without their table, as Excel gives them, would lose their cells.
function parsed(html) {
  const isRows = /^\s*(?:<(?:meta|!--)[^>]*>\s*)*<(?:tr|td|th|tbody|thead|col)\b/i.test(html);
  const document = new DOMParser().parseFromString(withoutStyles(isRows ? `<table>${html}</table>` : html), "text/html");
  return { document, body: document.body };
}

const KEPT = new Set(["href", "title", "src", "srcset", "sizes", "alt", "width", "height", "colspan", "rowspan", "scope", "start", "type", "data-block", "data-pending", "data-picture", "data-decorative"]);

// Word alone says something by them.
function dropComments(body) {
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_COMMENT);
  const comments = [];
  while (walker.nextNode()) comments.push(walker.currentNode);
  for (const comment of comments) comment.remove();
}

function strip(body) {
  for (const element of body.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      const isOurs = (name === "id" && /^note-/.test(value)) || (name === "class" && /^(notes|figure--video)$/.test(value));
      if (!KEPT.has(name) && !isOurs) element.removeAttribute(name);
    }
  }
}

// Bold, italic and the like, decided for each run of text by the nearest element that says so, tag or style.
const FORMATTING = "b, strong, i, em, u, s, strike, del, ins, sub, sup, code, kbd, samp, tt, var, span, font, big, small, mark, cite, dfn, abbr, acronym, label, bdi, bdo, nobr, wbr, time, data, output, q, ruby, rb, rt, rp";
const MONO = new Set(["code", "kbd", "samp", "tt"]);
const BOLD = new Set(["b", "strong"]);
const ITALIC = new Set(["i", "em", "cite", "var", "dfn"]);
const STRIKE = new Set(["s", "strike", "del"]);
const HEADING = /^h[1-6]$/;

const weight = (value) => (/^(bold|bolder)$/i.test(value) ? true : /^(normal|lighter)$/i.test(value) ? false : /^\d+$/.test(value) ? Number(value) >= 600 : undefined);
const slant = (value) => (/^(italic|oblique)/i.test(value) ? true : /^normal$/i.test(value) ? false : undefined);
const raised = (value) => ({ super: "sup", sub: "sub", baseline: "" })[value];

// Of one element; undefined where it says nothing.
function said(element, style) {
  const tag = element.localName;
  const font = style.get("font") ?? "";
  return {
    strong: weight(style.get("font-weight") ?? "") ?? (/\bbold\b/i.test(font) || BOLD.has(tag) || undefined),
    em: slant(style.get("font-style") ?? "") ?? (/\bitalic\b/i.test(font) || ITALIC.has(tag) || undefined),
    raised: raised(style.get("vertical-align")) ?? (tag === "sup" || tag === "sub" ? tag : undefined),
    s: /line-through/.test(`${style.get("text-decoration")} ${style.get("text-decoration-line")}`) || STRIKE.has(tag) || undefined,
    code: MONO.has(tag) || undefined,
  };
}

function marksOf(leaf, body, styleOf) {
  const marks = {};
  for (let element = leaf.parentElement; element && element !== body; element = element.parentElement) {
    if (HEADING.test(element.localName) || element.localName === "th") {
      // Their letters are bold already.
      marks.strong = false;
    }
    if (element.localName === "pre") marks.code ??= false;
    const block = element.matches("td, th, tr, table");
    for (const [name, value] of Object.entries(said(element, styleOf(element)))) {
      if (value !== undefined && !(block && name === "raised")) marks[name] ??= value;
    }
  }
  return ["strong", "em", "s", "code"].filter((name) => marks[name]).concat(marks.raised || []);
}

export function setInline(body, styleOf) {
  for (const quotation of body.querySelectorAll("q")) {
    quotation.prepend('"');
    quotation.append('"');
  }
  const { ownerDocument } = body;
  const walker = ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const runs = [];
  while (walker.nextNode()) {
    const leaf = walker.currentNode;
    if (leaf.data && !leaf.parentElement.closest("[data-kept]")) runs.push([leaf, marksOf(leaf, body, styleOf)]);
  }
  for (const [leaf, marks] of runs) {
    // A space between two blocks is in no mark.
    if (!leaf.data.trim()) continue;
    const outer = marks.reduceRight((inner, name) => {
      const mark = ownerDocument.createElement(name);
      mark.append(inner);
      return mark;
    }, ownerDocument.createTextNode(leaf.data));
    if (marks.length) outer.setAttribute("data-mark", "");
    leaf.replaceWith(outer);
  }
  for (const element of body.querySelectorAll(FORMATTING)) {
    if (!element.closest("[data-mark], [data-kept]")) element.replaceWith(...element.childNodes);
  }
  for (const mark of body.querySelectorAll("[data-mark]")) mark.removeAttribute("data-mark");
}

// Styles as they were written: the policy of the page empties `element.style`, so attributes (which clean.js renamed) and sheets
// are read as text.
const declared = (text) => new Map(
  text.split(/;(?![^(]*\))/).map((part) => part.split(/:(.*)/s)).filter(([, value]) => value !== undefined)
    .map(([name, value]) => [name.trim().toLowerCase(), value.replace(/!\s*important/i, "").trim()]),
);

// What the sheets of a document say of a class, alone or with the name of an element: Word, Excel and LibreOffice write no more.
function rulesOf(document) {
  const rules = [];
  for (const sheet of document.querySelectorAll("[data-sheet]")) {
    const text = sheet.textContent.replace(/<!--|-->|\/\*.*?\*\//gs, "");
    for (const [, selectors, body] of text.matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
      for (const selector of selectors.split(",")) {
        const found = /^\s*([a-z][a-z0-9]*)?\.([\w-]+)\s*$/i.exec(selector);
        if (found) rules.push({ tag: found[1]?.toLowerCase(), name: found[2], declarations: declared(body) });
      }
    }
  }
  return rules;
}

// `styleOf(element)` for the elements of a document: a Map of its declarations, its own attribute having the last word.
export function reader(document) {
  const rules = rulesOf(document);
  const known = new WeakMap();
  return (element) => {
    if (known.has(element)) return known.get(element);
    const style = new Map();
    for (const { tag, name, declarations } of element.classList.length ? rules : []) {
      if (element.classList.contains(name) && (!tag || tag === element.localName)) for (const [key, value] of declarations) style.set(key, value);
    }
    for (const [key, value] of declared(element.getAttribute("data-style") ?? "")) style.set(key, value);
    known.set(element, style);
    return style;
  };
}

export function isHidden(style) {
  return style.get("display") === "none" || style.get("visibility") === "hidden" || style.get("mso-hide") === "all";
}

// The element goes, what it holds stays.
export function unwrap(element) {
  element.replaceWith(...element.childNodes);
}

export function renamed(element, name) {
  const other = element.ownerDocument.createElement(name);
  other.append(...element.childNodes);
  element.replaceWith(other);
  return other;
}

// Whether someone reading would see anything of it.
export const isBlank = (node) => !node.textContent.trim() && !node.querySelector?.("img, hr, table, [data-kept]");

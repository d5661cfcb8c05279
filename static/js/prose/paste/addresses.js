// Addresses written in a text become links: of the Web and of mail, never what only looks like a domain ("élus.es").
const HOST = "(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]*[\\p{L}\\p{N}])?\\.)+\\p{L}{2,}";
const ADDRESS = new RegExp(
  `(?<![\\p{L}\\p{N}_@/.])(?:(?<web>https?://[^\\s<>"«»“”‘’]+|www\\.${HOST}(?::\\d+)?(?:[/?#][^\\s<>"«»“”‘’]*)?)|(?<mail>[A-Za-z0-9][A-Za-z0-9._%+-]*@${HOST}))`,
  "giu",
);
const NOT_LAST = /[.,;:!?…'*_]$/;

function withoutPunctuation(address) {
  for (;;) {
    const unbalanced = (address.endsWith(")") && address.split(")").length > address.split("(").length) || (address.endsWith("]") && address.split("]").length > address.split("[").length);
    if (!unbalanced && !NOT_LAST.test(address)) return address;
    address = address.slice(0, -1);
  }
}

// [{ index, text, href }] of the addresses of a line.
export function addressesOf(text) {
  const found = [];
  for (const { index, groups: { web, mail } } of text.matchAll(ADDRESS)) {
    const written = withoutPunctuation(web ?? mail);
    if (mail && !new RegExp(`@${HOST}$`, "u").test(written)) continue;
    const href = mail ? `mailto:${written}` : /^www\./i.test(written) ? `https://${written}` : written;
    if (mail || URL.canParse(href)) found.push({ index, text: written, href });
  }
  return found;
}

// Word and others link « l'info@… » with what is elided before the address.
const ELIDED = /^mailto:((?:[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)(?:['’]|%27|%E2%80%99))(?=[^'’@%]+@)/i;

function unelide(link) {
  const elided = ELIDED.exec(link.getAttribute("href"))?.[1];
  const written = elided && decodeURIComponent(elided);
  const leaf = link.ownerDocument.createTreeWalker(link, NodeFilter.SHOW_TEXT).nextNode();
  if (!leaf?.data.replace("’", "'").toLowerCase().startsWith(written?.replace("’", "'").toLowerCase() ?? "\0")) return;
  link.setAttribute("href", link.getAttribute("href").replace(elided, ""));
  link.before(leaf.data.slice(0, written.length));
  leaf.data = leaf.data.slice(written.length);
}

export function linkAddresses(body) {
  for (const link of body.querySelectorAll("a[href^='mailto:' i]")) unelide(link);
  const walker = body.ownerDocument.createTreeWalker(body, NodeFilter.SHOW_TEXT);
  const leaves = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("a, code, pre, [data-kept]")) leaves.push(walker.currentNode);
  for (const leaf of leaves) {
    const parts = [];
    let from = 0;
    for (const { index, text, href } of addressesOf(leaf.data)) {
      const link = body.ownerDocument.createElement("a");
      link.setAttribute("href", href);
      link.textContent = text;
      parts.push(leaf.data.slice(from, index), link);
      from = index + text.length;
    }
    if (parts.length) leaf.replaceWith(...parts, leaf.data.slice(from));
  }
}

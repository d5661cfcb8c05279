"""What fingers and words need of a page: targets that are large enough, and no word that nobody can reach."""

from __future__ import annotations

# What WCAG 2.5.8 exempts: a link among the words of a sentence, what is not shown, and the discs of the map, whose
# places are links below it. A label counts with its control.
SMALL_TARGETS = """() => {
  const words = (node) => node.textContent.replace(/\\s+/g, " ").trim();
  const beside = (node) => [...node.childNodes].some(
    (one) => one.nodeType === Node.TEXT_NODE && /[\\p{L}\\p{N}]/u.test(one.data));
  const isInSentence = (link) => {
    if (getComputedStyle(link).display !== "inline") return false;
    for (let block = link.parentElement; block; block = block.parentElement) {
      if (beside(block)) return true;
      if (!getComputedStyle(block).display.startsWith("inline")) return false;
    }
    return false;
  };
  const isSeen = (node) => node.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })
    && !node.closest(".visually-hidden, .skip, .honeypot, .ProseMirror, .region");
  const sizeOf = (node) => {
    const boxes = [...node.getClientRects()];
    const cover = getComputedStyle(node, "::after");
    if (cover.position === "absolute" && cover.content !== "none") boxes.push(node.offsetParent.getBoundingClientRect());
    for (const label of node.labels ?? []) boxes.push(label.getBoundingClientRect());
    return boxes.some((box) => box.width >= 23.9 && box.height >= 23.9);
  };
  return [...document.querySelectorAll("a[href], button, summary, input:not([type=hidden]), select, textarea")]
    .filter((node) => isSeen(node) && node.getClientRects().length && !(node.matches("a") && isInSentence(node)) && !sizeOf(node))
    .map((node) => {
      const box = node.getBoundingClientRect();
      return `${Math.round(box.width)} × ${Math.round(box.height)} ${node.tagName} ${node.className.baseVal ?? node.className} ${words(node).slice(0, 40)}`;
    });
}"""


# Words that nobody can reach: beyond the edge of the screen, or cut by a box that doesn't scroll.
LOST_WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), lost = [];
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) lost.push(`${wide} px beyond the screen`);
  const range = document.createRange();
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement;
    if (!text.data.trim() || parent.closest("script, style, title, option, .visually-hidden, .skip, .honeypot, [popover]")) continue;
    if (!parent.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    let edges = { left: 0, right: innerWidth, bottom: Infinity };
    for (let around = parent; around; around = around.parentElement) {
      const style = getComputedStyle(around), rect = around.getBoundingClientRect();
      if (/auto|scroll/.test(style.overflowX + style.overflowY) || style.clipPath !== "none") break;
      if (/hidden|clip/.test(style.overflowX)) edges = { left: rect.left, right: rect.right, bottom: rect.bottom };
      else if (around !== document.documentElement) continue;
      if (box.left < edges.left - 2 || box.right > edges.right + 2 || box.bottom > edges.bottom + 6) {
        lost.push(text.data.trim().slice(0, 60));
        break;
      }
    }
  }
  return lost;
}"""

# 1280 × 1024 px at 400 %, then twice the size of the text alone.
ZOOMED, LARGE_PX = {"width": 320, "height": 256}, 34
SET_TEXT = """async (size) => {
  document.documentElement.style.fontSize = size;
  // What the page draws itself follows at the next image.
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


def out_of_reach(page):
    """On the page that is open; its window and its text are as before afterwards."""
    before = page.viewport_size
    page.set_viewport_size(ZOOMED)
    found = [f"lost at 400 %: {each}" for each in page.evaluate(LOST_WORDS)]
    page.set_viewport_size({"width": 360, "height": 800})
    found += [f"small: {each}" for each in page.evaluate(SMALL_TARGETS)]
    page.set_viewport_size({"width": 1280, "height": 800})
    page.evaluate(SET_TEXT, f"{LARGE_PX}px")
    found += [f"lost in large text: {each}" for each in page.evaluate(LOST_WORDS)]
    page.evaluate(SET_TEXT, "")
    page.set_viewport_size(before)
    return found

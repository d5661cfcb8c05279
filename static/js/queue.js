// Single keys in the queue; only while one of its items has the focus, so that nothing else is surprised. A browser
// drops the keys that are pressed before a page is drawn: what is being typed by then began unheard, its letters decide nothing.
const QUIET_MS = 250;
const queue = document.querySelector("[data-queue]");
const items = [...queue.querySelectorAll("[data-item]")];
let isHeard = false;
let quiet = 0;

function listenOnceQuiet() {
  clearTimeout(quiet);
  quiet = setTimeout(() => {
    isHeard = true;
    document.querySelector("[data-queue-help]")?.removeAttribute("hidden");
  }, QUIET_MS);
}
requestAnimationFrame(() => requestAnimationFrame(listenOnceQuiet));

function act(item, key) {
  const beside = (step) => items[items.indexOf(item) + step]?.focus();
  const actions = {
    j: () => beside(1),
    k: () => beside(-1),
    p: () => item.querySelector("[data-approve]")?.click(),
    m: () => item.querySelector("[name=reason]")?.focus(),
    v: () => item.querySelector("[data-see]")?.click(),
  };
  actions[key]?.();
  return key in actions;
}

queue.addEventListener("keydown", (event) => {
  if (!isHeard) {
    listenOnceQuiet();
    return;
  }
  const item = event.target.closest("[data-item]");
  if (event.key === "Escape") item?.focus();
  if (!item || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, textarea")) return;
  if (act(item, event.key.toLowerCase())) event.preventDefault();
});

// After a decision, on what followed; else on the first. A refusal has the focus by itself, in the item that it is about.
const named = document.getElementById(location.hash.slice(1));
if (!queue.querySelector("[data-refusal]")) {
  if (items.includes(named)) named.focus();
  else if (document.activeElement === document.body) items[0]?.focus({ preventScroll: !location.hash });
}

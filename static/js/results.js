// From an item back to the list that it was opened from: its filters, its page, and the focus on the item that was left.
const KEY = "results";
const ENGLISH = /^\/en(?=\/)/;
const bare = (path) => path.replace(ENGLISH, "");
const here = () => bare(location.pathname) + location.search;

// One list for each tab. Without storage, the trail above leads to the whole list.
function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function write(left) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(left));
  } catch {
    // As above.
  }
}

const back = document.querySelector("[data-results-back]");

// Known to this tab or, in a tab that a link of the list has opened, to where it comes from.
function listOfThisPage() {
  const { list, item } = read();
  if (item === bare(location.pathname)) return list;
  if (!document.referrer) return null;
  const from = new URL(document.referrer);
  const lists = back.dataset.resultsBack.split(" ").map(bare);
  return from.origin === location.origin && lists.includes(bare(from.pathname)) ? bare(from.pathname) + from.search : null;
}

function showWayBack() {
  const list = listOfThisPage();
  if (!list) return;
  // In the language of this page; from the root of this site, whatever the path is.
  const language = location.pathname.match(ENGLISH)?.[0] ?? "";
  back.querySelector("a").href = location.origin + language + list;
  back.hidden = false;
}

function focusWhatWasLeft() {
  const { list, item, isReturning } = read();
  if (list !== here()) return;
  const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  if (!isReturning && !isBack) return;
  const links = document.querySelectorAll("[data-results] a[href]");
  const left = [...links].find((link) => link.origin === location.origin && bare(link.pathname) === item && !link.search);
  // The browser's own button has already scrolled to where one was.
  left?.focus({ preventScroll: isBack });
  if (isReturning) left?.scrollIntoView({ block: "center" });
  write({ list, item });
}

function remember(event) {
  const link = event.target.closest?.("a[href]");
  if (!link || link.origin !== location.origin || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const item = bare(link.pathname);
  if (link.closest("[data-results]")) write({ list: here(), item });
  else if (back && link.closest("[data-results-back]")) write({ list: listOfThisPage(), item: bare(location.pathname), isReturning: true });
  // The next one, or the one before, is still one of these results.
  else if (back && link.closest("[data-neighbours]")) write({ list: listOfThisPage(), item });
}

if (back) showWayBack();
if (document.querySelector("[data-results]")) focusWhatWasLeft();
addEventListener("click", remember);

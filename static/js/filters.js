// Filters answer at once, in place. Without this script, a button sends the same form to the same address.
import { isLeaving, untilReleased } from "./navigation.js";

const form = document.querySelector("[data-live-form]");
const shownAddress = () => location.pathname + location.search;
const ANNOUNCED_MS = 100;
let last = 0, shown = shownAddress();

function address() {
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value) asked.append(name, value);
  return `${location.pathname}${asked.size ? "?" : ""}${asked}`;
}

async function show(url, { remember = true } = {}) {
  const turn = ++last;
  const results = document.getElementById("resultats");
  results.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    await untilReleased("[data-live]");
    if (turn !== last) return; // a later choice is on its way
    swap(page);
    if (remember) history.pushState(null, "", url);
    shown = shownAddress();
  } catch {
    if (turn === last && !isLeaving()) location.assign(url);
  }
}

function swap(page) {
  const focused = document.activeElement?.id;
  for (const facet of document.querySelectorAll("[data-live] details[id]:not([open])")) {
    page.getElementById(facet.id)?.removeAttribute("open");
  }
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (fresh) part.replaceChildren(...fresh.childNodes);
    part.removeAttribute("aria-busy");
  }
  hideButton();
  announce();
  document.title = page.title;
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
}

// What stands there from the beginning is read when it changes; what comes with the results may not be. Emptied first:
// another choice may leave as many.
function announce() {
  const status = document.querySelector("[data-announced]");
  if (!status) return;
  status.textContent = "";
  setTimeout(() => { status.textContent = document.getElementById("nombre")?.textContent.trim() ?? ""; }, ANNOUNCED_MS);
}

function hideButton() {
  for (const button of document.querySelectorAll("[data-live-button]")) button.hidden = true;
}

if (form) {
  hideButton();
  document.addEventListener("change", (event) => {
    if (event.target.form === form && event.target.name !== "q") show(address());
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show(address());
  });
  // A link to a place in the page changes no filter.
  addEventListener("popstate", () => { if (shownAddress() !== shown) location.reload(); });
}

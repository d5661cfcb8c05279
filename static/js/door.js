// The door: the list follows what is typed, and the figures follow what others do. Without this
// script, a button searches, and the figures are those of the last page.
import { untilReleased } from "./navigation.js";

const form = document.querySelector("[data-door-search]");
const field = form.querySelector("input[type=search]");
const counts = document.querySelector("[data-door-counts]");
const WAIT = 180;
const EVERY = 10_000;
let timer;
let turn = 0;

async function search() {
  const mine = ++turn;
  // With the session that the door is of, if it says one.
  const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
  const url = `${location.pathname}${asked.size ? `?${asked}` : ""}`;
  try {
    const response = await fetch(url, { credentials: "same-origin" });
    if (!response.ok || response.redirected) throw new Error(response.status);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    await untilReleased("#personnes");
    if (mine !== turn) return; // something else was typed meanwhile
    document.getElementById("personnes").replaceChildren(...page.getElementById("personnes").childNodes);
    history.replaceState(null, "", url);
  } catch {
    // No network for a moment: the list stays, and the button still works.
  }
}

form.querySelector("[data-door-button]").hidden = true;
field.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(search, WAIT);
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(timer);
  search();
});

async function refresh() {
  if (document.hidden) return;
  try {
    const response = await fetch(counts.dataset.doorCounts, { credentials: "same-origin" });
    if (!response.ok || response.redirected) return;
    const figures = await response.json();
    const number = new Intl.NumberFormat(document.documentElement.lang);
    counts.querySelector("[data-door-arrived]").textContent = number.format(figures.arrived);
    counts.querySelector("[data-door-expected]").textContent = number.format(figures.expected);
    const items = figures.kinds.map(([label, count]) => {
      const item = document.createElement("li");
      item.textContent = `${label} ${number.format(count)}`;
      return item;
    });
    counts.querySelector("[data-door-kinds]").replaceChildren(...items);
  } catch {
    // The next turn says.
  }
}

setInterval(refresh, EVERY);
document.addEventListener("visibilitychange", refresh);

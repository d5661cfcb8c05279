// The room's screen: turnout and time left while people vote, then the reveal, one priority a key.
import { reload } from "./navigation.js";

const EVERY_MS = 2000;
const page = document.querySelector("[data-screen]");
const find = (name) => page.querySelector(`[data-${name}]`);
const words = (key, values) => page.dataset[key].replace(/{(\w+)}/g, (_, name) => values[name]);
const shownAt = performance.now();
let ahead = 0;

async function poll() {
  try {
    const askedAt = performance.now();
    const answer = await fetch(page.dataset.poll);
    // The room's computer may be minutes off: the portal's clock decides.
    const date = Date.parse(answer.headers.get("Date"));
    if (date) ahead = Math.round((Date.now() - date) / 1000) * 1000;
    // A cache's answer may be older than the page, which would then go back to what was.
    const isNewer = askedAt - shownAt > 1000 * Number(answer.headers.get("Age"));
    if (answer.ok && isNewer) update(await answer.json());
  } catch { /* the next one will tell */ }
  setTimeout(poll, EVERY_MS);
}

function update(shown) {
  if (shown.state !== page.dataset.screen || JSON.stringify(shown.fixed ?? null) !== page.dataset.fixed) return reload();
  if (!("voted" in shown)) return;
  find("voted").textContent = words("turnout", shown);
  Object.assign(find("changed"), { textContent: words("changes", shown), hidden: !shown.added && !shown.voided });
  Object.assign(find("bar"), { max: shown.roll || 1, value: shown.voted });
  if (find("time")) find("time").dataset.closes = shown.closes_at;
}

function tick() {
  const place = find("time");
  const left = Math.max(0, Math.ceil((Date.parse(place.dataset.closes) - Date.now() + ahead) / 1000));
  const parts = { d: Math.floor(left / 86400), h: Math.floor(left / 3600), m: Math.floor(left / 60), s: String(left % 60).padStart(2, "0") };
  const time = parts.d > 1 ? words("days", parts) : parts.h ? words("hours", { h: parts.h, m: String(parts.m % 60).padStart(2, "0") }) : words("minutes", parts);
  place.textContent = words("left", { time });
}

// From the last priority to the first, question by question, then the seal.
function reveal() {
  const steps = [...page.querySelectorAll("section")].flatMap((section) => {
    const inside = [...section.querySelectorAll("[data-step]")].reverse();
    return section.matches("[data-step]") ? [section] : inside;
  });
  const button = find("next");
  for (const step of steps) step.classList.add("is-hidden");
  for (const note of page.querySelectorAll("[data-step-with]")) note.classList.add("is-hidden");
  const next = () => {
    const step = steps.shift();
    if (!step) return;
    step.classList.remove("is-hidden");
    const section = step.closest("section");
    if (!section.querySelector(".is-hidden[data-step]")) section.querySelector("[data-step-with]")?.classList.remove("is-hidden");
    step.scrollIntoView({ block: "nearest" });
    // A title must not run into its total.
    const parts = step.childElementCount ? [...step.children] : [step];
    find("said").textContent = parts.map((part) => part.textContent.trim()).join(", ");
    if (!steps.length) button.hidden = true;
  };
  button.hidden = false;
  page.addEventListener("click", (event) => { if (!event.target.closest("a, button")) next(); });
  button.addEventListener("click", next);
  addEventListener("keydown", (event) => {
    if (event.target.closest("a, button") && ["Enter", " "].includes(event.key)) return;
    if (![" ", "Enter", "ArrowRight", "ArrowDown", "PageDown"].includes(event.key)) return;
    event.preventDefault();
    next();
  });
  button.focus();
}

if (page.dataset.poll) poll();
if (find("time")) {
  tick();
  setInterval(tick, 1000);
}
if (find("reveal")) reveal();

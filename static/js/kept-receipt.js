// A receipt that opens without a network, when its owner asks for it: the code, the name of the forum, nothing of the
// ballot. What someone else kept goes as soon as a page of another voter comes, and what is void with it.
import { forgetReceipts, KEPT } from "./forget.js";

const part = document.querySelector("[data-kept-receipt]");
const find = (name) => part.querySelector(`[data-${name}]`);
const path = location.pathname;
const name = KEPT + path;
const POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'";

function pageOf(template) {
  const sheets = [...document.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.outerHTML).join("");
  const scripts = `<script type="module" src="${part.dataset.script}"></script>`;
  return `<!doctype html><html lang="${document.documentElement.lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${template.dataset.title}</title>${sheets}${scripts}</head><body>${template.innerHTML}</body></html>`;
}

// Of every round, since one device serves several.
async function readAll() {
  const names = (await caches.keys()).filter((each) => each.startsWith(KEPT));
  return Promise.all(names.map(async (each) => {
    const page = await caches.match(each.slice(KEPT.length), { cacheName: each });
    return { name: each, receipt: page?.headers.get("Kept-Receipt"), voter: page?.headers.get("Kept-Voter") };
  }));
}

async function dropOthers() {
  const { voter, void: path } = part.dataset;
  // Withdrawn, or never cast by this voter.
  if (path) await forgetReceipts(path.replace(/^\/en/, ""));
  if (voter && (await readAll()).some((each) => each.voter !== voter)) await forgetReceipts();
  return readAll();
}

async function keep() {
  const { given: receipt, voter, worker, script, library } = part.dataset;
  const cache = await caches.open(name);
  const sheets = [...document.querySelectorAll('link[rel="stylesheet"]')].map((link) => link.href);
  await cache.addAll([...sheets, script, library]);
  const headers = { "Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": POLICY, "Kept-Receipt": receipt, "Kept-Voter": voter };
  await cache.put(path, new Response(pageOf(find("page")), { headers }));
  await navigator.serviceWorker.register(worker, { scope: path });
}

function show(isKept, said = "") {
  find("keep")?.toggleAttribute("hidden", isKept);
  (find("held") ?? find("forget")).toggleAttribute("hidden", !isKept);
  find("status").textContent = said;
}

async function act(work, isKept, said) {
  try {
    await work();
    show(isKept, said);
  } catch {
    find("status").textContent = part.dataset.failed;
  }
}

async function begin() {
  const { given } = part.dataset;
  const all = await dropOthers();
  const kept = all.find((each) => each.name === name);
  // A newer ballot has another receipt.
  if (kept && given && kept.receipt !== given) await keep();
  // A page without a receipt of its own offers to forget any.
  const isHeld = given ? Boolean(kept) : all.length > 0;
  show(isHeld);
  part.hidden = !given && !isHeld;
  find("keep")?.addEventListener("click", () => act(keep, true, part.dataset.kept));
  find("forget").addEventListener("click", () => act(() => forgetReceipts(), false, part.dataset.forgotten));
}

if (part && "caches" in window && navigator.serviceWorker) begin();

// A receipt that opens without a network, when its owner asks for it: the code, the name of the forum, nothing of the
// ballot. Someone else's that is still there goes as soon as another voter's page comes.
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

async function read() {
  const page = await caches.match(path, { cacheName: name });
  return page && { receipt: page.headers.get("Kept-Receipt"), voter: page.headers.get("Kept-Voter") };
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
  find("forget").toggleAttribute("hidden", !isKept);
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
  let kept = await read();
  if (kept && part.dataset.voter && kept.voter !== part.dataset.voter) {
    await forgetReceipts();
    kept = null;
  }
  // A newer ballot has another receipt.
  if (kept && part.dataset.given && kept.receipt !== part.dataset.given) await keep();
  show(Boolean(kept));
  part.hidden = false;
  find("keep")?.addEventListener("click", () => act(keep, true, part.dataset.kept));
  find("forget").addEventListener("click", () => act(forgetReceipts, false, part.dataset.forgotten));
}

if (part && "caches" in window && navigator.serviceWorker) begin();

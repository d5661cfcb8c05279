// One listing after the other by single keys, without loading a page; only while the focus is in here. Without it, a form.
const root = document.querySelector("[data-classify]");
const said = document.querySelector("[data-classify-said]");
let [page, isFresh, isBusy] = [0, true, false];

const inputs = (key) => [...root.querySelectorAll("input[data-key]")].filter((input) => input.dataset.key === key);
const sectors = () => [...root.querySelectorAll("input[name=sectors]")];

// Which sectors the digits choose now.
function number() {
  for (const input of sectors()) input.nextElementSibling.hidden = Number(input.dataset.page) !== page;
}

function begin() {
  [page, isFresh] = [0, true];
  for (const key of root.querySelectorAll("kbd")) key.hidden = false;
  root.querySelector("[data-classify-help]")?.removeAttribute("hidden");
  number();
  const name = root.querySelector("[data-classify-name]");
  name.focus({ preventScroll: true });
  return name;
}

function choose(key) {
  const input = inputs(key).find((each) => Number(each.dataset.page ?? page) === page);
  if (!input) return;
  // The first digit replaces what was proposed; the next ones add, or take away.
  if (input.name === "sectors" && isFresh) {
    for (const other of sectors()) if (other !== input) other.checked = false;
    input.checked = true;
  } else input.checked = input.type === "radio" || !input.checked;
  if (input.name === "sectors") isFresh = false;
  said.textContent = input.checked ? input.closest("label").lastElementChild.firstChild.textContent : "";
}

async function send(form, button) {
  if (isBusy) return;
  isBusy = true;
  const fields = new FormData(form, button);
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: new URLSearchParams(fields), headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const part = fresh.querySelector("[data-classify]");
    // Signed out, or something failed: the page itself says what.
    if (!part) throw new Error("no listing");
    root.replaceChildren(...part.childNodes);
    const told = fresh.querySelector(".messages")?.textContent.trim() ?? "";
    if (answer.redirected) history.replaceState(null, "", answer.url);
    const name = begin();
    const refusal = root.querySelector("[data-refusal]");
    if (refusal) refusal.focus();
    said.textContent = [told, refusal ? "" : name.dataset.announce].filter(Boolean).join(" ");
  } catch {
    form.requestSubmit(button);
  } finally {
    isBusy = false;
  }
}

const act = (name) => root.querySelector(`[data-action=${name}]`)?.click();
const KEYS = { Enter: "accept", s: "pass", ArrowRight: "pass", ArrowLeft: "back", u: "undo" };

root.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "Enter" && event.target.closest("a, button")) return;
  // Arrows move among the legal forms once one of them has the focus.
  if (key.startsWith("Arrow") && event.target.matches("[type=radio]")) return;
  if (KEYS[key]) act(KEYS[key]);
  else if (key === "0" && sectors().length > 9) {
    page = (page + 1) % Math.ceil(sectors().length / 9);
    number();
  } else if (inputs(key).length) choose(key);
  else return;
  event.preventDefault();
});

root.addEventListener("submit", (event) => {
  if (isBusy || !event.submitter) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

begin();

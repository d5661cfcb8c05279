// The room board: entries wait on this device until they are acknowledged; the list refreshes itself.
// Without this script, the same forms send the same things, one page at a time.

const root = document.querySelector("[data-room]");
const form = root.querySelector("[data-room-form]");
const list = root.querySelector("[data-room-list]");
const status = root.querySelector("[data-room-status]");
const outbox = root.querySelector("[data-room-outbox]");
const KEPT = ["table_number", "kind", "track"];
const [DRAFT, WAITING] = ["draft", "waiting"].map((name) => `room:${root.dataset.room}:${name}`);
const [EVERY_MS, RETRY_MS, LOST] = [4000, 3000, "lost"];
let [etag, busy] = ["", false];

const read = (key, otherwise) => {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
};
const write = (key, value) => localStorage.setItem(key, JSON.stringify(value));

function typed() {
  const values = Object.fromEntries(new FormData(form));
  delete values.csrfmiddlewaretoken;
  return values;
}

function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements[name];
    if (field && name !== "csrfmiddlewaretoken") field.value = value;
  }
}

function newNumber() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function next() {
  const kept = Object.fromEntries(KEPT.map((name) => [name, form.elements[name]?.value ?? ""]));
  form.reset();
  fill({ ...kept, title: "", description: "", submission: newNumber() });
  write(DRAFT, typed());
  form.elements.title.focus();
}

function showWaiting(said) {
  const waiting = read(WAITING, []);
  outbox.hidden = !waiting.length;
  outbox.replaceChildren(...waiting.map(line));
  status.textContent = said ?? (waiting.some((entry) => !entry.refusal) ? status.dataset.sending : "");
}

// An entry that waits; one that was refused says why, and can be taken up again.
function line(entry) {
  const item = Object.assign(document.createElement("li"), { textContent: entry.title });
  if (!entry.refusal) return item;
  const again = Object.assign(document.createElement("button"), { type: "button", className: "link-button" });
  again.textContent = outbox.dataset.again;
  again.addEventListener("click", () => {
    if (form.elements.title.value.trim()) form.requestSubmit();
    drop(entry);
    fill(entry);
    write(DRAFT, typed());
    showWaiting();
  });
  item.append(` – ${entry.refusal} `, again);
  return item;
}

const drop = (entry) => write(WAITING, read(WAITING, []).filter((other) => other.submission !== entry.submission));
const firstToSend = () => read(WAITING, []).find((entry) => !entry.refusal);

async function send(entry) {
  const body = new FormData();
  const csrfmiddlewaretoken = form.elements.csrfmiddlewaretoken.value;
  for (const pair of Object.entries({ ...entry, csrfmiddlewaretoken })) body.append(...pair);
  const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
  if (response.status === 201) return null;
  if (response.status === 422) return (await response.json()).errors.join(" ");
  if (response.redirected || response.status === 403) throw new Error(LOST);
  throw new Error(String(response.status));
}

// One at a time and in order: the first that fails for lack of network stops the others until the next try.
async function flush() {
  if (busy) return;
  busy = true;
  let said;
  try {
    for (let entry = firstToSend(); entry; entry = firstToSend()) {
      const refusal = await send(entry);
      drop(entry);
      if (refusal) write(WAITING, [...read(WAITING, []), { ...entry, refusal, submission: newNumber() }]);
      said = refusal ? `${status.dataset.refused} ${refusal}` : status.dataset.stored;
    }
  } catch (error) {
    said = error.message === LOST ? status.dataset.lost : undefined;
  }
  busy = false;
  showWaiting(said);
  refresh();
}

async function refresh() {
  try {
    const headers = etag ? { "If-None-Match": etag } : {};
    const response = await fetch(root.dataset.list, { headers, cache: "no-store" });
    if (response.status !== 200 || response.redirected) return;
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").body;
    // Replaced under a press, a button would get no click: the next turn brings the same.
    if (list.matches(":active")) return;
    etag = response.headers.get("ETag") ?? "";
    const ticked = new Set([...list.querySelectorAll("[name=r]:checked")].map((box) => box.value));
    const focused = list.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : null;
    list.replaceChildren(...fresh.childNodes);
    for (const box of list.querySelectorAll("[name=r]")) box.checked = ticked.has(box.value);
    if (focused) list.querySelector(`#${focused} button, input#${focused}`)?.focus();
  } catch {
    // No network: the next turn tries again.
  }
}

form.addEventListener("input", () => write(DRAFT, typed()));
form.addEventListener("submit", (event) => {
  if (!form.elements.title.value.trim()) return; // the page itself says what is missing
  try {
    write(WAITING, [...read(WAITING, []), typed()]);
  } catch {
    return; // a full or forbidden store: the form is sent as without this script
  }
  event.preventDefault();
  next();
  showWaiting();
  flush();
});
list.addEventListener("submit", async (event) => {
  if (!event.target.matches("[data-room-choose]")) return;
  event.preventDefault();
  const asked = fetch(event.target.action, { method: "POST", body: new FormData(event.target) });
  await asked.catch(() => { /* no network: the list that follows shows what the server knows */ });
  refresh();
});

const draft = read(DRAFT, null);
if (draft && (draft.title || draft.description)) fill(draft);
root.querySelector("[data-room-hint]").hidden = false;
form.elements.title.focus();
showWaiting();
flush();
setInterval(() => document.hidden || refresh(), EVERY_MS);
setInterval(() => firstToSend() && flush(), RETRY_MS);

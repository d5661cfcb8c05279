// Autosave of the writing desk: shows who else is writing, and stores on this device what could not be sent.
import { deleteLocalCopy, fill, markSent, readLocalCopy, storeLocalCopy, typedIn } from "./local-copy.js";

const QUIET_MS = 1500, AT_LATEST_MS = 6000, AGAIN_MS = 8000, PRESENCE_MS = 20000;
const form = document.querySelector("form[data-autosave]");
const words = document.querySelector("[data-writing]");
const editors = new Map();
let sending = null, blocked = false, warned = false, leaving = false, timer = 0, firstChange = 0, notBefore = 0, saved = "";

const version = () => form.elements[form.dataset.version];
const now = () => JSON.stringify(typedIn(form));
const put = (place, text, kind) => {
  const box = (kind ? words : document).querySelector(`[data-writing-${place}]`);
  if (!box || box.textContent === text) return;
  box.textContent = text;
  if (kind) box.className = text ? `message message--${kind}` : "";
};
const say = (key, values = {}) => put("state", words.dataset[key].replace(/{(\w+)}/g, (_, name) => values[name] ?? ""));

function changed() {
  if (leaving || now() === saved) return;
  storeLocalCopy(form, typedIn(form), version().value);
  firstChange ||= Date.now();
  clearTimeout(timer);
  timer = setTimeout(save, Math.max(notBefore - Date.now(), Math.min(QUIET_MS, firstChange + AT_LATEST_MS - Date.now())));
}

function save() {
  if (blocked || leaving || now() === saved) return sending;
  sending ??= send().finally(() => { sending = null; if (now() !== saved) changed(); });
  return sending;
}

async function post(address, values) {
  const data = new FormData();
  for (const [key, value] of values) data.append(key, value);
  data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  return fetch(address, { method: "POST", body: data, redirect: "manual" });
}

async function send() {
  const typed = typedIn(form);
  const state = [[form.dataset.version, version().value], ["writing_key", form.elements.writing_key.value]];
  say("saving");
  firstChange = 0;
  let answer;
  try {
    answer = await post(form.dataset.autosave, [...typed, ...state]);
  } catch {
    return later("offline");
  }
  if (answer.type === "opaqueredirect" || answer.status === 403) return later("signedout");
  if (answer.status === 409) return conflict(await answer.json());
  if (!answer.ok) return later("failed");
  const body = await answer.json();
  deleteLocalCopy(form);
  notBefore = 0;
  saved = JSON.stringify(typed);
  version().value = body.version;
  form.dataset.autosave = body.autosave_url;
  if (!form.dataset.presence) setTimeout(present);
  form.dataset.presence = body.presence_url;
  if (form.elements.owner) form.elements.owner.value = body.owner;
  if (!location.pathname.endsWith(body.edit_url)) history.replaceState(null, "", body.edit_url);
  form.setAttribute("action", location.pathname);
  if (warned) put("alert", "");
  warned = false;
  if (body.left_out.length) put("state", body.left_out.join(" "));
  else say("saved", { time: body.saved_at });
  others(body);
}

function later(why) {
  say(why);
  notBefore = Date.now() + AGAIN_MS;
}

function conflict(body) {
  blocked = true;
  put("state", "");
  warn(body);
}

// Whether it is a conflict is for the next save to find: the same words, saved late from another page, are none.
function warn(body) {
  warned = true;
  put("alert", words.dataset.conflict.replace("{name}", body.saved_by).replace("{time}", body.saved_at), "error");
}

function others(body) {
  put("others", body.others.length ? words.dataset.others.replace("{names}", body.others.join(", ")) : "", "warning");
}

async function present() {
  if (!form.dataset.presence || document.hidden) return;
  try {
    const answer = await post(form.dataset.presence, []);
    if (!answer.ok) return;
    const body = await answer.json();
    others(body);
    if (body.version > Number(version().value) && !sending) warn(body);
  } catch { /* the next round will tell */ }
}

function offerKept() {
  const copy = readLocalCopy(form);
  if (!copy || "typed" in form.dataset) return;
  // Words that were sent with the form came back as a later version.
  if (JSON.stringify(copy.typed) === now() || (copy.sent && Number(version().value) > Number(copy.version))) return deleteLocalCopy(form);
  const box = words.querySelector("[data-writing-kept]");
  const when = new Date(copy.at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  box.querySelector("span").textContent = words.dataset.kept.replace("{time}", when);
  box.hidden = false;
  box.querySelector("[data-take]").addEventListener("click", () => { box.hidden = true; fill(form, copy.typed, editors); changed(); });
  box.querySelector("[data-drop]").addEventListener("click", () => { box.hidden = true; deleteLocalCopy(form); });
}

if (form) {
  form.setAttribute("action", location.pathname);
  const key = document.createElement("input");
  Object.assign(key, { type: "hidden", name: "writing_key", value: crypto.getRandomValues(new Uint8Array(16)).reduce((text, byte) => text + byte.toString(16).padStart(2, "0"), "") });
  form.append(key);
  saved = "typed" in form.dataset ? "" : now();
  offerKept();
  document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
    editors.set(textarea, editor);
    if (!firstChange && !sending && !("typed" in form.dataset)) saved = now();
  });
  for (const kind of ["input", "change"]) form.addEventListener(kind, changed);
  window.addEventListener("online", () => { if (!blocked) save(); });
  form.addEventListener("submit", (event) => {
    if (event.submitter?.formTarget === "_blank") return;
    if (sending) {
      // Otherwise the two saves would contradict each other.
      event.preventDefault();
      sending.finally(() => form.requestSubmit(event.submitter));
      return;
    }
    leaving = true;
    clearTimeout(timer);
    markSent(form);
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => { if (!leaving && now() !== saved) event.preventDefault(); });
  window.addEventListener("pagehide", () => {
    if (!form.dataset.presence) return;
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("leaves", "1");
    navigator.sendBeacon(form.dataset.presence, data);
  });
  present();
  setInterval(present, PRESENCE_MS);
}

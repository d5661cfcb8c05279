// Autosave of the writing desk: shows who else is writing, and stores on this device what could not be sent.
import { form, put, say, tellOthers, words } from "./desk-words.js";
import { offerKeptWords } from "./kept-words.js";
import { deleteLocalCopy, fill, forgetSentCopies, holdLocalCopy, markSent, storeLocalCopy, typedIn } from "./local-copy.js";
import { startPresence } from "./presence.js";
import { post, renewToken } from "./session.js";

const QUIET_MS = 1500, AT_LATEST_MS = 6000, AGAIN_MS = 8000;
const editors = new Map();
let sending = null, blocked = false, warned = false, leaving = false, asking = false, isUntouched = true, timer = 0, firstChange = 0, notBefore = 0, saved = "", present = null;

const version = () => form.elements[form.dataset.version];
const now = () => JSON.stringify(typedIn(form));

function changed() {
  if (leaving || now() === saved) return;
  isUntouched = false;
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

const isRefused = (answer) => answer.type === "opaqueredirect" || answer.status === 403;

async function send() {
  const typed = typedIn(form);
  const values = [...typed, [form.dataset.version, version().value], ["writing_key", form.elements.writing_key.value]];
  say("saving");
  firstChange = 0;
  let answer, who = "signedout";
  try {
    answer = await post(form, form.dataset.autosave, values);
    if (isRefused(answer)) who = await renewToken(form, words.dataset.token);
    if (isRefused(answer) && who === "here") answer = await post(form, form.dataset.autosave, values);
  } catch {
    return later("offline");
  }
  if (isRefused(answer)) return later(who === "here" ? "signedout" : who);
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
  tellOthers(body);
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

// The button that was pressed, once what is on its way has arrived and whoever is signed in is still the writer.
async function leave(submitter) {
  if (asking) return;
  asking = true;
  // Otherwise the two saves would contradict each other.
  await sending;
  const who = await renewToken(form, words.dataset.token).catch(() => "offline");
  asking = false;
  if (who !== "here") return say(who);
  leaving = true;
  clearTimeout(timer);
  markSent(form);
  form.requestSubmit(submitter);
}

if (form) {
  form.setAttribute("action", location.pathname);
  const key = document.createElement("input");
  Object.assign(key, { type: "hidden", name: "writing_key", value: crypto.getRandomValues(new Uint8Array(16)).reduce((text, byte) => text + byte.toString(16).padStart(2, "0"), "") });
  form.append(key);
  saved = "typed" in form.dataset ? "" : now();
  holdLocalCopy(form);
  if ("typed" in form.dataset) {
    // What was sent came back: this page keeps it from now on.
    storeLocalCopy(form, typedIn(form), version().value);
    forgetSentCopies(form);
  } else {
    offerKeptWords(form, words, {
      same: (typed) => JSON.stringify(typed) === now(),
      isUntouched: () => isUntouched,
      take: (typed) => { fill(form, typed, editors); changed(); },
    });
  }
  document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
    editors.set(textarea, editor);
    if (!firstChange && !sending && !("typed" in form.dataset)) saved = now();
  });
  for (const kind of ["input", "change"]) form.addEventListener(kind, changed);
  window.addEventListener("online", () => { if (!blocked) save(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !blocked) save(); });
  form.addEventListener("submit", (event) => {
    if (leaving || event.submitter?.formTarget === "_blank") return;
    event.preventDefault();
    leave(event.submitter);
  });
  window.addEventListener("pageshow", () => { leaving = false; });
  window.addEventListener("beforeunload", (event) => { if (!leaving && now() !== saved) event.preventDefault(); });
  present = startPresence({ onVersion: (body) => { if (body.version > Number(version().value) && !sending) warn(body); } });
}

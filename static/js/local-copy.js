// Copies in localStorage of what was typed and is not saved yet: one for each page of the editor, named by its writing key.
// `form.action` would be the buttons, which are named so.
const text = (form) => `bureau:${form.dataset.person}:${new URL(form.getAttribute("action"), location.href).pathname}`;
const name = (form) => `${text(form)}#${form.elements.writing_key.value}`;
const keyOf = (copyName) => copyName.split("#")[1] ?? "";

export function storeLocalCopy(form, typed, version) {
  try {
    localStorage.setItem(name(form), JSON.stringify({ typed, version, at: Date.now() }));
  } catch { /* full, or refused by the browser: the server's copy remains */ }
}

export function readCopy(copyName) {
  try {
    return JSON.parse(localStorage.getItem(copyName));
  } catch { return null; }
}

// The form is being sent: once it comes back, or its text does, the copy has no more use.
export function markSent(form) {
  const copy = readCopy(name(form));
  if (copy) localStorage.setItem(name(form), JSON.stringify({ ...copy, sent: true }));
}

export const deleteLocalCopy = (form) => deleteCopy(name(form));

export function deleteCopy(copyName) {
  try { localStorage.removeItem(copyName); } catch { /* nothing to delete */ }
}

// Those that other pages of this text left, and those of another text that came to the portal as this one.
export function copiesLeft(form) {
  try {
    const own = Object.keys(localStorage).filter((each) => each.startsWith(`bureau:${form.dataset.person}:`) && each !== name(form));
    for (const each of own) {
      if (form.dataset.written && keyOf(each) === form.dataset.written && readCopy(each)?.sent) deleteCopy(each);
    }
    return own.filter((each) => each.split("#")[0] === text(form) && readCopy(each));
  } catch { return []; }
}

export function forgetSentCopies(form) {
  for (const each of copiesLeft(form)) {
    if (readCopy(each).sent) deleteCopy(each);
  }
}

// As long as this page lives, what it keeps is its own: no other page offers it.
export function holdLocalCopy(form) {
  whenLeft(name(form), (release) => release);
}

// Calls `use` once no page holds this copy, with what lets the next one have it. Without Web Locks, at once.
export function whenLeft(copyName, use) {
  const key = keyOf(copyName);
  if (!navigator.locks || !key) return use(() => null);
  navigator.locks.request(`bureau:${key}`, () => new Promise(use));
}

// Everything typed in the form, as pairs: neither files nor what the server writes there.
export function typedIn(form) {
  const machinery = ["csrfmiddlewaretoken", "writing_key", "owner", form.dataset.version];
  return [...new FormData(form)].filter(([field, value]) => typeof value === "string" && !machinery.includes(field));
}

// Puts `typed` back in the form; rich texts through their editor.
export function fill(form, typed, editors) {
  for (const field of form.elements) {
    const values = typed.filter(([key]) => key === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (values.length && field.type !== "file" && field.type !== "submit") {
      field.value = values[0];
      editors.get(field)?.commands.setContent(values[0], { emitUpdate: true });
    }
  }
}

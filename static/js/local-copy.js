// A copy in localStorage of what was typed and is not saved yet.
// `form.action` would be the buttons, which are named so.
const name = (form) => `bureau:${form.dataset.person}:${new URL(form.getAttribute("action"), location.href).pathname}`;

export function storeLocalCopy(form, typed, version) {
  try {
    localStorage.setItem(name(form), JSON.stringify({ typed, version, at: Date.now() }));
  } catch { /* full, or refused by the browser: the server's copy remains */ }
}

export function readLocalCopy(form) {
  try {
    return JSON.parse(localStorage.getItem(name(form)));
  } catch { return null; }
}

// The form is being sent: once it comes back at a later version, the copy has no more use.
export function markSent(form) {
  const copy = readLocalCopy(form);
  if (copy) localStorage.setItem(name(form), JSON.stringify({ ...copy, sent: true }));
}

export function deleteLocalCopy(form) {
  try { localStorage.removeItem(name(form)); } catch { /* nothing to delete */ }
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

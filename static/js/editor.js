const words = new Map(
  [...(document.querySelector("[data-editor-words]")?.content.children ?? [])].map((word) => [word.dataset.for, word.textContent]),
);

// The package names its buttons in English.
function nameButtons(toolbar, label) {
  toolbar.setAttribute("role", "toolbar");
  toolbar.setAttribute("aria-label", label);
  for (const button of toolbar.querySelectorAll("button[data-name]")) {
    const word = words.get(button.dataset.name);
    if (word) { button.title = word; button.setAttribute("aria-label", word); }
  }
}

// Names the rich editor after its field's label, for screen readers, and lets a click on the label lead to it.
document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  if (!label) return;
  label.id ||= `${textarea.id}_label`;
  const box = editor.view.dom;
  box.setAttribute("aria-labelledby", label.id);
  box.setAttribute("aria-multiline", "true");
  box.setAttribute("spellcheck", "true");
  const described = textarea.getAttribute("aria-describedby");
  if (described) box.setAttribute("aria-describedby", described);
  label.addEventListener("click", () => editor.commands.focus());
  const named = () => {
    const toolbar = box.closest(".prose-editor")?.querySelector(".prose-menubar");
    if (toolbar) nameButtons(toolbar, words.get("toolbar"));
  };
  // The toolbar is made once the editor is.
  editor.on("create", () => queueMicrotask(named));
  setTimeout(named, 50);
});

// Leaving the page with words that were not saved asks first; the writing desk sees to its own.
let unsaved = false;
const desk = () => document.querySelector("form:not([data-autosave]):has([data-django-prose-editor-configurable])");
for (const kind of ["input", "change", "keydown", "paste"]) {
  document.addEventListener(kind, (event) => { unsaved ||= Boolean(desk()?.contains(event.target)) && event.key !== "Tab"; });
}
document.addEventListener("submit", (event) => {
  if (event.submitter?.formTarget !== "_blank") unsaved = false;
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

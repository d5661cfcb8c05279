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
});

// Leaving the page with words that were not saved asks first.
let unsaved = false;
const desk = () => document.querySelector("form:has([data-django-prose-editor-configurable])");
for (const kind of ["input", "change", "keydown", "paste"]) {
  document.addEventListener(kind, (event) => { unsaved ||= Boolean(desk()?.contains(event.target)) && event.key !== "Tab"; });
}
document.addEventListener("submit", (event) => {
  if (event.submitter?.formTarget !== "_blank") unsaved = false;
});
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

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

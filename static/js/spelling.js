// The browser checks the spelling of a text in its language; its title is on several lines, and Enter saves it.
const form = document.querySelector("form[data-autosave]");
const language = form?.querySelector("select[name=language]");
const boxes = new Map();

function follow() {
  for (const field of form.querySelectorAll("[data-spelling]")) {
    if (language) field.lang = `${language.value}-CA`;
    boxes.get(field)?.setAttribute("lang", field.lang);
  }
}

if (form) {
  document.addEventListener("prose-editor:ready", ({ detail: { editor, textarea } }) => {
    // The editor has its box once it is made.
    setTimeout(() => { boxes.set(textarea, editor.view.dom); follow(); });
  });
  language?.addEventListener("change", follow);
  form.elements.title?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
}

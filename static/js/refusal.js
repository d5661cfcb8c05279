// What was refused is right now, and the page stays: it no longer says otherwise.
export function forgetRefusal() {
  const refusal = document.querySelector("[data-refusal]");
  if (!refusal) return;
  const words = refusal.dataset.refusal;
  if (document.title.startsWith(words)) document.title = document.title.slice(words.length).trimStart();
  refusal.remove();
}

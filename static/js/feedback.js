// What just happened. A live region speaks of what enters it after the page is there: confirmations move into the one
// that stands just before them. A refusal takes the focus where `autofocus` did not, and is in view below any bar.
const SPEAK_MS = 150;

function say() {
  for (const region of document.querySelectorAll("[data-said]")) {
    const words = region.nextElementSibling;
    if (words?.matches("[data-to-say]")) region.append(words);
  }
}

// Its heading: a summary may be taller than the screen.
const refusal = document.querySelector("[data-refusal][autofocus], [data-refusal] [autofocus]");
if (refusal) {
  refusal.focus({ preventScroll: true });
  refusal.closest("[data-refusal]").scrollIntoView({ block: "start", behavior: "instant" });
}
setTimeout(say, SPEAK_MS);

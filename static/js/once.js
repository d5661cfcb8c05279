// One click is enough: a form marked `data-once` that was sent is not sent again while its answer comes.
// The server takes a second click well too; this only spares the wait. A file to print leaves the page
// as it is, so the button comes back.

const WAIT_MS = 4000;

for (const form of document.querySelectorAll("form[data-once]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "1";
    const button = form.querySelector('[type="submit"]');
    button?.setAttribute("aria-disabled", "true");
    setTimeout(() => {
      delete form.dataset.sent;
      button?.removeAttribute("aria-disabled");
    }, WAIT_MS);
  });
}

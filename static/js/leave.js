// Copies a receipt; erases from this device what was typed and never sent.
function eraseAll(prefix) {
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(prefix))) {
      // Sent, and never answered.
      if (JSON.parse(localStorage.getItem(key))?.isPending) document.querySelector("[data-unknown]")?.removeAttribute("hidden");
      localStorage.removeItem(key);
    }
  } catch { /* the browser keeps nothing */ }
}

for (const form of document.querySelectorAll("[data-leave]")) {
  form.addEventListener("submit", () => eraseAll("vote:"));
}
const over = document.querySelector("[data-erase]");
if (over) eraseAll(over.dataset.erase);

const button = document.querySelector("[data-copy]");
if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector("[data-receipt]").textContent);
    button.textContent = button.dataset.copied;
    document.querySelector("[data-copy-status]").textContent = button.dataset.copied;
  });
}

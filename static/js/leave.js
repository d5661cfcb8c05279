// Copies a receipt; erases from this device what was typed and never sent.
import { eraseBallots, forgetBeforeSending } from "./forget.js";

for (const form of document.querySelectorAll("[data-leave]")) forgetBeforeSending(form);
const over = document.querySelector("[data-erase]");
if (over) eraseBallots(over.dataset.erase);

const button = document.querySelector("[data-copy]");
if (button && navigator.clipboard) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.querySelector("[data-receipt]").textContent);
    button.textContent = button.dataset.copied;
    document.querySelector("[data-copy-status]").textContent = button.dataset.copied;
  });
}

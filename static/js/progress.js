// Follows a long work: the bar moves, and the page is shown again at the end. Without it, a link does.
import { reload } from "./navigation.js";

const box = document.querySelector("[data-progress]");

async function look() {
  try {
    const response = await fetch(box.dataset.progress, { credentials: "same-origin" });
    const { done, total, over } = await response.json();
    if (over) reload();
    box.querySelector("progress").value = done;
    box.querySelector("progress").max = total || 1;
    box.querySelector("[data-progress-done]").textContent = done;
  } catch {
    // The next look may succeed.
  }
  setTimeout(look, 1000);
}

if (box) setTimeout(look, 1000);

// Keeps what is marked `data-live="address"` fresh, by the same page; it stops while nobody looks.
import { reload } from "./navigation.js";

const EVERY_MS = 10_000;

const refresh = async () => {
  if (document.hidden) return;
  const parts = document.querySelectorAll("[data-live]");
  try {
    const answer = await fetch(parts[0].dataset.live, { headers: { Accept: "text/html" } });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    // The round has moved on: what the page offers is no longer right.
    if (fresh.querySelector("[data-state]")?.dataset.state !== document.querySelector("[data-state]")?.dataset.state) {
      reload();
      return;
    }
    const others = fresh.querySelectorAll("[data-live]");
    parts.forEach((part, place) => {
      const other = others[place];
      // Replaced, a link would lose its press or its focus, and words that are being copied their selection.
      const isKept = !other || part.isEqualNode(other) || part.matches(":active, :focus-within");
      if (!isKept) part.replaceChildren(...other.childNodes);
    });
  } catch {
    // No network: what is shown stays, and the next try may work.
  }
};

if (document.querySelector("[data-live]")) {
  setInterval(refresh, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
}

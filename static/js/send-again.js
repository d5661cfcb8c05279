// The page of what is not confirmed yet sends the same fields again, until the portal knows.
import { isLeaving } from "./navigation.js";

const FIRST_WAIT_MS = 2000, LONGEST_WAIT_MS = 16000, PATIENCE_MS = 15000;
const form = document.querySelector("[data-send-again]");

async function isKnown() {
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const isPortal = answer.headers.has("Content-Security-Policy");
    return answer.type === "opaqueredirect" || (isPortal && answer.status < 500);
  } catch {
    return false;
  }
}

form.querySelector("[data-status]").textContent = form.querySelector("[data-status]").dataset.again;
for (let ms = FIRST_WAIT_MS; ; ms = Math.min(2 * ms, LONGEST_WAIT_MS)) {
  await new Promise((resolve) => { setTimeout(resolve, ms); });
  if (await isKnown() && !isLeaving()) break;
}
// Once more, to be led where it leads: the same fields change nothing twice.
form.submit();

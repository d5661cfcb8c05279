// What this device holds of votes: choices that were not sent, receipts that open without a network. All of it goes at once.
export const KEPT = "recu:";
const PATIENCE_MS = 1500;

export function eraseBallots(prefix = "vote:") {
  try {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith(prefix))) {
      // Sent, and never answered.
      if (JSON.parse(localStorage.getItem(key))?.isPending) document.querySelector("[data-unknown]")?.removeAttribute("hidden");
      localStorage.removeItem(key);
    }
  } catch { /* the browser keeps nothing */ }
}

// Those of one round when its page's path is given, in either language.
export async function forgetReceipts(path = "") {
  const isMeant = (name) => name.startsWith(KEPT) && name.endsWith(path);
  try {
    for (const name of await caches.keys()) if (isMeant(name)) await caches.delete(name);
    for (const worker of await navigator.serviceWorker.getRegistrations()) if (isMeant(KEPT + new URL(worker.scope).pathname)) await worker.unregister();
  } catch { /* the browser keeps nothing */ }
}

// The form leaves once everything is erased, or when that lasts too long.
export function forgetBeforeSending(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    eraseBallots();
    await Promise.race([forgetReceipts(), new Promise((resolve) => { setTimeout(resolve, PATIENCE_MS); })]);
    form.submit();
  });
}

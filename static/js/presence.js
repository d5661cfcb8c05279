// Tells the portal that this text is open, and the writer who else has it open.
import { form, tellOthers } from "./desk-words.js";
import { post } from "./session.js";

const PRESENCE_MS = 20000;

// `onVersion` is told the version that is stored.
export function startPresence({ onVersion }) {
  const present = async () => {
    if (!form.dataset.presence || document.hidden) return;
    try {
      const answer = await post(form, form.dataset.presence, []);
      if (!answer.ok) return;
      const body = await answer.json();
      tellOthers(body);
      onVersion(body);
    } catch { /* the next round will tell */ }
  };
  window.addEventListener("pagehide", () => {
    if (!form.dataset.presence) return;
    const data = new FormData();
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("leaves", "1");
    navigator.sendBeacon(form.dataset.presence, data);
  });
  present();
  setInterval(present, PRESENCE_MS);
  return present;
}

// The library of pictures and documents, from the editor: sending files to it and choosing in it.
import { renewToken } from "./session.js";

const page = document.querySelector("[data-editor-words]");
export const word = (name) => page?.content.querySelector(`[data-for="${name}"]`)?.textContent ?? "";
export const words = {
  add: word("picture"), alt: word("picture:alt"), decorative: word("picture:decorative"), caption: word("picture:caption"),
  describe: word("picture:describe"), done: word("picture:done"), choose: word("picture:choose"),
  send: word("picture:send"), close: word("picture:close"), search: word("picture:search"), failed: word("picture:failed"),
};

const token = () => document.querySelector("[name=csrfmiddlewaretoken]").value;

export function say(text) {
  const box = document.querySelector("[data-writing-alert]");
  if (!box) return;
  box.textContent = text;
  box.className = text ? "message message--error" : "";
}

// Which file of how many is on its way; nothing once all are.
export function sayProgress(number, count) {
  const box = document.querySelector("[data-sending-state]");
  if (box) box.textContent = count > 1 ? word("picture:sending").replace("{number}", number).replace("{count}", count) : "";
}

// Sends a picture or a PDF document; the answer is the library's, or { errors }.
export async function send(file) {
  const isDocument = file.type === "application/pdf";
  const address = isDocument ? page.dataset.documents : page.dataset.pictures;
  const attempt = () => {
    const data = new FormData();
    data.append("file", file);
    data.append("csrfmiddlewaretoken", token());
    if (!isDocument) data.append("is_described_later", "on");
    return fetch(`${address}ajouter/`, { method: "POST", body: data, headers: { Accept: "application/json" }, redirect: "manual" });
  };
  say("");
  try {
    let answer = await attempt();
    // The session may have ended, and begun again in another tab.
    const desk = document.querySelector("[data-token]");
    if (answer.status === 403 && desk && (await renewToken(desk.closest("form"), desk.dataset.token)) === "here") answer = await attempt();
    return answer.ok || answer.status === 422 ? await answer.json() : { errors: [words.failed] };
  } catch {
    return { errors: [words.failed] };
  }
}

// A dialog with the library; resolves to a picture, to { files }, or to nothing.
export function choosePicture() {
  const dialog = document.createElement("dialog");
  dialog.className = "library-dialog";
  dialog.setAttribute("aria-label", words.choose);
  dialog.innerHTML = `<div class="stack"><div class="cluster cluster--apart"><h2 class="card__title"></h2><button class="button button--quiet button--small" type="button" value="close"></button></div>
    <label class="field__label"><span></span> <input type="file" accept="image/jpeg,image/png,image/webp,application/pdf" multiple></label>
    <input type="search"><div data-list aria-live="polite"></div></div>`;
  dialog.querySelector("h2").textContent = words.choose;
  dialog.querySelector("label span").textContent = words.send;
  const [close, search, list] = [dialog.querySelector("[value=close]"), dialog.querySelector("[type=search]"), dialog.querySelector("[data-list]")];
  close.textContent = words.close;
  search.setAttribute("aria-label", words.search);
  search.placeholder = words.search;
  const show = async (address) => {
    const answer = await fetch(address);
    if (answer.ok) list.innerHTML = await answer.text();
  };
  const begin = (query = "") => show(`${page.dataset.pictures}?choix=1&q=${encodeURIComponent(query)}`);
  document.body.append(dialog);
  dialog.showModal();
  begin();
  let timer = 0;
  search.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(() => begin(search.value), 300); });
  return new Promise((resolve) => {
    const end = (value) => { resolve(value); dialog.close(); };
    dialog.addEventListener("close", () => { resolve(null); dialog.remove(); });
    close.addEventListener("click", () => end(null));
    dialog.querySelector("[type=file]").addEventListener("change", (event) => end({ files: [...event.target.files] }));
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      const { picture, src, srcset, width, height, alt, decorative, class: focus } = link.dataset;
      if (picture) end({ picture, src, srcset, width, height, alt, class: focus, decorative: decorative !== undefined });
      else show(new URL(link.getAttribute("href"), new URL(`${page.dataset.pictures}`, location.href)).href);
    });
  });
}

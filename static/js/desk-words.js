// What the page of the editor says by itself, in its bar.
export const form = document.querySelector("form[data-autosave]");
export const words = document.querySelector("[data-writing]");

export function put(place, text, kind) {
  const box = words.querySelector(`[data-writing-${place}]`);
  if (box.textContent === text) return;
  box.textContent = text;
  if (kind) box.className = text ? `message message--${kind}` : "";
}

export const say = (key, values = {}) => put("state", words.dataset[key].replace(/{(\w+)}/g, (_, name) => values[name] ?? ""));

export function tellOthers({ others }) {
  put("others", others.length ? words.dataset.others.replace("{names}", others.join(", ")) : "", "warning");
}

// Offers again the words that a page of the editor kept on this device and could not send before it was closed.
import { copiesLeft, deleteCopy, readCopy, whenLeft } from "./local-copy.js";

// `same` tells what the form already holds, `isUntouched` that nothing was typed here yet; `take` puts words in the form.
export function offerKeptWords(form, words, { same, isUntouched, take }) {
  const version = Number(form.elements[form.dataset.version].value);
  const isOver = (copy) => same(copy.typed) || (copy.sent && version > Number(copy.version));
  for (const copyName of copiesLeft(form)) {
    whenLeft(copyName, (release) => {
      const copy = readCopy(copyName);
      if (copy && !isOver(copy)) return show(words, copyName, copy, { isUntouched, take, release });
      deleteCopy(copyName);
      release();
    });
  }
}

function show(words, copyName, copy, { isUntouched, take, release }) {
  const template = words.querySelector("template[data-writing-kept]");
  const box = template.content.cloneNode(true).firstElementChild;
  const when = new Date(copy.at).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  box.querySelector("span").textContent = words.dataset.kept.replace("{time}", when);
  const title = copy.typed.find(([field]) => field === "title")?.[1];
  if (title) {
    box.querySelector("q").textContent = title;
    box.querySelector("q").hidden = false;
  }
  const settle = (done) => {
    done();
    box.remove();
    release();
  };
  box.querySelector("[data-take]").addEventListener("click", () => settle(() => {
    // Over other words they would efface them: a page of their own offers them again.
    if (!isUntouched()) return window.open(copyName.split("#")[0].replace(/^bureau:\d+:/, ""), "_blank", "noopener");
    take(copy.typed);
    return deleteCopy(copyName);
  }));
  box.querySelector("[data-drop]").addEventListener("click", () => settle(() => deleteCopy(copyName)));
  template.after(box);
}

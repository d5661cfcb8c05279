// The ballot on a phone: what remains, the look over it, and choices kept on the device until they
// are acknowledged. Without this script the same form goes through the portal's own pages.
import { forgetRefusal } from "./refusal.js";
import { element, fieldsOf, isChosen, recapOf } from "./ballot-recap.js";
import { cast, erase, readLocalCopy, storeLocalCopy, typedIn } from "./casting.js";
import { makeRanking } from "./ranking.js";

const form = document.querySelector("[data-ballot], [data-look-over], [data-resume]");
const part = (name) => form.querySelector(`[data-${name}]`);
const sheets = () => [...form.querySelectorAll("[data-sheet]")];

function given(sheet) {
  if (!("points" in sheet.dataset)) return fieldsOf(sheet).filter(isChosen).length;
  return [...sheet.querySelectorAll('input[type="number"]')].reduce((sum, field) => sum + (Number(field.value) || 0), 0);
}

// `done`: what was just done, for those who do not see it, or for everyone when nothing shows it.
function count(sheet, done) {
  if (!("limit" in sheet.dataset)) return;
  const left = Number(sheet.dataset.limit) - given(sheet);
  const place = sheet.querySelector("[data-remaining]");
  const text = (left < 0 ? sheet.dataset.over : sheet.dataset.left).replace("{count}", Math.abs(left));
  const said = done?.words ? [element("span", `${done.words} `, done.isShown ? "" : "visually-hidden")] : [];
  if (said.length || place.textContent !== text) place.replaceChildren(...said, text);
  sheet.toggleAttribute("data-is-over", left < 0);
}

// Buttons beside each number, for thumbs.
function addSteppers(field) {
  for (const step of [-1, 1]) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "option__step", textContent: step < 0 ? "−" : "+" });
    button.setAttribute("aria-hidden", "true");
    button.tabIndex = -1;
    button.addEventListener("click", () => {
      const next = Math.min(Number(field.max), Math.max(0, (Number(field.value) || 0) + step));
      field.value = next || "";
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
    if (step < 0) field.before(button);
    else field.after(button);
  }
}

function fill(typed) {
  for (const field of sheets().flatMap(fieldsOf)) {
    const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.length ? values.includes(field.value) : field.type === "radio" && !field.value;
    else field.value = values[0] ?? "";
  }
}

function lookOver() {
  forgetRefusal();
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const words of form.querySelectorAll(".field__error")) words.remove();
  const list = part("review-list");
  list.replaceChildren();
  for (const sheet of sheets()) list.append(...recapOf(form, sheet));
  show(true);
}

function show(isReview) {
  part("choices").hidden = isReview;
  part("review").hidden = !isReview;
  (isReview ? part("review") : sheets()[0]).focus();
  if (isReview) part("review").scrollIntoView();
}

function castNow(typed = typedIn(form)) {
  // Nothing changes until the portal has answered: it may have kept the ballot and lost the answer.
  for (const name of ["cast-now", "back"]) part(name)?.toggleAttribute("disabled", true);
  cast(form, typed);
}

// Lists of ranks say what the portal would read of them: no rank twice, none skipped.
function areRanksInOrder(sheet) {
  const ranks = [...sheet.querySelectorAll("select")].map((list) => Number(list.value)).filter(Boolean);
  return ranks.sort((one, other) => one - other).every((rank, place) => rank === place + 1);
}

function isWithinLimits(sheet) {
  return areRanksInOrder(sheet) && (!("limit" in sheet.dataset) || given(sheet) <= Number(sheet.dataset.limit)) && [...sheet.querySelectorAll("input")].every((field) => field.checkValidity());
}

function begin() {
  const copy = readLocalCopy(form);
  if (copy && !("typed" in form.dataset)) fill(copy.typed);
  for (const field of form.querySelectorAll('input[type="number"]')) addSteppers(field);
  for (const sheet of sheets().filter((each) => "ranking" in each.dataset)) makeRanking(sheet);
  for (const sheet of sheets()) count(sheet);
  form.addEventListener("input", (event) => {
    const sheet = event.target.closest("[data-sheet]");
    if (sheet) count(sheet, event.detail);
    storeLocalCopy(form, typedIn(form));
  });
  form.addEventListener("submit", (event) => {
    // Beyond the limits the portal's page says what to correct, and it closes up ranks.
    if (!sheets().every(isWithinLimits)) return;
    event.preventDefault();
    lookOver();
  });
  part("back").addEventListener("click", () => show(false));
  part("cast-now").addEventListener("click", () => castNow());
  if (!copy?.isPending) return;
  lookOver();
  castNow(copy.typed);
}

if (form && "ballot" in form.dataset) begin();
else if (form) {
  form.addEventListener("submit", (event) => {
    if (event.submitter?.hasAttribute("data-back")) return;
    event.preventDefault();
    castNow();
  });
  const copy = readLocalCopy(form);
  if (copy?.isPending) castNow(copy.typed);
  // Choices that were never sent are of no use once the vote is closed.
  else if ("closed" in form.dataset) erase(form);
}

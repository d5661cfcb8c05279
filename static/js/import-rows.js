// The rows of an import: what is ticked is counted, and Shift ticks all those between two. Without it, they are ticked one by one.
const form = document.querySelector("[data-import-rows]");
const boxes = form ? [...form.querySelectorAll('input[name="row"]')] : [];
let last = null;

for (const box of boxes) {
  box.addEventListener("click", (event) => {
    if (event.shiftKey && last && last !== box) {
      const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
      for (const each of boxes.slice(from, to + 1)) each.checked = box.checked;
    }
    last = box;
    // Whoever ticks rows means those.
    if (box.checked) form.querySelector('input[name="scope"][value="ticked"]').checked = true;
  });
}

// A list of which several rows are ticked: one box for the whole page, and how many are. Without it, they are ticked one by one.
const form = document.querySelector("[data-pick-all]");
const boxes = form ? [...form.querySelectorAll("input[name=fiche]")] : [];

if (boxes.length) {
  const all = form.querySelector("[data-pick-all-box]");
  const count = form.querySelector("[data-pick-all-count]");
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
    count.textContent = count.dataset.pickAllCount.replace("{count}", ticked);
  };
  all.hidden = false;
  form.querySelector("[data-pick-all-head]").remove();
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    show();
  });
  form.addEventListener("change", (event) => {
    if (boxes.includes(event.target)) show();
  });
  // Back from another page, the browser ticks again what was.
  addEventListener("pageshow", show);
  show();
}

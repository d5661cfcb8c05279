// The point of a picture that stays in sight: a click on it fills the two fields, which the keyboard reaches.
const place = document.querySelector("[data-focus]");
const fields = ["x", "y"].map((name) => document.querySelector(`[name=focus_${name}]`));

if (place && fields.every(Boolean)) {
  const point = place.querySelector(".focus__point");
  const cuts = document.querySelector("[data-focus-cuts]");
  const show = () => {
    const [x, y] = fields.map(({ value }) => Math.min(100, Math.max(0, Number(value === "" ? 50 : value) || 0)));
    Object.assign(point.style, { left: `${x}%`, top: `${y}%` });
    for (const cut of cuts.querySelectorAll("img")) cut.style.objectPosition = `${x}% ${y}%`;
  };
  place.addEventListener("click", ({ clientX, clientY }) => {
    const { left, top, width, height } = place.getBoundingClientRect();
    const found = [(clientX - left) / width, (clientY - top) / height];
    for (const [index, field] of fields.entries()) {
      field.value = Math.min(100, Math.max(0, Math.round(100 * found[index])));
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  for (const field of fields) field.addEventListener("input", show);
  point.hidden = false;
  cuts.hidden = false;
  show();
}

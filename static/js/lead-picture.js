// The picture at the head of a text, chosen in the library; a new file goes to the field that describes it.
import { choosePicture } from "./library.js";

const place = document.querySelector("[data-lead]");
if (place) {
  const form = place.closest("form");
  const button = place.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const chosen = await choosePicture();
    if (chosen?.files) {
      const one = new DataTransfer();
      one.items.add(chosen.files[0]);
      form.elements.picture.files = one.files;
      form.elements.picture_description.focus();
      return;
    }
    button.focus();
    if (!chosen) return;
    const { src, srcset, width, height, alt } = chosen;
    place.querySelector("[data-lead-shown]").replaceChildren(Object.assign(new Image(), { className: "picture", sizes: "21rem", src, srcset, width, height, alt }));
    if (form.elements.removes_picture) form.elements.removes_picture.checked = false;
    form.elements.lead_picture.value = chosen.picture;
    form.elements.lead_picture.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

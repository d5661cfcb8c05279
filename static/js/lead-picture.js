// The picture at the head of a text, chosen in the library; a new file goes to the field that describes it.
import { choosePicture, say } from "./library.js";

const place = document.querySelector("[data-lead]");
if (place) {
  const form = place.closest("form");
  const button = place.querySelector("button");
  button.hidden = false;
  button.addEventListener("click", async () => {
    const chosen = await choosePicture();
    say("");
    if (chosen?.files) {
      const picture = chosen.files.find((file) => file.type.startsWith("image/"));
      if (!picture) return say(place.dataset.kinds);
      const one = new DataTransfer();
      one.items.add(picture);
      form.elements.picture.files = one.files;
      form.elements.picture_description.focus();
      return;
    }
    button.focus();
    if (!chosen) return;
    if (!chosen.alt && !chosen.decorative) return say(place.dataset.undescribed);
    const { src, srcset, width, height, alt } = chosen;
    place.querySelector("[data-lead-shown]").replaceChildren(Object.assign(new Image(), { className: "picture", sizes: "21rem", src, srcset, width, height, alt }));
    form.elements.picture.value = "";
    form.elements.removes_picture.checked = false;
    place.querySelector("[data-lead-remove]").hidden = false;
    form.elements.lead_picture.value = chosen.picture;
    form.elements.lead_picture.dispatchEvent(new Event("change", { bubbles: true }));
  });
}

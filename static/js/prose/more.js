// What is seldom used waits behind one button of the bar, which also names its keys.
import { Extension } from "django-prose-editor/editor";
import { word } from "../library.js";

export const More = Extension.create({
  name: "more",
  // After those whose items it moves.
  priority: 1,
  addStorage: () => ({ open: false }),
  addMenuItems({ menu, buttons }) {
    const { editor, storage } = this;
    const button = buttons.material("more_horiz", word("more"));
    button.setAttribute("aria-expanded", "false");
    const items = menu.items("more marks blockType").filter(({ name }) => !["paragraph", "heading2", "heading3", "bold", "italic", "bulletList", "orderedList"].includes(name));
    for (const item of items) {
      const { hidden } = item;
      Object.assign(item, { groups: new Set(["more"]), hidden: () => hidden(editor) || (!storage.open && !item.active(editor)) });
    }
    // The package gives it the sign of code within a line.
    const block = items.find(({ name }) => name === "codeBlock");
    if (block) block.button.textContent = "data_object";
    menu.defineItem({
      name: "more",
      groups: "openMore",
      button,
      command: () => {
        storage.open = !storage.open;
        button.setAttribute("aria-expanded", String(storage.open));
        editor.view.dispatch(editor.state.tr);
      },
    });
  },
});

// Galleries from the bar and by dragging: adding pictures, their order, taking one out.
import { Extension, Plugin, pm } from "django-prose-editor/editor";
import { choosePicture, word } from "../library.js";
import { insertTogether, receive } from "../prose-pictures.js";
import { galleryAt, move, remove } from "./gallery.js";

const here = ({ state: { selection } }) => galleryAt(selection.$from);

const step = (by) => (editor) => {
  const gallery = here(editor);
  if (gallery) move(editor, gallery, gallery.index, gallery.index + by);
};
const canStep = (by) => (editor) => Boolean(here(editor)?.node.maybeChild(here(editor).index + by));

async function add(editor) {
  const chosen = await choosePicture();
  if (chosen?.files) receive(editor, chosen.files, undefined, { isGallery: true });
  else if (chosen) insertTogether(editor, [chosen]);
}

// A picture of a gallery is dragged with its caption.
function takeFigure(view, event) {
  if (!event.target.closest?.(".figure--gallery figure")) return false;
  const figure = event.target.closest("figure");
  const place = view.state.doc.resolve(view.posAtDOM(figure, 0)).before();
  view.dispatch(view.state.tr.setSelection(pm.state.NodeSelection.create(view.state.doc, place)));
  return false;
}

// On another of the same gallery it takes its place; elsewhere the editor moves it as any other block.
function dropFigure(editor, event, isMoved) {
  const { selection, doc } = editor.state;
  const dragged = isMoved && selection.node?.type.name === "captionedPicture" ? here(editor) : null;
  const found = editor.view.posAtCoords({ left: event.clientX, top: event.clientY });
  const target = found && galleryAt(doc.resolve(found.inside >= 0 ? found.inside : found.pos));
  if (!dragged || dragged.start !== target?.start) return false;
  move(editor, dragged, dragged.index, target.index);
  return true;
}

export const Gallery = Extension.create({
  name: "gallery",
  // Before what takes a drop for a picture of its own.
  priority: 1_000,
  addMenuItems({ menu, buttons }) {
    const define = (name, icon, command, rest) => menu.defineItem({ name, groups: "library", button: buttons.material(icon, word(name)), command, ...rest });
    const hidden = (editor) => !here(editor);
    define("gallery", "photo_library", add, { active: (editor) => Boolean(here(editor)) });
    define("gallery:earlier", "arrow_back", step(-1), { hidden, enabled: canStep(-1) });
    define("gallery:later", "arrow_forward", step(1), { hidden, enabled: canStep(1) });
    define("gallery:remove", "delete", (editor) => { if (here(editor)) remove(editor, here(editor)); }, { hidden });
  },
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        props: {
          handleDOMEvents: { dragstart: takeFigure },
          handleDrop: (_view, event, _slice, isMoved) => dropFigure(editor, event, isMoved),
        },
      }),
    ];
  },
});

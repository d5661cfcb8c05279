// Pictures of the library in the rich editor: dropped, pasted or chosen, then described.
import { Image, Plugin, updateAttrsDialog } from "django-prose-editor/editor";
import { choosePicture, say, sayProgress, send, words } from "./library.js";
import { addPictures, galleryAt, picturesFrom } from "./prose/gallery.js";
import { kept } from "./prose/figures.js";

const isPicture = (node) => ["image", "inlinePicture"].includes(node?.type.name);

// Whether it was answered.
async function describe(editor, position) {
  const node = editor.state.doc.nodeAt(position);
  if (!isPicture(node)) return false;
  const figure = editor.state.doc.resolve(position).parent;
  const isInFigure = figure.type.name === "captionedPicture";
  const isCaptioned = node.isInline || (isInFigure && figure.lastChild.type.name === "pictureCaption");
  const answer = await updateAttrsDialog(
    {
      alt: { type: "string", title: words.alt },
      decorative: { type: "boolean", title: words.decorative },
      ...(isCaptioned ? {} : { caption: { type: "string", title: words.caption } }),
    },
    { title: words.describe, submitText: words.done },
  )(editor, { alt: node.attrs.alt, decorative: node.attrs.decorative });
  if (!answer) return false;
  const attributes = { alt: answer.decorative ? "" : answer.alt.trim(), decorative: answer.decorative };
  const image = { type: node.type.name, attrs: { ...node.attrs, ...attributes }, marks: node.marks.map((mark) => mark.toJSON()) };
  const text = answer.caption?.trim();
  const caption = { type: "pictureCaption", content: [{ type: "text", text }] };
  const captioned = isInFigure ? [image, caption] : { type: "captionedPicture", content: [image, caption] };
  editor.chain().insertContentAt({ from: position, to: position + node.nodeSize }, text ? captioned : image).focus("end").run();
  return true;
}

// In the card of a video, above its title.
function placeOf(point) {
  const depth = [...Array(point.depth).keys()].find((each) => point.node(each + 1).attrs.class === "figure--video");
  return depth === undefined ? point.pos : point.start(depth + 1);
}

function insert(editor, picture, position) {
  const at = placeOf(editor.state.doc.resolve(position ?? editor.state.selection.to));
  editor.chain().focus().insertContentAt(at, { type: "image", attrs: picture }).run();
  let found = null;
  editor.state.doc.descendants((node, place) => {
    if (node.type.name === "image" && node.attrs.src === picture.src) found = place;
  });
  if (found !== null && !picture.alt && !picture.decorative) describe(editor, found);
}

// Pictures of a gallery, then what each shows, until one is left for later.
export async function insertTogether(editor, pictures, position) {
  const place = addPictures(editor, pictures, position ?? editor.state.selection.from);
  for (const [index, { alt, decorative }] of pictures.entries()) {
    const at = picturesFrom(editor, place, pictures.length)[index];
    if (!alt && !decorative && !(await describe(editor, at))) return;
  }
}

// Several pictures at once are a gallery, and so is one that is dropped on a gallery.
export async function receive(editor, files, position, { isGallery = false } = {}) {
  const [pictures, refused] = [[], []];
  for (const [index, file] of files.entries()) {
    sayProgress(index + 1, files.length);
    const answer = await send(file);
    if (answer.errors) refused.push(`${file.name} – ${answer.errors.join(" ")}`);
    else if (answer.picture) pictures.push(answer);
    else editor.chain().focus().insertContentAt(position ?? editor.state.selection.to, [
      { type: "text", text: `${answer.title} (PDF)`, marks: [{ type: "link", attrs: { href: answer.url } }] },
      { type: "text", text: " " },
    ]).run();
  }
  sayProgress(0, 0);
  say(refused.join("\n"));
  const { doc, selection } = editor.state;
  const point = doc.resolve(Math.min(position ?? selection.from, doc.content.size));
  if (isGallery || pictures.length > 1 || (pictures.length && galleryAt(point))) await insertTogether(editor, pictures, point.pos);
  else if (pictures.length) insert(editor, pictures[0], position);
}

export const LibraryPicture = Image.extend({
  name: "image",
  addAttributes() {
    return {
      ...this.parent?.(),
      srcset: kept("srcset"),
      sizes: kept("sizes"),
      loading: kept("loading"),
      class: kept("class"),
      picture: kept("picture", "data-picture"),
      // Being sent: prose/paste/pictures.js.
      pending: kept("pending", "data-pending"),
      // Of the link that it is.
      href: { ...kept("href"), parseHTML: (element) => element.closest("a")?.getAttribute("href") ?? null, rendered: false },
      linkTitle: { ...kept("title"), parseHTML: (element) => element.closest("a")?.getAttribute("title") ?? null, rendered: false },
      decorative: {
        default: false,
        parseHTML: (element) => element.hasAttribute("data-decorative"),
        renderHTML: ({ decorative }) => (decorative ? { "data-decorative": "" } : {}),
      },
    };
  },
  parseHTML: () => [{ tag: "img[src]:not([src^='data:']), img[data-pending]" }],
  renderHTML({ node: { attrs: { href, linkTitle } }, HTMLAttributes }) {
    const picture = ["img", HTMLAttributes];
    return href ? ["a", { href, ...(linkTitle ? { title: linkTitle } : {}) }, picture] : picture;
  },
  addMenuItems({ menu, buttons }) {
    menu.defineItem({
      name: "picture",
      groups: "library",
      button: buttons.material("image", words.add),
      active: (editor) => isPicture(editor.state.selection.node),
      command: async (editor) => {
        if (isPicture(editor.state.selection.node)) return describe(editor, editor.state.selection.from);
        const chosen = await choosePicture();
        if (chosen?.files) receive(editor, chosen.files);
        else if (chosen) insert(editor, chosen);
      },
    });
  },
  addProseMirrorPlugins() {
    const { editor } = this;
    const take = (transfer, position) => {
      const files = [...(transfer?.files ?? [])];
      if (files.length) receive(editor, files, position);
      return files.length > 0;
    };
    return [
      new Plugin({
        props: {
          handleDrop: (view, event) => take(event.dataTransfer, view.posAtCoords({ left: event.clientX, top: event.clientY })?.pos),
          // Word sends a picture of the words with the words: then the words are meant.
          handlePaste: (_view, event) => !event.clipboardData?.types.includes("text/html") && take(event.clipboardData),
          handleDoubleClickOn: (_view, _position, node, place) => {
            if (!isPicture(node)) return false;
            describe(editor, place);
            return true;
          },
        },
      }),
    ];
  },
});

// A gallery in a document: a figure of figures, each with a picture and perhaps its caption.
import { pm } from "django-prose-editor/editor";

const GALLERY = "figure--gallery";

const isGallery = (node) => node.type.name === "captionedPicture" && node.attrs.class === GALLERY;

// The gallery around a position: where it is, and which of its figures the position is in.
export function galleryAt(point) {
  for (let depth = point.depth; depth >= 0; depth -= 1) {
    const node = point.node(depth);
    // A figure that is selected whole begins where it is.
    if (isGallery(node)) return { node, start: point.start(depth), index: Math.min(point.index(depth), node.childCount - 1) };
  }
  const after = point.nodeAfter;
  return after && isGallery(after) ? { node: after, start: point.pos + 1, index: 0 } : null;
}

const placeOfChild = ({ node, start }, index) => {
  let place = start;
  for (let each = 0; each < index; each += 1) place += node.child(each).nodeSize;
  return place;
};

const figureOf = (schema, picture) => schema.nodes.captionedPicture.create(null, schema.nodes.image.create(picture));

// Puts pictures into the gallery at `position`, after the one that is there; else begins a gallery. Gives the place of the first.
export function addPictures(editor, pictures, position) {
  const { state: { doc, schema, tr } } = editor;
  const point = doc.resolve(Math.min(position, doc.content.size));
  const figures = pictures.map((picture) => figureOf(schema, picture));
  const gallery = galleryAt(point);
  if (gallery) {
    const place = placeOfChild(gallery, gallery.index + 1);
    editor.view.dispatch(tr.insert(place, figures).scrollIntoView());
    return place;
  }
  // After the paragraph, the figure or the table where one writes.
  const block = point.depth ? point.after(1) : point.pos;
  const parent = point.depth ? point.node(1) : null;
  const isBlank = parent?.type.name === "paragraph" && !parent.content.size;
  const made = schema.nodes.captionedPicture.create({ class: GALLERY }, figures);
  editor.view.dispatch((isBlank ? tr.replaceWith(point.before(1), block, made) : tr.insert(block, made)).scrollIntoView());
  return (isBlank ? point.before(1) : block) + 1;
}

// Where the pictures of `count` figures are, the first of which is at `place`.
export function picturesFrom(editor, place, count) {
  const found = [];
  for (let each = 0, at = place; each < count; each += 1) {
    found.push(at + 1);
    at += editor.state.doc.nodeAt(at).nodeSize;
  }
  return found;
}

// Moves the figure `from` of a gallery to the place `to` among the others; its picture stays selected.
export function move(editor, gallery, from, to) {
  if (to < 0 || to >= gallery.node.childCount || from === to) return false;
  const figures = [];
  gallery.node.forEach((child) => { figures.push(child); });
  figures.splice(to, 0, ...figures.splice(from, 1));
  // A step of its own to undo.
  const tr = pm.history.closeHistory(editor.state.tr);
  tr.replaceWith(gallery.start, gallery.start + gallery.node.content.size, figures);
  const place = gallery.start + figures.slice(0, to).reduce((sum, figure) => sum + figure.nodeSize, 0);
  editor.view.dispatch(tr.setSelection(pm.state.NodeSelection.create(tr.doc, place + 1)).scrollIntoView());
  return true;
}

// Takes a figure out; with the last one, the gallery.
export function remove(editor, gallery) {
  const tr = pm.history.closeHistory(editor.state.tr);
  const place = placeOfChild(gallery, gallery.index);
  const isLast = gallery.node.childCount === 1;
  const [from, to] = isLast ? [gallery.start - 1, gallery.start + gallery.node.nodeSize - 1] : [place, place + gallery.node.child(gallery.index).nodeSize];
  editor.view.dispatch(tr.delete(from, to).scrollIntoView());
}

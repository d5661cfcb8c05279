// Figures, and their captions.
import { Node, mergeAttributes } from "django-prose-editor/editor";

// An attribute that is kept as it is.
export const kept = (name, attribute = name) => ({
  default: null,
  parseHTML: (element) => element.getAttribute(attribute),
  renderHTML: (attributes) => (attributes[name] === null || attributes[name] === undefined ? {} : { [attribute]: attributes[name] }),
});

export const CaptionedPicture = Node.create({
  name: "captionedPicture",
  group: "block",
  // Not pictures alone: a table, a quotation or a video may have a caption too.
  content: "(block | pictureCaption)+",
  draggable: true,
  isolating: true,
  addAttributes: () => ({ class: kept("class") }),
  parseHTML: () => [{ tag: "figure" }],
  renderHTML: ({ HTMLAttributes }) => ["figure", mergeAttributes(HTMLAttributes), 0],
});

export const PictureCaption = Node.create({
  name: "pictureCaption",
  content: "inline*",
  isolating: true,
  parseHTML: () => [{ tag: "figcaption" }],
  renderHTML: ({ HTMLAttributes }) => ["figcaption", mergeAttributes(HTMLAttributes), 0],
});

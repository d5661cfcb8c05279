// The blocks of the public schema, as wide as what the site shows: nothing that a page holds is lost by opening it.
import { CodeBlock, ListItem as BaseListItem } from "django-prose-editor/editor";
import { LibraryPicture } from "../prose-pictures.js";

// A heading, a picture or a list may come first in an item.
export const ListItem = BaseListItem.extend({ content: "block+" });

export const Preformatted = CodeBlock.extend({
  content: "inline*",
  marks: "_",
  addAttributes: () => ({}),
  parseHTML: () => [{ tag: "pre", preserveWhitespace: "full" }],
  renderHTML: () => ["pre", 0],
});

// A picture within a line; the one between two paragraphs is `LibraryPicture`.
export const InlinePicture = LibraryPicture.extend({
  name: "inlinePicture",
  priority: 200,
  inline: true,
  group: "inline",
  parseHTML: () => [{ tag: "img[src]:not([data-block])", priority: 60, context: "paragraph/|heading/|codeBlock/|pictureCaption/" }],
  renderHTML: ({ HTMLAttributes }) => ["img", HTMLAttributes],
  addMenuItems: () => null,
  addCommands: () => ({}),
  addInputRules: () => [],
  addProseMirrorPlugins: () => [],
});

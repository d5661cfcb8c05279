// Footnotes: a call within the text, its note at the end. Numbers follow the order of the calls; the server puts the notes in it too.
import { Node, Plugin, pm } from "django-prose-editor/editor";
import { word } from "../library.js";

const CALL = "#note-";
const keyOf = (element) => {
  const link = element.querySelector(`a[href^="${CALL}"]`);
  return link?.textContent.trim() === element.textContent.trim() ? link.getAttribute("href").slice(CALL.length) : null;
};

// A key that no note of the page has; the server writes numbers in their place.
export const newKey = () => `n${crypto.getRandomValues(new Uint32Array(1))[0].toString(36)}`;

export const NoteCall = Node.create({
  name: "noteCall",
  priority: 200,
  inline: true,
  group: "inline",
  atom: true,
  addAttributes: () => ({
    note: { default: null, rendered: false, parseHTML: keyOf },
    number: { default: 1, rendered: false, parseHTML: (element) => Number.parseInt(element.textContent.replace(/\D/g, ""), 10) || 1 },
  }),
  parseHTML: () => [{ tag: "sup", priority: 60, getAttrs: (element) => Boolean(keyOf(element)) && null }],
  renderHTML: ({ node: { attrs } }) => ["sup", ["a", { href: CALL + attrs.note, id: `appel-${attrs.note}` }, String(attrs.number)]],
  renderText: ({ node }) => `[${node.attrs.number}]`,
  addMenuItems({ menu, buttons }) {
    menu.defineItem({ name: "note", groups: "more", button: buttons.text("a¹", word("note")), command: (editor) => editor.commands.insertNote() });
  },
  addCommands: () => ({ insertNote: () => insertNote }),
  addKeyboardShortcuts() {
    return { "Mod-Alt-f": () => this.editor.commands.insertNote() };
  },
  addProseMirrorPlugins: () => [new Plugin({ appendTransaction: (transactions, _before, state) => (transactions.some(({ docChanged }) => docChanged) ? numbered(state) : null) })],
});

export const Notes = Node.create({
  name: "notes",
  priority: 200,
  group: "block",
  content: "note+",
  parseHTML: () => [{ tag: "ol.notes", priority: 60 }],
  renderHTML: () => ["ol", { class: "notes" }, 0],
});

export const Note = Node.create({
  name: "note",
  priority: 200,
  content: "block+",
  defining: true,
  addAttributes: () => ({
    key: {
      default: null,
      parseHTML: ({ id }) => (id.startsWith("note-") ? id.slice(5) : null),
      renderHTML: ({ key }) => (key ? { id: `note-${key}` } : {}),
    },
  }),
  // The way back to the call is written by the server.
  parseHTML: () => [{ tag: "li", context: "notes/", priority: 60 }, { tag: 'a[href^="#appel-"]', ignore: true, priority: 60 }],
  renderHTML: ({ HTMLAttributes }) => ["li", HTMLAttributes, 0],
});

function numbered({ doc, tr }) {
  const numbers = new Map();
  doc.descendants((node, position) => {
    if (node.type.name !== "noteCall") return;
    const { note, number } = node.attrs;
    if (!numbers.has(note)) numbers.set(note, numbers.size + 1);
    if (number !== numbers.get(note)) tr.setNodeMarkup(position, null, { note, number: numbers.get(note) });
  });
  return tr.docChanged ? tr : null;
}

function insertNote({ tr, state: { schema }, dispatch }) {
  if (!tr.selection.$from.parent.type.contentMatch.matchType(schema.nodes.noteCall)) return false;
  if (!dispatch) return true;
  const key = newKey();
  tr.insert(tr.selection.to, schema.nodes.noteCall.create({ note: key }));
  const note = schema.nodes.note.createAndFill({ key });
  const end = tr.doc.content.size;
  if (tr.doc.lastChild.type.name === "notes") tr.insert(end - 1, note);
  else tr.insert(end, schema.nodes.notes.create(null, note));
  tr.setSelection(pm.state.TextSelection.near(tr.doc.resolve(tr.doc.content.size), -1)).scrollIntoView();
  return true;
}

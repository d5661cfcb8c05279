// What is pasted or dropped in the editor: understood, and what could not be kept is said below the text.
import { Extension, Plugin, pm } from "django-prose-editor/editor";
import { word } from "../library.js";
import { receive } from "../prose-pictures.js";
import { clean } from "./paste/clean.js";
import { sendPending } from "./paste/pictures.js";
import { bodyOf } from "./paste/text.js";
import { isVideo, titleOf } from "./videos.js";

const KINDS = ["remote", "local", "embedded", "comments", "deleted", "formulas", "files"];

export const Paste = Extension.create({
  name: "pasting",
  priority: 900,
  addKeyboardShortcuts() {
    return { Enter: () => makeCard(this.editor) };
  },
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        props: {
          transformPastedHTML: (html) => {
            // The editor's own, from this page or another.
            if (/\bdata-pm-slice=/.test(html)) return html;
            const found = new Map();
            const cleaned = clean(html, (kind, count = 1) => found.set(kind, (found.get(kind) ?? 0) + count));
            const lines = KINDS.filter((kind) => found.get(kind)).map((kind) => word(`paste:${kind}`).replace("{count}", found.get(kind)));
            setTimeout(() => { tell(editor, lines); sendPending(editor, (errors) => tell(editor, [...lines, ...errors])); });
            return cleaned;
          },
          clipboardTextParser: (text, context) => pm.model.DOMParser.fromSchema(editor.schema).parseSlice(bodyOf(text), { preserveWhitespace: true, context }),
          handlePaste: (_view, { clipboardData }) => {
            const files = [...(clipboardData?.files ?? [])];
            if (!files.length || !isPictureAlone(clipboardData.getData("text/html"))) return false;
            receive(editor, files);
            return true;
          },
        },
      }),
    ];
  },
});

// "Copy the picture" of a browser gives both its bytes and an address elsewhere: the bytes are meant.
function isPictureAlone(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return body.querySelectorAll("img").length === 1 && !body.textContent.trim();
}

// What was left out, until the next paste or until it is closed.
function tell(editor, lines) {
  const box = editor.view.dom.parentElement;
  let said = box.querySelector(".prose-said");
  if (!said) {
    said = document.createElement("div");
    said.className = "prose-said";
    said.setAttribute("role", "status");
    box.append(said);
  }
  said.replaceChildren();
  if (!lines.length) return;
  const list = document.createElement("ul");
  for (const line of lines) list.append(Object.assign(document.createElement("li"), { textContent: line }));
  const close = Object.assign(document.createElement("button"), { type: "button", className: "button button--quiet button--small", textContent: word("paste:close") });
  close.addEventListener("click", () => { said.replaceChildren(); editor.commands.focus(); });
  said.append(Object.assign(document.createElement("p"), { textContent: word("paste:said") }), list, close);
}

// Enter after the address of a video alone on its line.
function makeCard(editor) {
  const { $from, empty } = editor.state.selection;
  const { parent } = $from;
  const address = parent.textContent.trim();
  if (!empty || parent.type.name !== "paragraph" || $from.depth !== 1 || $from.parentOffset !== parent.content.size || !isVideo(address)) return false;
  const link = { type: "text", text: titleOf(address), marks: [{ type: "link", attrs: { href: address } }] };
  return editor.chain().insertContentAt({ from: $from.before(), to: $from.after() }, [
    { type: "captionedPicture", attrs: { class: "figure--video" }, content: [{ type: "pictureCaption", content: [link] }] },
    { type: "paragraph" },
  ]).run();
}

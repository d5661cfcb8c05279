// Pictures of a paste: those that it holds are sent to the library, the others leave a place that says so.
import { send, word } from "../../library.js";

// Shown while a picture is on its way.
const WAITING = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";
const FILE_NAME = /^\S+\.(jpe?g|png|gif|webp|bmp|svg|tiff?|heic)$|^(image|img|dsc|picture)[ _-]?\d*$/i;
const BLOCK = "p, h1, h2, h3, h4, h5, h6, li, td, th, figure, figcaption, pre";
const waiting = new Map();
let last = 0;

const described = (picture) => {
  const text = (picture.alt || picture.title || "").replace(/\s+/g, " ").trim();
  return FILE_NAME.test(text) ? "" : text;
};

// The dots, the spacers and the emojis of mails and pages are no pictures.
const isTiny = (picture) => ["width", "height"].some((side) => /^[0-3](px)?$/.test(picture.getAttribute(side) ?? ""));
const isSign = (picture) => /^(emoji|wp-smiley|an1)$|emoji/i.test(picture.className) || /^\p{Extended_Pictographic}/u.test(picture.alt);

export function takePictures(body, report) {
  for (const picture of body.querySelectorAll("img")) {
    const address = (picture.getAttribute("src") || picture.getAttribute("data-src") || "").trim();
    if (isSign(picture)) picture.replaceWith(picture.alt);
    else if (isTiny(picture) || !address) picture.remove();
    else if (/^data:image\//i.test(address)) hold(picture, address);
    else if (isOurs(address)) plain(picture, address);
    else leave(picture, address, report);
  }
}

const isOurs = (address) => address.startsWith(`${location.origin}/`) || /^\/(?!\/)/.test(address);

function plain(picture, address) {
  const alt = picture.alt;
  const kept = Object.fromEntries(["width", "height", "srcset", "sizes", "data-picture", "data-decorative"].filter((name) => picture.hasAttribute(name)).map((name) => [name, picture.getAttribute(name)]));
  for (const { name } of [...picture.attributes]) picture.removeAttribute(name);
  for (const [name, value] of Object.entries({ ...kept, src: address.replace(location.origin, ""), alt })) picture.setAttribute(name, value);
  place(picture);
}

function hold(picture, address) {
  const token = String(++last);
  waiting.set(token, address);
  const alt = described(picture);
  for (const { name } of [...picture.attributes]) picture.removeAttribute(name);
  picture.setAttribute("src", WAITING);
  picture.setAttribute("data-pending", token);
  if (alt) picture.setAttribute("alt", alt);
  place(picture);
}

// Alone in its paragraph, it is a block.
function place(picture) {
  const block = picture.closest(BLOCK);
  if (block?.matches("p") && !block.textContent.trim() && block.querySelectorAll("img").length === 1) block.replaceWith(picture);
  if (!picture.closest("p, h1, h2, h3, h4, h5, h6, pre, figcaption")) picture.setAttribute("data-block", "");
}

// The words of the check before publishing (`left_to_complete`), so that none is forgotten.
function leave(picture, address, report) {
  const isRemote = /^https?:/i.test(address);
  report(isRemote ? "remote" : "local");
  const name = described(picture) || (isRemote ? nameOf(address) : "");
  const text = `[${word("paste:place")}${name ? ` “${name}”` : ""}]`;
  const mark = picture.ownerDocument.createElement(isRemote ? "a" : "span");
  if (isRemote) mark.setAttribute("href", address);
  mark.textContent = text;
  const link = picture.closest("a");
  if (link && isRemote) link.replaceWith(mark);
  else picture.replaceWith(mark);
}

const nameOf = (address) => {
  try { return decodeURIComponent(new URL(address).pathname.split("/").pop()); } catch { return ""; }
};

async function fileOf(address) {
  const [, type, data] = /^data:(image\/[\w.+-]+)[^,]*;base64,(.*)$/s.exec(address) ?? [];
  if (/^image\/(jpeg|png|webp)$/i.test(type ?? "")) {
    const bytes = Uint8Array.from(atob(data.replace(/\s/g, "")), (letter) => letter.charCodeAt(0));
    return new File([bytes], `image.${type.split("/")[1]}`, { type });
  }
  // Others are drawn again, as the library takes no other kind.
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: image.naturalWidth || 800, height: image.naturalHeight || 600 });
  canvas.getContext("2d").drawImage(image, 0, 0);
  const blob = await new Promise((resolve) => { canvas.toBlob(resolve, "image/png"); });
  return new File([blob], "image.png", { type: "image/png" });
}

function find(editor, token) {
  let found = null;
  editor.state.doc.descendants((node, position) => { if (node.attrs.pending === token) found = { node, position }; });
  return found;
}

// Sends each picture that waits in the text, one after the other; `tell(errors)` when one is refused.
export async function sendPending(editor, tell) {
  for (const [token, address] of [...waiting]) {
    if (!find(editor, token)) continue;
    waiting.delete(token);
    const answer = await fileOf(address).then(send).catch(() => ({ errors: [word("picture:failed")] }));
    const place_ = find(editor, token);
    if (!place_) continue;
    const { node, position } = place_;
    const tr = editor.state.tr;
    if (answer.picture) editor.view.dispatch(tr.setNodeMarkup(position, null, { ...node.attrs, ...answer, alt: node.attrs.alt || answer.alt || null, pending: null }));
    else {
      tell(answer.errors ?? []);
      const text = editor.schema.text(`[${word("paste:place")}]`);
      editor.view.dispatch(tr.replaceWith(position, position + node.nodeSize, node.isInline ? text : editor.schema.nodes.paragraph.create(null, text)));
    }
  }
}

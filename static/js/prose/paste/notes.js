// Footnotes of any source: a link to a note that links back to it. They become ours, at the end.
import { newKey } from "../notes.js";

const hash = (link) => {
  const at = (link.getAttribute("href") ?? "").indexOf("#");
  return at < 0 ? "" : decode(link.getAttribute("href").slice(at + 1));
};

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

export function takeNotes(body) {
  const { ownerDocument } = body;
  const named = new Map();
  for (const element of body.querySelectorAll("[id], a[name]")) {
    for (const name of [element.id, element.getAttribute("name")]) if (name && !named.has(name)) named.set(name, element);
  }
  const links = [...body.querySelectorAll("a[href*='#']")].filter(hash);
  const keys = new Map();
  for (const link of links) {
    const target = named.get(hash(link));
    if (!target || link.contains(target) || !link.isConnected) continue;
    const back = backTo(link, target, named);
    if (back && link.compareDocumentPosition(back) & Node.DOCUMENT_POSITION_FOLLOWING) {
      if (!keys.has(target)) keys.set(target, { key: newKey(), calls: [], backs: new Set() });
      keys.get(target).calls.push(link);
      keys.get(target).backs.add(back);
    }
  }
  if (!keys.size) return;
  const list = ownerDocument.createElement("ol");
  list.className = "notes";
  const holders = [...keys].map(([target, note]) => [holderOf(target, body, keys, note), note]);
  for (const [holder, { key, calls, backs }] of holders) {
    for (const call of calls) writeCall(call, key);
    for (const link of backs) if (link.isConnected) removeBack(link, holder);
    const item = ownerDocument.createElement("li");
    item.id = `note-${key}`;
    item.setAttribute("data-note", "");
    item.append(...holder.matches("p") ? [holder.cloneNode(true)] : holder.childNodes);
    for (const rule of item.querySelectorAll("hr")) rule.remove();
    list.append(item);
    removeUp(holder, body);
  }
  for (const rest of body.querySelectorAll("[data-style*='footnote-list'], [data-style*='endnote-list']")) rest.remove();
  body.append(list);
}

// The link, near the target, that leads to the call or to what holds it.
function backTo(call, target, named) {
  for (let place = target; place && !place.contains(call); place = place.parentElement) {
    for (const link of [place, ...place.querySelectorAll("a[href*='#']")]) {
      const end = link.localName === "a" ? named.get(hash(link)) : null;
      if (end && (end === call || end.contains(call) || call.contains(end) || end.nextElementSibling === call) && end.textContent.length < 40) return link;
    }
    if (place.matches("li, p, aside, tr")) return null;
  }
  return null;
}

// The widest element that holds this note alone.
function holderOf(target, body, keys, { calls }) {
  let holder = target;
  const others = [...keys.keys()].filter((other) => other !== target);
  while (holder.parentElement !== body && !holder.matches("li") && !others.some((other) => holder.parentElement.contains(other)) && !calls.some((call) => holder.parentElement.contains(call))) holder = holder.parentElement;
  return holder;
}

function writeCall(call, key) {
  const sup = call.ownerDocument.createElement("sup");
  sup.setAttribute("data-kept", "");
  const link = call.ownerDocument.createElement("a");
  link.setAttribute("href", `#note-${key}`);
  link.textContent = call.textContent.replace(/\D/g, "") || "1";
  sup.append(link);
  let place = call;
  while (place.parentElement.textContent.trim() === call.textContent.trim() && place.parentElement.matches("sup, span, a")) place = place.parentElement;
  place.replaceWith(sup);
}

// With the spaces, the arrow or the number that were around it.
function removeBack(link, holder) {
  let place = link;
  while (place.parentElement !== holder && place.parentElement.matches("sup, span, b") && place.parentElement.textContent.trim() === link.textContent.trim()) place = place.parentElement;
  const next = place.nextSibling;
  if (next?.nodeType === 3) next.data = next.data.replace(/^[\s\u00a0]+/, "");
  place.remove();
}

function removeUp(element, body) {
  const parent = element.parentElement;
  element.remove();
  if (parent && parent !== body && !parent.textContent.trim() && !parent.querySelector("img")) removeUp(parent, body);
}

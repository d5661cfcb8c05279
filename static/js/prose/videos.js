// The address of a video, alone on its line, as a card: a link with its title, and nothing of the site that shows it.
// The same addresses as pole/text/videos.py.
import { word } from "../library.js";

const SITES = [
  /^(?:www\.|m\.|music\.)?youtube(?:-nocookie)?\.com\/(?:watch\?(?:.*&)?v=|shorts\/|live\/|embed\/|v\/|playlist\?(?:.*&)?list=)[\w-]/i,
  /^youtu\.be\/[\w-]/i,
  /^(?:www\.)?vimeo\.com\/(?:\d|event\/\d|channels\/[\w-]+\/\d|showcase\/\d|groups\/[\w-]+\/videos\/\d)/i,
  /^player\.vimeo\.com\/video\/\d/i,
  /^(?:www\.)?dailymotion\.com\/(?:embed\/)?video\/\w/i,
  /^dai\.ly\/\w/i,
  /^(?:www\.|m\.)?facebook\.com\/(?:[\w.-]+\/videos\/|watch\/?\?(?:.*&)?v=|reel\/)\d?/i,
  /^fb\.watch\/\w/i,
  /^(?:www\.)?(?:onf|nfb)\.ca\/film\/\w/i,
  /^(?:www\.)?ted\.com\/talks\/\w/i,
  /^(?:www\.)?tiktok\.com\/@[\w.-]+\/video\/\d/i,
  /^(?:www\.)?twitch\.tv\/videos\/\d/i,
  /^(?:www\.)?loom\.com\/share\/\w/i,
  /^(?:ici\.)?tou\.tv\/\w/i,
  // Each on many sites: those that copy the addresses of YouTube; PeerTube; a file.
  /^[\w.-]+\/watch\?(?:.*&)?v=[\w-]/i,
  /^[\w.-]+\/(?:videos\/(?:watch|embed)|w)\/[\w-]{20,}/i,
  /^[\w.-]+(?::\d+)?\/[^?#]+\.(?:mp4|m4v|webm|ogv|mov)(?:[?#]|$)/i,
];

export function isVideo(address) {
  const found = /^(?:https?:)?\/\/(\S+)$/i.exec(address.trim());
  return Boolean(found) && SITES.some((site) => site.test(found[1]));
}

const hostOf = (address) => new URL(address).host.replace(/^(www|m|player)\./, "");
const whole = (address) => address.trim().replace(/^\/\//, "https://");
export const titleOf = (address) => `${word("video")} – ${hostOf(whole(address))}`;

// A figure of `document`, or nothing when the address is of no video.
export function cardOf(address, document, title = "") {
  if (!isVideo(address)) return null;
  const figure = document.createElement("figure");
  figure.className = "figure--video";
  const caption = document.createElement("figcaption");
  const link = document.createElement("a");
  link.setAttribute("href", whole(address));
  link.textContent = title.trim() || titleOf(address);
  caption.append(link);
  figure.append(caption);
  return figure;
}

// Paragraphs of `body` that hold nothing else than the address of a video.
export function setCards(body) {
  for (const paragraph of body.querySelectorAll("p, div")) {
    if (paragraph.closest("li, td, th, figure, blockquote") || paragraph.querySelector("p, div, img, br")) continue;
    const text = paragraph.textContent.trim();
    const links = paragraph.querySelectorAll("a");
    if (links.length > 1) continue;
    const address = links.length ? links[0].getAttribute("href") : text;
    const isAlone = !links.length || (links[0].textContent.trim() === text && (text === address || address.endsWith(text)));
    const card = isAlone ? cardOf(address, body.ownerDocument) : null;
    if (card) paragraph.replaceWith(card);
  }
}

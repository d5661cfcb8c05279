// What is pressed on the map: discs of places, points of addresses. Each is a button, with a name of its own.
const POINT = 13;

function icon(className, radius, text, letter) {
  const { L } = globalThis;
  const html = document.createElement("span");
  html.textContent = text;
  if (letter) html.append(Object.assign(document.createElement("span"), { className: "region-disc__letter", textContent: letter }));
  const key = letter ? ` sector-key--${letter.toLowerCase()}` : "";
  return L.divIcon({ className: className + key, html, iconSize: [2 * radius, 2 * radius] });
}

// `disc`: {x, y, count, places} in pixels of this zoom. Leaflet makes it a button; Enter and space are ours.
function put(map, disc, image, label, act) {
  const made = globalThis.L.marker(map.unproject([disc.x, disc.y]), { icon: image, riseOnHover: true, autoPanOnFocus: true }).addTo(map);
  const element = made.getElement();
  element.setAttribute("aria-label", label);
  element.title = label;
  element.addEventListener("click", (event) => { event.stopPropagation(); act(); });
  element.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  return { disc, element, codes: disc.places.map((place) => place.code), remove: () => made.remove() };
}

export function putDisc(map, disc, { sector, label, act, shown }) {
  return put(map, disc, icon("region-disc", disc.radius, shown, sector?.[3]), label, act);
}

export function putPoint(map, point, act) {
  const count = point.places.length, label = point.places.map((place) => place.name).join(", ");
  return put(map, point, icon("region-point", POINT, count > 1 ? String(count) : "", ""), label, act);
}

// The sector that most listings of these places have; of equals, the one that the legend names first.
export function mostly(places, sectors) {
  const counted = new Map();
  for (const place of places) for (const [at, count] of place.sectors) counted.set(at, (counted.get(at) ?? 0) + count);
  const rank = (at) => sectors[at][3] || "Z";
  const [best] = [...counted].sort(([one, many], [other, more]) => more - many || (rank(one) < rank(other) ? -1 : 1));
  return best && sectors[best[0]];
}

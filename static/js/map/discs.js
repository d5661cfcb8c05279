// As enterprises/search/discs.py, at each zoom: discs as large as what they count, none of which touches another. Pixels.
const SMALLEST = 14, LARGEST = 24, GAP = 8, DIGIT = 4;

function radiusOf(count, most) {
  const byCount = SMALLEST + (LARGEST - SMALLEST) * Math.min(1, Math.sqrt(count / most));
  return Math.max(byCount, 6 + DIGIT * String(count).length);
}

function inside(disc, [left, top, right, bottom]) {
  const room = disc.radius + GAP / 2;
  disc.x = Math.min(Math.max(disc.x, left + room), Math.max(left + room, right - room));
  disc.y = Math.min(Math.max(disc.y, top + room), Math.max(top + room, bottom - room));
  return disc;
}

const touch = (one, other) => Math.hypot(one.x - other.x, one.y - other.y) < one.radius + other.radius + GAP;
const largestFirst = (one, other) => other.count - one.count || (one.places[0].code < other.places[0].code ? -1 : 1);

// `places`: {code, count, x, y}. One that would touch another joins it; all within `frame`.
export function apart(places, frame) {
  const most = Math.max(1, ...places.map((place) => place.count));
  let discs = places.map((place) =>
    inside({ x: place.x, y: place.y, count: place.count, radius: radiusOf(place.count, most), places: [place] }, frame));
  for (;;) {
    const kept = [];
    for (const disc of discs.sort(largestFirst)) {
      const other = kept.find((each) => touch(each, disc));
      if (!other) {
        kept.push(disc);
        continue;
      }
      other.count += disc.count;
      other.places.push(...disc.places);
      other.radius = radiusOf(other.count, most);
      inside(other, frame);
    }
    if (kept.length === discs.length) return kept;
    discs = kept;
  }
}

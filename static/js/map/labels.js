// Names that touch no disc and no other name, and stand wholly in the frame; those that find no room are not shown.
const MARGIN = 3;

const touch = (one, other) =>
  one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
const boxAround = (x, y, width, height) => ({ left: x - width / 2, top: y - height / 2, right: x + width / 2, bottom: y + height / 2 });

// `names`: {width, height, candidates: [[x, y], …]}, most wanted first. Gives each its place, or null.
function placesOf(names, obstacles, size) {
  const taken = [...obstacles];
  const isFree = (box) => box.left >= MARGIN && box.top >= MARGIN && box.right <= size.x - MARGIN
    && box.bottom <= size.y - MARGIN && !taken.some((other) => touch(box, other));
  return names.map((name) => {
    const found = name.candidates.find(([x, y]) => isFree(boxAround(x, y, name.width + MARGIN, name.height)));
    if (found) taken.push(boxAround(...found, name.width + MARGIN, name.height));
    return found ?? null;
  });
}

// Below a disc, above it, after it, before it.
function around({ x, y, radius }, width, height) {
  const down = radius + height / 2 + 6, across = radius + width / 2 + 14;
  return [[x, y + down + 4], [x, y - down], [x + across, y], [x - across, y]];
}

// Over and under a middle, farther and farther.
const near = (x, y) => [0, -24, 24, -48, 48, -72, 72].flatMap((down) => [0, -40, 40].map((across) => [x + across, y + down]));

// What stands over the map, such as its buttons.
function boxesOver(root, canvas) {
  const frame = canvas.getBoundingClientRect();
  return [...root.querySelectorAll("[data-map-over]")]
    .filter((each) => each.offsetWidth && getComputedStyle(each).position === "absolute")
    .map((each) => each.getBoundingClientRect())
    .map(({ left, top, right, bottom }) => ({ left: left - frame.left, top: top - frame.top, right: right - frame.left, bottom: bottom - frame.top }));
}

export function makeNames(map, root, mrcs) {
  const { L } = globalThis, pane = map.createPane("names"), canvas = map.getContainer();
  pane.classList.add("leaflet-zoom-hide");
  pane.setAttribute("aria-hidden", "true");

  // `discs` and `points`: {x, y, radius} in pixels of this zoom. Names of towns come first where the map is near.
  return function draw({ discs, points, isNear }) {
    const origin = map.getPixelOrigin(), moved = map.layerPointToContainerPoint([0, 0]);
    const inFrame = (each) => ({ ...each, x: each.x - origin.x + moved.x, y: each.y - origin.y + moved.y });
    const obstacles = [...discs, ...points].map(inFrame).map(({ x, y, radius }) => boxAround(x + 2, y + 2, 2 * radius + 8, 2 * radius + 8));
    const towns = discs.filter((disc) => disc.places.length === 1)
      .map((disc) => ({ text: disc.places[0].name, disc: inFrame(disc), className: "region-name" }));
    const large = mrcs.map(([text, latitude, longitude]) => ({ text, at: inFrame(map.project([latitude, longitude])), className: "region-name region-name--large" }));
    const wanted = isNear ? [...towns, ...large] : [...large, ...towns];
    const made = wanted.map(({ text, className }) => Object.assign(document.createElement("span"), { textContent: text, className }));
    pane.replaceChildren(...made);
    const names = wanted.map(({ disc, at }, index) => {
      const width = made[index].offsetWidth, height = made[index].offsetHeight;
      return { width, height, candidates: disc ? around(disc, width, height) : near(at.x, at.y) };
    });
    for (const [index, place] of placesOf(names, [...obstacles, ...boxesOver(root, canvas)], map.getSize()).entries()) {
      const { width, height } = names[index];
      if (place) L.DomUtil.setPosition(made[index], map.containerPointToLayerPoint([place[0] - width / 2, place[1] - height / 2]));
      else made[index].remove();
    }
  };
}

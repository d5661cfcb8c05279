// The map of the directory: the land that the server drew, over Leaflet; discs and names placed again at each zoom.
import { apart } from "./discs.js";
import { easeGestures } from "./gestures.js";
import { makeNames } from "./labels.js";
import { mostly, putDisc, putPoint } from "./markers.js";
import { makePanel } from "./panel.js";
import { offerTiles } from "./tiles.js";

const { L } = globalThis;
// So many times as near as the whole: names of towns come first; points are shown.
const MAX_ZOOM = 15, NEAR = 1, NEARER = 2;
// In metres: a listing so near to the middle of its town has no other position than that.
const SAME_PLACE = 60;
const root = document.querySelector("[data-map]");
const find = (name) => root.querySelector(`[data-map-${name}]`);
// Of places, so many by name.
const NAMED = 3;

function namesOf(places) {
  const others = places.length - NAMED, named = places.map((place) => place.name);
  return others < 2 ? named.join(", ") : root.dataset.others.replace("__names__", named.slice(0, NAMED).join(", ")).replace("__count__", others);
}

function makeMap(canvas, bounds) {
  const land = root.querySelector("svg.region").cloneNode(true);
  const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  canvas.style.aspectRatio = land.getAttribute("viewBox").split(" ").slice(2).join(" / ");
  const map = L.map(canvas, {
    attributionControl: false, zoomControl: false, zoomSnap: 0.25, maxZoom: MAX_ZOOM, maxBoundsViscosity: 1,
    zoomAnimation: moves, markerZoomAnimation: moves, inertia: moves,
  });
  // Leaflet asks nobody before it glides.
  if (!moves) map.panBy = (offset, options) => L.Map.prototype.panBy.call(map, offset, { ...options, animate: false });
  map.fitBounds(bounds);
  L.svgOverlay(land, bounds).addTo(map);
  return map;
}

function start(data) {
  const canvas = find("canvas"), panelBox = find("panel"), bounds = L.latLngBounds(data.bounds);
  const towns = data.towns.map(([code, name, latitude, longitude, count, sectors]) => ({ code, name, count, sectors, at: L.latLng(latitude, longitude) }));
  root.dataset.map = "live";
  find("live").hidden = false;
  const map = makeMap(canvas, bounds), drawNames = makeNames(map, root, data.mrcs);
  let whole = 0, markers = [], points = [], pointMarkers = [], chosen = null;

  const panel = makePanel(panelBox, data, {
    onShown(listings, links) {
      points = listings.flatMap((listing, at) => pointOf(listing, links[at]));
      find("nearer").hidden = false;
      drawPoints();
    },
    onClosed() {
      const back = markers.find(({ codes }) => chosen && codes.includes(chosen.codes[0]));
      chosen = null;
      points = [];
      for (const { element } of markers) element.setAttribute("aria-expanded", "false");
      drawPoints();
      (back?.element ?? canvas).focus();
    },
  });

  function pointOf({ name, position, address }, link) {
    if (position?.of !== "listing") return [];
    const at = L.latLng(position.latitude, position.longitude);
    const town = towns.find((each) => each.code === address.municipality_code);
    return town && town.at.distanceTo(at) < SAME_PLACE ? [] : [{ code: link.href, name, count: 1, at, link }];
  }

  function discsOf(places) {
    const { x: left, y: top } = map.project(bounds.getNorthWest()), { x: right, y: bottom } = map.project(bounds.getSouthEast());
    return apart(places.map((place) => ({ ...place, ...map.project(place.at) })), [left, top, right, bottom]);
  }

  function choose(disc) {
    chosen = { codes: disc.places.map((place) => place.code), places: disc.places };
    points = [];
    for (const each of markers) each.element.setAttribute("aria-expanded", String(each.disc === disc));
    find("nearer").hidden = true;
    // On the other side of the map, so that it never hides the disc.
    panelBox.classList.toggle("region-panel--start", map.latLngToContainerPoint(map.unproject([disc.x, disc.y])).x > map.getSize().x / 2);
    panel.open({ codes: chosen.codes, count: disc.count, name: namesOf(disc.places) });
    drawPoints();
  }

  function labelOf(disc, sector) {
    const sentence = (disc.count === 1 ? root.dataset.one : root.dataset.many)
      .replace("__names__", namesOf(disc.places)).replace("__total__", disc.count.toLocaleString(document.documentElement.lang));
    return sector ? `${sentence} ${root.dataset.mostly.replace("__sector__", sector[1])}` : sentence;
  }

  function draw() {
    const focused = markers.find(({ element }) => element === document.activeElement)?.codes[0];
    for (const each of markers) each.remove();
    markers = discsOf(towns).map((disc) => {
      const sector = mostly(disc.places, data.sectors), shown = disc.count.toLocaleString(document.documentElement.lang);
      const made = putDisc(map, disc, { sector, shown, label: labelOf(disc, sector), act: () => choose(disc) });
      made.element.setAttribute("aria-expanded", String(Boolean(chosen && made.codes.includes(chosen.codes[0]))));
      return made;
    });
    drawPoints();
    markers.find(({ codes }) => codes.includes(focused))?.element.focus({ preventScroll: true });
  }

  // Points of the place that is open, once it is near enough for them to be told apart; its own disc would hide them.
  function drawPoints() {
    for (const each of pointMarkers) each.remove();
    const groups = map.getZoom() >= whole + NEARER ? discsOf(points) : [];
    pointMarkers = groups.map((group) => putPoint(map, group, () => group.places[0].link.focus()));
    for (const { element, codes } of markers) {
      element.classList.toggle("region-disc--open", groups.length > 0 && codes.includes(chosen?.codes[0]));
    }
    drawLabels();
  }

  function drawLabels() {
    const discs = markers.filter(({ element }) => !element.classList.contains("region-disc--open")).map(({ disc }) => disc);
    drawNames({ discs, points: pointMarkers.map(({ disc }) => disc), isNear: map.getZoom() >= whole + NEAR });
    find("in").disabled = map.getZoom() >= map.getMaxZoom();
    find("out").disabled = find("whole").disabled = map.getZoom() <= map.getMinZoom();
  }

  function fit() {
    const isWhole = map.getZoom() <= whole;
    map.invalidateSize({ animate: false });
    // Leaflet finds none below the least.
    whole = map.setMinZoom(0).getBoundsZoom(bounds);
    map.setMinZoom(whole).setMaxBounds(bounds);
    if (isWhole) map.fitBounds(bounds, { animate: false });
  }

  fit();
  easeGestures(map);
  offerTiles(map, root);
  map.on("zoomend", draw).on("moveend", drawLabels).on("resize", () => { fit(); draw(); });
  // Larger text takes its place as a narrower window does.
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(canvas);
  find("in").addEventListener("click", () => map.zoomIn(1));
  find("out").addEventListener("click", () => map.zoomOut(1));
  find("whole").addEventListener("click", () => map.fitBounds(bounds));
  find("nearer").addEventListener("click", () => {
    const beside = getComputedStyle(panelBox).position === "absolute" ? panelBox.offsetWidth : 0;
    const isStart = panelBox.classList.contains("region-panel--start");
    map.fitBounds(L.latLngBounds([...chosen.places, ...points].map((place) => place.at)), {
      maxZoom: whole + 4, paddingTopLeft: [50 + (isStart ? beside : 0), 50], paddingBottomRight: [50 + (isStart ? 0 : beside), 50],
    });
  });
  draw();
}

const source = document.getElementById("donnees-carte");
if (root && source && L) start(JSON.parse(source.textContent));

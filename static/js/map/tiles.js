// Tiles of another's server: nothing is asked of it before the button that names it is pressed.
const MAX_ZOOM = 18;

export function offerTiles(map, root) {
  const offer = document.querySelector("[data-tiles]");
  if (!offer) return;
  offer.hidden = false;
  offer.querySelector("button").addEventListener("click", () => {
    const layer = globalThis.L.tileLayer(`https://${offer.dataset.tiles}/{z}/{x}/{y}.png`, {
      maxZoom: MAX_ZOOM,
      // The name of this site alone: a server may ask who sends people.
      referrerPolicy: "strict-origin",
    });
    layer.addTo(map);
    map.setMaxZoom(MAX_ZOOM);
    root.classList.add("region-map--tiled");
    offer.querySelector("[data-tiles-question]").hidden = true;
    const credit = offer.querySelector("[data-tiles-credit]");
    credit.hidden = false;
    credit.focus();
  }, { once: true });
}

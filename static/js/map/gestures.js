// The page still scrolls over the map: the wheel zooms with Ctrl, or once the map has the focus; one finger scrolls, two move and zoom.
const isMouse = (event) => event.pointerType === "mouse";

export function easeGestures(map) {
  const canvas = map.getContainer();
  canvas.parentElement.addEventListener("wheel", (event) => {
    if (!(event.ctrlKey || event.metaKey || canvas.contains(document.activeElement))) event.stopPropagation();
  }, { capture: true });
  map.dragging.disable();
  canvas.addEventListener("pointerenter", (event) => { if (isMouse(event)) map.dragging.enable(); });
  canvas.addEventListener("pointerleave", (event) => { if (isMouse(event) && !event.buttons) map.dragging.disable(); });
  canvas.addEventListener("pointerdown", (event) => { if (!isMouse(event)) map.dragging.disable(); }, { capture: true });
}

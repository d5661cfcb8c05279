// The bar of the desk grows with what it says: neither the caret nor what has the focus goes under it.
const bar = document.querySelector(".desk-bar");
const views = [];
const MARGIN = 12;
let former = 0;

function leaveRoom() {
  const height = bar.offsetHeight + MARGIN;
  document.documentElement.style.setProperty("--desk-bar", `${height}px`);
  const room = { top: MARGIN, right: MARGIN, bottom: height, left: MARGIN };
  for (const view of views) {
    view.setProps({ scrollThreshold: room, scrollMargin: room });
    if (view.hasFocus()) keepCaretAbove(view, height - former);
  }
  former = height;
}

// A caret that the bar has just covered comes back in sight; one that its writer has scrolled away from stays where it is.
function keepCaretAbove(view, grown) {
  const under = view.coordsAtPos(view.state.selection.head).bottom - bar.getBoundingClientRect().top;
  if (under > 0 && under <= grown) view.dispatch(view.state.tr.scrollIntoView());
}

if (bar) {
  new ResizeObserver(leaveRoom).observe(bar);
  document.addEventListener("prose-editor:ready", ({ detail: { editor } }) => {
    // The editor has its view once it is made.
    setTimeout(() => { views.push(editor.view); leaveRoom(); });
  });
}

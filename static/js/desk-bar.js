// The bar of the desk grows with what it says: neither the caret nor what has the focus goes under it.
const bar = document.querySelector(".desk-bar");
const views = [];
const MARGIN = 12;

function leaveRoom() {
  const height = bar.offsetHeight + MARGIN;
  document.documentElement.style.setProperty("--desk-bar", `${height}px`);
  const room = { top: MARGIN, right: MARGIN, bottom: height, left: MARGIN };
  for (const view of views) view.setProps({ scrollThreshold: room, scrollMargin: room });
}

if (bar) {
  new ResizeObserver(leaveRoom).observe(bar);
  document.addEventListener("prose-editor:ready", ({ detail: { editor } }) => {
    // The editor has its view once it is made.
    setTimeout(() => { views.push(editor.view); leaveRoom(); });
  });
}

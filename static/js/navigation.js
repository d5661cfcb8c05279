// What a page does by itself must not undo what its visitor does: follow a link, send a form, press a button.

// A download or a page that never comes leaves this one in place: it goes on by itself after that.
const LEAVING_MS = 20_000, PRESSED_MS = 50;
let leftAt = -Infinity;

function leave(event) {
  const isLeaving = event.type !== "click" || event.target.closest?.('a[href]:not([href^="#"])');
  if (isLeaving && !event.defaultPrevented) leftAt = performance.now();
}

// Safari on iOS has no `beforeunload`; elsewhere it tells of the button « Back », too.
for (const name of ["beforeunload", "click", "submit"]) addEventListener(name, leave);

// A navigation begun now would cancel the visitor's.
export const isLeaving = () => performance.now() - leftAt < LEAVING_MS;

// Call it again at the next turn: nothing happens while the visitor leaves, or while a former call's page comes.
export function reload() {
  if (isLeaving()) return;
  leftAt = performance.now();
  location.reload();
}

// Resolves once nothing in there is pressed: what is replaced between press and release gets no click.
export async function untilReleased(selector) {
  while (document.querySelector(`${selector}:active`)) await new Promise((resolve) => { setTimeout(resolve, PRESSED_MS); });
}

// Says in words that the network is away, and keeps a form on the page rather than send it to nowhere.
const notice = document.querySelector(".offline");

function say(text) {
  if (notice.textContent !== text) notice.textContent = text;
}

// Where the person looks: beside the button that was pressed.
function sayBeside(form, submitter) {
  const place = form.querySelector("[data-unsent]") ?? Object.assign(document.createElement("p"), { className: "message message--warning" });
  if (!place.isConnected) {
    place.dataset.unsent = "";
    place.setAttribute("role", "status");
    (submitter?.closest("p, div") ?? form.lastElementChild).before(place);
  }
  // A live region is heard once it changes.
  setTimeout(() => { place.textContent = notice.dataset.unsent; }, 50);
}

addEventListener("offline", () => say(notice.dataset.offline));
addEventListener("online", () => {
  say("");
  for (const place of document.querySelectorAll("[data-unsent]:not([data-offline])")) place.remove();
});
addEventListener("submit", (event) => {
  if (navigator.onLine || event.defaultPrevented) return;
  event.preventDefault();
  sayBeside(event.target, event.submitter);
});
if (!navigator.onLine) say(notice.dataset.offline);

// Shows what needs a passkey only where the browser knows them, and says in words what went wrong.

if (window.PublicKeyCredential) {
  for (const part of document.querySelectorAll("[data-passkey]")) part.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  const place = document.querySelector("[data-passkey-error]");
  if (!place) return;
  event.preventDefault();
  const stopped = event.detail.exception?.name === "NotAllowedError";
  place.textContent = stopped ? place.dataset.stopped : place.dataset.failed;
});

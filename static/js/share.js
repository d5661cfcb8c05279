// « Partager » by the system's own menu, « Copier le lien » to the clipboard. What happened is said where one clicked.
for (const part of document.querySelectorAll("[data-share]")) {
  const { share: url, title, copied, refused } = part.dataset;
  const find = (name) => part.querySelector(`[data-share-${name}]`);
  const field = find("field"), status = find("status");

  // Said again when it is done again: a live region says changes alone.
  function say(text) {
    status.textContent = "";
    setTimeout(() => { status.textContent = text; }, 50);
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(url);
      say(copied);
    } catch {
      field.hidden = false;
      field.querySelector("input").select();
      say(refused);
    }
  }

  if (navigator.clipboard) {
    field.hidden = true;
    find("copy").hidden = false;
    find("copy").addEventListener("click", copy);
  }
  const native = find("native");
  if (native && navigator.canShare?.({ title, url })) {
    native.hidden = false;
    native.addEventListener("click", async () => {
      try { await navigator.share({ title, url }); } catch { /* the person changed their mind */ }
    });
  }
}

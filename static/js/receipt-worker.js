// Serves the page of a receipt that someone chose to keep, when the network is away; its scope is that page alone.
const NAME = `recu:${new URL(registration.scope).pathname}`;

async function answer(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(NAME)).match(request, { ignoreSearch: request.mode === "navigate" });
    if (kept) return kept;
    throw error;
  }
}

addEventListener("fetch", (event) => {
  if (event.request.method === "GET") event.respondWith(answer(event.request));
});

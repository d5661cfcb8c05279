// The listings of a place: asked of the directory's own data, in a panel that has the focus, and that Escape closes.
const MOST = 50;

function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function makePanel(panel, data, { onShown, onClosed }) {
  const find = (name) => panel.querySelector(`[data-panel-${name}]`);
  const list = find("list"), status = find("status"), all = find("all");
  // Made here: until a place is chosen, the page has no heading that says nothing.
  const title = make("h3", { id: "lieu-choisi", className: "region-panel__title", tabIndex: -1 });
  let turn = 0;
  find("close").before(title);
  panel.setAttribute("aria-labelledby", title.id);

  function close() {
    if (panel.hidden) return;
    turn += 1;
    panel.hidden = true;
    onClosed();
  }

  function line(listing) {
    const sector = data.sectors.find(([slug]) => listing.sectors.includes(slug));
    const picture = make("img", { src: sector ? sector[2] : data.drawing, alt: "", width: 56, height: 42, loading: "lazy", className: "region-panel__picture" });
    const link = make("a", { href: `${data.directory}${listing.slug}/`, textContent: listing.name });
    const facts = [listing.address.street, listing.address.municipality].filter(Boolean).join(", ");
    return make("li", { className: "region-panel__item" }, picture, make("div", {}, link, make("p", { textContent: facts })));
  }

  async function open({ codes, name, count }) {
    turn += 1;
    const mine = turn;
    const towns = codes.map((code) => `municipalite=${encodeURIComponent(code)}`).join("&");
    title.textContent = name;
    list.replaceChildren();
    status.textContent = panel.dataset.loading;
    all.href = `${data.directory}?${[data.filters, towns].filter(Boolean).join("&")}`;
    panel.hidden = false;
    title.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
    try {
      const answer = await fetch(`${data.listings}?${[data.filters, towns, `par_page=${MOST}`].filter(Boolean).join("&")}`, { credentials: "same-origin" });
      if (!answer.ok) throw new Error(answer.status);
      const { results } = await answer.json();
      if (mine !== turn) return;
      list.replaceChildren(make("ul", { className: "region-panel__list plain-list" }, ...results.map(line)));
      status.textContent = count > results.length ? panel.dataset.first.replace("__shown__", results.length) : "";
      onShown(results, list.querySelectorAll("a"));
    } catch {
      if (mine === turn) status.textContent = panel.dataset.failed;
    }
  }

  panel.closest("[data-map]").addEventListener("keydown", (event) => { if (event.key === "Escape") close(); });
  find("close").addEventListener("click", close);
  return { open, close };
}

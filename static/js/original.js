// Proposes the posts whose title has the words typed, where the original of a translation is looked up.
const field = document.querySelector("[data-originals]");
const QUIET_MS = 250;

if (field) {
  const list = document.createElement("datalist");
  list.id = field.getAttribute("list");
  field.after(list);
  let timer = 0;
  const propose = async () => {
    const address = `${field.dataset.originals}?q=${encodeURIComponent(field.value)}&sauf=${field.form.elements.owner.value}`;
    const answer = await fetch(address, { redirect: "manual" }).catch(() => null);
    if (!answer?.ok) return;
    const { posts } = await answer.json();
    list.replaceChildren(...posts.map(({ address: value, title }) => new Option(title, value)));
  };
  field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(propose, QUIET_MS); });
}

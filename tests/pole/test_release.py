"""What is installed has a name: pages of another release are asked for again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest
from django.conf import settings

from pole.server import release
from tests.kept_beside import kept


@pytest.fixture
def installed(tmp_path):
    """A small installation: a file of each kind."""
    for name in (
        *("pole/urls.py", "templates/base.html", "static/css/base.css", "locale/fr/LC_MESSAGES/django.po"),
        "requirements.lock",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(settings.BASE_DIR / name, path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "pole/urls.py",
        "templates/base.html",
        "static/css/base.css",
        "locale/fr/LC_MESSAGES/django.po",
        "requirements.lock",
    ],
)
def test_a_changed_file_makes_another_release(installed, name):
    before = release.fingerprint(installed)
    path = installed / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert release.fingerprint(installed) != before


def test_what_is_made_from_the_files_makes_none(installed):
    """Each process of one deployment has the same, whichever started first."""
    before = release.fingerprint(installed)
    for name in ("pole/__pycache__/urls.cpython-313.pyc", "locale/fr/LC_MESSAGES/django.mo", "var/log"):
        path = installed / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"made")
    (installed / "templates" / "base.html").touch()
    assert release.fingerprint(installed) == before


def test_what_moved_or_is_chosen_counts(installed):
    before = release.fingerprint(installed, "https://a.example")
    assert release.fingerprint(installed, "https://b.example") != before
    (installed / "templates" / "base.html").rename(installed / "templates" / "other.html")
    assert release.fingerprint(installed, "https://a.example") != before


def test_page_of_another_release_is_sent_again(client, db, settings, installed):
    """A visitor who comes back with the page of before the upgrade."""
    settings.RELEASE = release.fingerprint(installed)
    etag = client.get("/").headers["ETag"]
    assert client.get("/", headers={"If-None-Match": etag}).status_code == 304
    template = installed / "templates" / "base.html"
    template.write_text(template.read_text(encoding="utf-8") + "<!-- new -->", encoding="utf-8")
    settings.RELEASE = release.fingerprint(installed)
    # Processes of the new release keep nothing of the old one's.
    kept.start()
    assert client.get("/", headers={"If-None-Match": etag}).status_code == 200


def values(names, **environment):
    """Settings as a program of this environment reads them; its last line of error if it refuses."""
    code = f"import json; from pole import settings as s; print(json.dumps({{n: getattr(s, n, None) for n in {names!r}}}))"
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("POLE_") or name == "POLE_VAR"
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=settings.BASE_DIR,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr.strip().splitlines()[-1]


PRODUCTION = {
    "POLE_PRODUCTION": "1",
    "SECRET_KEY": "x" * 60,
    "ALLOWED_HOSTS": "portail.example",
    "BASE_URL": "https://portail.example",
    "DATABASE_URL": "postgres://pole@/pole",
    "EMAIL_URL": "smtp://mail.example:25",
    "TRUSTED_PROXY_COUNT": "1",
}
HSTS = ["SECURE_HSTS_SECONDS", "SECURE_HSTS_INCLUDE_SUBDOMAINS", "SECURE_HSTS_PRELOAD"]


def test_release_is_the_same_in_every_process_unless_the_environment_names_it():
    first, second = values(["RELEASE"]), values(["RELEASE"])
    assert first == second
    assert len(first["RELEASE"]) == 16
    assert values(["RELEASE"], POLE_RELEASE="2026-11") == {"RELEASE": "2026-11"}


def test_https_binds_the_portals_own_name_alone_unless_the_hub_chooses():
    found = values(HSTS, **PRODUCTION)
    assert list(found.values()) == [63_072_000, False, False]
    chosen = values(HSTS, **PRODUCTION, POLE_HSTS_SUBDOMAINS="1")
    assert list(chosen.values()) == [63_072_000, True, False]
    chosen = values(HSTS, **PRODUCTION, POLE_HSTS_SUBDOMAINS="1", POLE_HSTS_PRELOAD="1")
    assert list(chosen.values()) == [63_072_000, True, True]
    assert "POLE_HSTS_SUBDOMAINS" in values(HSTS, **PRODUCTION, POLE_HSTS_PRELOAD="1")


def test_production_says_which_of_its_settings_are_missing():
    missing = values(["RELEASE"], POLE_PRODUCTION="1")
    assert missing.endswith("SECRET_KEY, ALLOWED_HOSTS, BASE_URL, DATABASE_URL, EMAIL_URL")
    given = {name: value for name, value in PRODUCTION.items() if name != "EMAIL_URL"}
    assert values(["RELEASE"], **given).endswith("needs these variables: EMAIL_URL")


@pytest.mark.parametrize(
    ("sender", "is_one"),
    [("portail@exemple.ca", True), ('"Pôle, coop" <portail@exemple.ca>', True), ("Pôle <p@coopé.ca>", True),
     ("Pôle, coop <portail@exemple.ca>", False), ("", False), ("élise@exemple.ca", False), ("Le pôle", False)],
)  # fmt: skip
def test_sender_that_no_relay_can_be_given_is_said_at_start(sender, is_one):
    found = values(["DEFAULT_FROM_EMAIL"], DEFAULT_FROM_EMAIL=sender)
    assert found == {"DEFAULT_FROM_EMAIL": sender} if is_one else "write one address" in found


def test_lock_of_an_editor_stops_nothing(installed):
    """A link to no file, beside a template that is open on the server."""
    before = release.fingerprint(installed)
    (installed / "templates" / ".#base.html").symlink_to("claire@serveur.4321")
    assert release.fingerprint(installed) == before

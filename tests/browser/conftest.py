"""A real Chromium on the real server, with the demonstration content."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime

import pytest

from tests import rows

# Playwright's synchronous interface runs an event loop in this thread.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
# By how much the processor of pages is slowed, to find what fails on a busy machine: `POLE_SLOW=6 make e2e`.
SLOW = int(os.environ.get("POLE_SLOW", "1"))
# As a selector, `coming=page`: the document while a part of it is on its way, such as the script that is to hear a press.
# A document whose first byte is awaited has no element yet, nor anything to press.
COMING = """(() => {
  const coming = () => [document.documentElement].filter((root) => root && document.readyState !== "complete");
  return { query: () => coming()[0] ?? null, queryAll: coming };
})()"""


@pytest.fixture(scope="session")
def chromium(django_db_setup):
    from playwright.sync_api import expect, sync_playwright

    # As long as for an act: nothing that passes waits for it.
    expect.set_options(timeout=30_000)

    names = ("chromium-headless-shell", "chromium", "chromium-browser")
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert path, f"Chromium is needed: install Debian's package {names[0]}, or set CHROMIUM"
    arguments = [
        "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]  # fmt: skip
    with sync_playwright() as playwright:
        playwright.selectors.register("coming", COMING, content_script=True)
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def kept_rows():
    """Names of what `tests.rows` keeps."""
    return set()


@pytest.fixture(scope="session")
def kept_files(tmp_path_factory):
    """Files of what `tests.rows` keeps: pictures and documents, and the keys without which a vote is suspended."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def demonstration(transactional_db, kept_rows, kept_files, settings):
    """The content of `make run`: made once, then put back."""
    from django.core.management import call_command

    folders = {kept_files / "media": settings.MEDIA_ROOT, kept_files / "keys": settings.KEYS_DIR}
    if "demonstration" in kept_rows:
        rows.restore_rows("demonstration")
        for kept, served in folders.items():
            shutil.copytree(kept, served, dirs_exist_ok=True)
        return
    call_command("seed_demo", stdout=open(os.devnull, "w"))  # noqa: PTH123, SIM115 - a sink
    rows.save_rows("demonstration")
    for kept, served in folders.items():
        served.mkdir(exist_ok=True)
        shutil.copytree(served, kept)
    kept_rows.add("demonstration")


def at_hand(page):
    """Whoever acts on a page waits until it is whole: without its scripts, it is opened with `javascript=False`."""
    page.add_locator_handler(page.locator("coming=page"), lambda: None)
    if SLOW > 1:
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW})


@pytest.fixture
def open_page(chromium, live_server, settings):
    """`open_page(width=360, theme="dark", javascript=True)`: a page of a fresh browser profile.

    Errors of scripts, refusals of the CSP and requests to third parties fail the test.
    """
    contexts, complaints = [], []
    settings.BASE_URL = live_server.url

    def make(*, width=1280, theme="light", javascript=True):
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": 800}, color_scheme=theme,
            java_script_enabled=javascript, reduced_motion="reduce", locale="fr-CA",
        )  # fmt: skip
        contexts.append(context)
        context.on("page", at_hand)
        if "POLE_TEST_AHEAD_NS" in os.environ:
            context.clock.install(time=datetime.now(UTC))
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url}: {message.text}")
                if "Content Security Policy" in message.text
                else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda request: (
                complaints.append(f"third party: {request.url}")
                if not request.url.startswith((live_server.url, "data:", "blob:", "about:"))
                else None
            ),
        )
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.fixture
def unhurried(monkeypatch):
    """What is sent at once is not taken for a machine's."""
    monkeypatch.setattr("pole.forms.MIN_WRITING_SECONDS", 0)


@pytest.fixture
def sign_in():
    """`sign_in(page, user)`: puts a session of `user` in the browser; staff have shown a second factor."""

    def do(page, user):
        from tests.conftest import signed_in

        client = signed_in(user, second_factor=user.is_staff)
        cookie = client.cookies["sessionid"].value
        from django.conf import settings

        page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": settings.BASE_URL}])

    return do

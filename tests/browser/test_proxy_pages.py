"""What Chromium shows of nginx's own refusals."""

from __future__ import annotations

import pytest
from django.conf import settings

from tests.pole.test_nginx_refusals import SAID, site, stop  # noqa: F401 - a fixture

pytestmark = pytest.mark.any_hour("starts real servers, whose clock is the machine’s")
SEND = """() => {
  const form = document.createElement("form");
  form.method = "post"; form.enctype = "multipart/form-data"; form.action = "/gestion/";
  const field = document.createElement("input");
  field.type = "file"; field.name = "file";
  const chosen = new DataTransfer();
  chosen.items.add(new File([new Uint8Array(60_000_000)], "rapport.pdf"));
  field.files = chosen.files;
  form.append(field); document.body.append(form); form.submit();
}"""


@pytest.fixture
def looked_at(chromium, tmp_path):
    """Opens a page whose sheets and drawings nginx gives, as they are written."""
    (tmp_path / "static").symlink_to(settings.BASE_DIR / "static")
    contexts = []

    def look(here, **options):
        context = chromium.new_context(locale="fr-CA", **options)
        contexts.append(context)
        page = context.new_page()
        page.errors = []
        page.on("console", lambda said: page.errors.append(said.text) if said.type == "error" else None)
        page.goto(f"http://localhost:{here.port}/")
        return page

    yield look
    for context in contexts:
        context.close()


def test_too_large_a_file_is_refused_on_a_page(site, looked_at):  # noqa: F811
    """Not by a connection that is lost: nginx takes in what the browser still sends."""
    with site() as here:
        page = looked_at(here)
        page.evaluate(SEND)
        page.wait_for_selector("h1")
        assert page.inner_text("h1") == SAID[413][0]
        assert here.portal.asked[-1][0] == "/"


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_of_a_portal_that_is_away_is_dressed(site, looked_at, width, theme):  # noqa: F811
    with site() as here:
        page = looked_at(here, viewport={"width": width, "height": 800}, color_scheme=theme)
        stop(here)
        page.goto(f"http://localhost:{here.port}/nouvelles/")
        assert page.inner_text("h1") == SAID[502][0]
        assert page.evaluate("document.querySelector('.astray__drawing').naturalWidth") > 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # That of the status itself.
        assert [error for error in page.errors if "502" not in error] == []

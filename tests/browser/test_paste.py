"""What people copy elsewhere and paste on the desk, by the real clipboard, on the page and its policy.

`pastes/` holds what each program puts there, and the text that it becomes. `libreoffice.html` is what LibreOffice 7.4
gave on the clipboard (`xclip -o -selection clipboard -t text/html`) for `libreoffice.fodt`, all of it selected and
copied under Xvfb; the others were written in the form that public reports show.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pole.text.richtext import clean_html
from tests.factories import PostFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

PASTES = Path(__file__).parent / "pastes"
# As a program would: the browser itself rewrites what a page hands to `navigator.clipboard`.
COPY = """(kinds) => window.addEventListener("copy", (event) => {
  event.preventDefault();
  event.stopImmediatePropagation();
  for (const [kind, text] of Object.entries(kinds)) event.clipboardData.setData(kind, text);
}, { capture: true, once: true })"""


@pytest.fixture
def desk(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto(f"/gestion/billets/{PostFactory(body='<p>x</p>').pk}/")
    expect(page.locator(".prose-menubar").first).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def paste(page, **kinds):
    """Copies by the keyboard, then pastes over all that the editor holds."""
    page.locator(".tiptap").first.click()
    page.keyboard.press("Control+a")
    page.evaluate(COPY, {kind.replace("_", "/"): text for kind, text in kinds.items()})
    page.keyboard.press("Control+c")
    page.keyboard.press("Delete")
    page.keyboard.press("Control+v")


def written(page, name="body"):
    """What the form would send, as it would be stored, a block a line."""
    text = clean_html(page.locator(f"[name={name}]").input_value(), language="fr")
    return re.sub(r"(</(?:p|h[234]|ul|ol|table|figure|blockquote|pre)>|<hr>)", r"\1\n", text)


def one_block_a_line(markup):
    return re.sub(r"(</(?:p|h[234]|ul|ol|table|figure|blockquote|pre)>|<hr>)\n*", r"\1\n", markup.replace(" :", "\u00a0:").replace("« ", "«\u00a0").replace(" »", "\u00a0»"))


def test_each_program_gives_the_text_that_was_copied(desk):
    """In one page, which is long to open: each paste replaces the one before."""
    found, expected = {}, {}
    for recorded in sorted(PASTES.glob("*.html")):
        name = recorded.name.removesuffix(".html")
        if name.endswith(".expected"):
            continue
        paste(desk, text_html=recorded.read_text(), text_plain="x")
        found[name] = written(desk)
        expected[name] = one_block_a_line((PASTES / f"{name}.expected.html").read_text())
    for name, text in expected.items():
        assert found[name].split("\n") == text.split("\n"), name

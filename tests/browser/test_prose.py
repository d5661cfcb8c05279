"""What the editor makes of a text that it opens: nothing is lost, and the second time nothing changes."""

from __future__ import annotations

import re

import pytest
from django.templatetags.static import static
from playwright.sync_api import expect

from pole.text import richtext
from pole.text.html import walk
from pole.text.richtext import clean_html
from tests.browser.test_accessibility import faults_of
from tests.desk.prose import Drawer, read
from tests.desk.videos import OTHERS, VIDEOS
from tests.factories import PostFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

# Each text set in the editor as its page sets it, and what its field would then send.
THROUGH = """async (texts) => {
  const { editor } = window;
  return texts.map((text) => { editor.commands.setContent(text); return editor.getHTML(); });
}"""
CATCH = (
    "document.addEventListener('prose-editor:ready', (event) => { window.editor ??= event.detail.editor; });"
)


@pytest.fixture
def editor(open_page, sign_in):
    """A page of the desk; `window.editor` is its editor."""
    page = open_page()
    page.add_init_script(CATCH)
    page.route("**/fichiers/**", lambda route: route.abort())
    sign_in(page, UserFactory(is_staff=True))
    page.route("**/enregistrement/", lambda route: route.abort())
    page.goto(f"/gestion/billets/{PostFactory().pk}/")
    expect(page.locator(".prose-menubar").first).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    return page


def test_drawn_documents_hold_all_that_the_public_schema_allows():
    """A tag or an attribute that is allowed later, and that the editor does not know, is found here."""
    drawn = [
        event
        for seed in range(300)
        for event in walk(clean_html(Drawer(seed).document(), language="fr"))
        if event.name
    ]
    assert {event.name for event in drawn} == richtext.ALLOWED_TAGS
    allowed = {tag: set(checks) for tag, checks in richtext._ATTRIBUTES.items()}
    # Written by the library when a text is saved, whatever it held: desk.pictures.
    allowed["img"] -= {"srcset", "sizes"}
    for tag, names in allowed.items():
        assert {name for event in drawn if event.name == tag for name in event.attributes} - {
            "rel"
        } == names, tag


def test_editor_knows_the_videos_that_the_server_knows(editor):
    source = static("js/prose/videos.js")
    known = "async ([source, addresses]) => { const { isVideo } = await import(source); return addresses.map(isVideo); }"
    assert editor.evaluate(known, [source, VIDEOS + OTHERS]) == [True] * len(VIDEOS) + [False] * len(OTHERS)


def test_nothing_is_lost_by_opening_a_text_and_saving_it(editor):
    drawn = [clean_html(Drawer(seed).document(), language="fr") for seed in range(1_000)]
    once = [clean_html(text, language="fr") for text in editor.evaluate(THROUGH, drawn)]
    lost = [(before, after) for before, after in zip(drawn, once, strict=True) if read(before) != read(after)]
    twice = [clean_html(text, language="fr") for text in editor.evaluate(THROUGH, once)]
    changed = [(before, after) for before, after in zip(once, twice, strict=True) if before != after]
    assert (lost[:1], len(lost), changed[:1], len(changed)) == ([], 0, [], 0)


def test_a_text_with_every_construct_has_no_fault_on_any_screen(open_page, sign_in):
    body = clean_html(
        '<h2>Un</h2><h3>Deux</h3><h4>Trois</h4><p>Mot<sup><a href="#note-a">?</a></sup>, <code>code</code>, <s>rayé</s>, H<sub>2</sub>O</p>'
        "<pre>une ligne de code qui est bien plus longue que l’écran d’un téléphone, sans nul doute</pre><p>https://youtu.be/abc</p>"
        '<ol type="a" start="3"><li>Trois</li></ol><table><thead><tr><th>Ville</th></tr></thead><tbody><tr><td>Alma</td></tr></tbody></table>'
        '<ol class="notes"><li id="note-a"><p>Une note.</p></li></ol>',
        language="fr",
    )
    post = PostFactory(body=body)
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    assert faults_of(page, [post.get_absolute_url(), f"/gestion/billets/{post.pk}/"]) == []
    page.goto(post.get_absolute_url())
    page.locator("sup a").click()
    expect(page).to_have_url(re.compile("#note-1$"))
    page.get_by_role("link", name="↩").click()
    expect(page).to_have_url(re.compile("#appel-1$"))

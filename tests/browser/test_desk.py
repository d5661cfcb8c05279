"""Hours of writing at the desk: what stays in sight, and what survives a session, a network, a tab, a colleague."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Error, expect

from blog.models import Post
from desk.models import Draft
from tests.browser.soon import soon
from tests.factories import PageFactory, PostFactory, ResultsFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
# A text of more than 6,000 px.
LONG = "<p>Un paragraphe de quelques mots, comme on en écrit.</p>" * 150
SIZES = [(1280, 800), (360, 640), (320, 256)]
# Each one that is not whole in the window.
OUT_OF_SIGHT = """(selectors) => selectors.filter((selector) => {
  const element = document.querySelector(selector), box = element?.getBoundingClientRect();
  if (!box?.width || box.top < 0 || box.left < 0 || box.bottom > innerHeight + 0.5 || box.right > innerWidth + 0.5) return true;
  const over = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return !over || !(element.contains(over) || over.contains(element));
})"""
CARET_IS_ABOVE = """() => {
  const caret = getSelection().getRangeAt(0).getBoundingClientRect();
  return 0 < caret.bottom && caret.bottom <= document.querySelector(".desk-bar").getBoundingClientRect().top;
}"""
BUTTONS = ["button[value=save]:not([aria-hidden])", "button[value=publish]"]


def state(page):
    return page.locator("[data-writing-state]")


def write(page, words):
    page.locator(".tiptap").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


@pytest.fixture
def texts():
    post, page_row, results = (
        PostFactory(body=LONG),
        PageFactory(body=LONG),
        ResultsFactory(introduction=LONG),
    )
    return {
        "post": f"/gestion/billets/{post.pk}/",
        "page": f"/gestion/pages/{page_row.pk}/",
        "results": f"/gestion/forums/{results.forum.slug}/resultats/",
    }


@pytest.mark.parametrize("kind", ["post", "page", "results"])
def test_buttons_state_and_alerts_stay_in_sight_of_a_long_text(open_page, sign_in, texts, kind):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, is_superuser=True, name="Mireille"))
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(texts[kind])
        write(page, " Et encore.")
        expect(state(page)).to_contain_text("Enregistré à")
        assert page.evaluate("document.documentElement.scrollHeight") > 6000
        whole = page.evaluate("document.documentElement.scrollHeight - innerHeight")
        for place in (0, 0.3, 0.6):
            page.evaluate("(y) => window.scrollTo(0, y)", whole * place)
            hidden = page.evaluate(OUT_OF_SIGHT, [*BUTTONS, "[data-writing-state]"])
            assert hidden == [], (width, height, place)


@pytest.mark.parametrize("size", SIZES)
def test_conflict_is_told_where_one_writes(open_page, sign_in, texts, size):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, name="Mireille"))
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(texts["post"])
    page.locator(".tiptap").first.click()
    draft = Post.objects.get().draft
    draft.content |= {"body": "<p>Autre chose.</p>"}
    draft.version, draft.saved_by = draft.version + 1, UserFactory(name="Thomas")
    draft.save()
    write(page, " Et encore.")
    expect(page.locator("[data-writing-alert]")).to_contain_text("Thomas a enregistré ce texte")
    alert = page.locator("[data-writing-alert]").bounding_box()
    assert 0 <= alert["y"] < size[1] - 24
    assert page.evaluate(OUT_OF_SIGHT, BUTTONS) == []


@pytest.mark.parametrize("size", SIZES)
def test_caret_stays_above_the_bar(open_page, sign_in, texts, size):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(texts["post"])
    write(page, "")
    for number in range(8):
        page.keyboard.press("Enter")
        page.keyboard.type(f"Ligne {number}")
        soon(page, lambda: page.evaluate(CARET_IS_ABOVE))
    # What it says makes it taller.
    page.evaluate("document.querySelector('[data-writing-state]').textContent = 'Un état. '.repeat(6)")
    soon(page, lambda: page.evaluate(CARET_IS_ABOVE))
    # Whoever looks at something else is left there.
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.querySelector('[data-writing-state]').textContent = 'Un état. '.repeat(12)")
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") == 0


def test_enter_in_the_title_saves_though_a_fault_offers_to_publish_anyway(open_page, sign_in):
    post = PostFactory(title="Un titre", body='<p>Lire <a href="/a/">cliquez ici</a>.</p>', published_at=None)
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto(f"/gestion/billets/{post.pk}/")
    expect(page.get_by_role("button", name="Publier quand même")).to_be_visible()
    page.get_by_label("Titre", exact=True).press("Enter")
    expect(page.get_by_text("Enregistré. Ce que le public lit n’a pas changé.")).to_be_visible()
    post.refresh_from_db()
    assert post.published_at is None


def end_session(page):
    page.context.clear_cookies()


def test_session_that_ended_while_writing_goes_on_once_signed_in_elsewhere(open_page, sign_in):
    writer = UserFactory(is_staff=True)
    post = PostFactory(body="<p>Début.</p>")
    page = open_page()
    sign_in(page, writer)
    page.goto(f"/gestion/billets/{post.pk}/")
    end_session(page)
    write(page, " Sans session.")
    expect(state(page)).to_contain_text("Votre session a pris fin")
    # “Save” neither leaves the page nor loses a word.
    page.get_by_role("button", name="Enregistrer").click()
    expect(state(page)).to_contain_text("Votre session a pris fin")
    expect(page.locator(".tiptap").first).to_contain_text("Sans session.")
    # A colleague signs in on the same device: these words are not theirs.
    sign_in(page, UserFactory(is_staff=True))
    write(page, " Encore.")
    expect(state(page)).to_contain_text("Une autre personne")
    assert "Sans session" not in Draft.objects.get(pk=post.draft_id).content["body"]
    end_session(page)
    other = page.context.new_page()
    sign_in(other, writer)
    other.goto("/compte/")
    page.bring_to_front()
    write(page, " De retour.")
    expect(state(page)).to_contain_text("Enregistré à")
    # Also said of what was saved while the last words were typed.
    soon(
        page,
        lambda: "Sans session. Encore. De retour." in Draft.objects.get(pk=post.draft_id).content["body"],
    )
    assert Draft.objects.get(pk=post.draft_id).saved_by == writer
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré. Ce que le public lit n’a pas changé.")).to_be_visible()


def test_save_pressed_after_signing_in_elsewhere_takes_the_new_token(open_page, sign_in):
    """Nothing was typed meanwhile: nothing had told the page that its token was of another session."""
    writer = UserFactory(is_staff=True)
    post = PostFactory()
    page = open_page()
    sign_in(page, writer)
    page.goto(f"/gestion/billets/{post.pk}/")
    end_session(page)
    sign_in(page, writer)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré. Ce que le public lit n’a pas changé.")).to_be_visible()


def kill(page):
    with page.expect_event("crash"), pytest.raises(Error, match="chrome://crash"):
        page.goto("chrome://crash")
    page.close()


@pytest.mark.parametrize("kills", [True, False])
def test_two_new_texts_of_two_tabs_are_both_offered_again(open_page, sign_in, kills):
    first = open_page()
    context = first.context
    sign_in(first, UserFactory(is_staff=True))
    tabs = [first, context.new_page(), context.new_page()]
    for tab in tabs:
        tab.goto("/gestion/billets/nouveau/")
        expect(tab.locator(".tiptap").first).to_be_visible()
    context.set_offline(True)
    for tab, title in zip(tabs, ("Le premier", "Le deuxième", "Le troisième"), strict=True):
        tab.bring_to_front()
        tab.locator("#id_title").fill(title)
        write(tab, f"Le texte de {title}.")
        expect(state(tab)).to_contain_text("Pas de réseau")
    # The third stays open: what it keeps is its own, and no other page offers it.
    for tab in tabs[:2]:
        kill(tab) if kills else tab.close()
    context.set_offline(False)
    expect(state(tabs[2])).to_contain_text("Enregistré à")
    page = context.new_page()
    page.goto("/gestion/billets/nouveau/")
    offers = page.locator(".desk-bar__kept")
    expect(offers).to_have_count(2)
    offers.filter(has_text="Le premier").get_by_role("button", name="Reprendre ces mots").click()
    expect(page.locator("#id_title")).to_have_value("Le premier")
    expect(state(page)).to_contain_text("Enregistré à")
    page.wait_for_url(re.compile(r"/gestion/billets/\d+/$"))
    # Over the first, the second would efface it: a page of its own has it.
    with context.expect_page() as opened:
        offers.filter(has_text="Le deuxième").get_by_role("button", name="Reprendre ces mots").click()
    second = opened.value
    second.get_by_role("button", name="Reprendre ces mots").click()
    expect(second.locator("#id_title")).to_have_value("Le deuxième")
    expect(state(second)).to_contain_text("Enregistré à")
    soon(
        page,
        lambda: {draft.content["title"]: draft.content["body"] for draft in Draft.objects.all()},
        {title: f"<p>Le texte de {title}.</p>" for title in ("Le premier", "Le deuxième", "Le troisième")},
    )
    # Nothing is offered twice.
    last = context.new_page()
    last.goto("/gestion/billets/nouveau/")
    expect(last.locator(".tiptap").first).to_be_visible()
    assert last.locator(".desk-bar__kept").count() == 0
    assert last.evaluate("Object.keys(localStorage).filter((each) => each.startsWith('bureau:'))") == []


def test_new_text_saved_before_its_first_autosave_is_not_offered_again(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/billets/nouveau/")
    page.locator("#id_title").fill("Vite enregistré")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url(re.compile(r"/gestion/billets/\d+/$"))
    expect(page.locator(".tiptap").first).to_be_visible()
    page.goto("/gestion/billets/nouveau/")
    expect(page.locator(".tiptap").first).to_be_visible()
    assert page.locator(".desk-bar__kept").count() == 0
    assert Post.objects.count() == 1

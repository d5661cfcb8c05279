"""The main journeys, as people make them."""

from __future__ import annotations

import re
import time

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from tests.factories import CommentFactory, PostFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)
INVITATION = "Connectez-vous pour partager votre opinion."


def test_pages_tell_the_time_of_the_portal(open_page):
    """Also in a run at another hour (`make hour`), where a page counts its seconds as ever."""
    page = open_page()
    page.goto("/")
    assert abs(page.evaluate("Date.now()") / 1000 - time.time()) < 10
    assert (
        0.2
        <= page.evaluate(
            """async () => {
          const before = [Date.now(), performance.now()];
          await new Promise((resolve) => setTimeout(resolve, 250));
          return Math.min(Date.now() - before[0], performance.now() - before[1]) / 1000;
        }"""
        )
        < 5
    )


def test_reader_signs_in_by_code_and_comes_back_to_comment(open_page):
    post = PostFactory(title="Un texte à discuter")
    reader = UserFactory(email="lectrice@exemple.example", name="Lou Gagné")
    CommentFactory(author=reader)
    page = open_page(width=360)
    page.goto(post.get_absolute_url())
    expect(page.get_by_text(INVITATION)).to_be_visible()
    page.locator(".sign-in-invitation").get_by_role("link", name="Se connecter").click()
    page.get_by_label("Adresse courriel").first.fill(reader.email)
    page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    code = re.search(r"\b[A-Z0-9]{3,4}-?[A-Z0-9]{3,4}\b|\b\d{6}\b", mail.outbox[-1].body).group()
    page.get_by_label(re.compile("code", re.IGNORECASE)).first.fill(code)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(re.escape(post.get_absolute_url()) + "#commentaires$"))
    page.wait_for_timeout(2100)  # a comment sent faster is taken for a machine's
    page.get_by_label("Votre commentaire").fill("J'aime bien l'idée : on commence quand?")
    page.get_by_label("J’accepte que mon nom soit affiché").check()
    page.get_by_role("button", name="Publier mon commentaire").click()
    expect(page.locator(".comment__text")).to_have_text("J’aime bien l’idée\u00a0: on commence quand?")


def test_post_is_written_with_the_rich_editor_previewed_and_published(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True))
    page.goto("/gestion/billets/nouveau/")
    page.get_by_label("Titre", exact=True).fill("Billet de la directrice – Une région qui se parle")
    page.get_by_label("Titre du texte").fill("Une région qui se parle")
    editor = page.locator(".tiptap").first
    editor.click()
    page.keyboard.type("Un premier paragraphe, avec une idée.")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+b")
    page.keyboard.type("Une phrase forte, seule.")
    page.keyboard.press("Control+b")
    page.keyboard.press("Enter")
    page.keyboard.type("La suite du texte.")
    page.get_by_label("Date de publication").fill("2023-05-19T10:00")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Aperçu").click()
    preview = opened.value
    expect(preview.get_by_text("Une phrase forte, seule.")).to_be_visible()
    expect(preview.get_by_text("rien ici n’est encore public")).to_be_visible()
    preview.close()
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_text("Publié. Tout le monde peut maintenant lire ce texte.")).to_be_visible()
    page.get_by_role("link", name="Voir la page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Billet de la directrice – Une région qui se parle"
    )
    expect(page.get_by_text("Publié le vendredi 19 mai 2023")).to_be_visible()
    expect(page.locator(".prose strong")).to_have_text("Une phrase forte, seule.")


def test_menu_opens_and_leads_somewhere_by_keyboard_alone(open_page, demonstration):
    page = open_page(width=360)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Aller au contenu")).to_be_focused()
    menu = page.get_by_role("button", name="Menu")
    for _ in range(6):
        page.keyboard.press("Tab")
        if menu.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    link = page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Actualités")
    expect(link).to_be_visible()
    for _ in range(8):
        page.keyboard.press("Tab")
        if link.first.evaluate("element => element === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Actualités")


def test_everything_can_be_read_without_javascript(open_page, demonstration):
    page = open_page(width=360, javascript=False)
    for address in (
        "/",
        "/billets/",
        "/repertoire/?q=erable",
        "/forums/",
        "/priorites/",
        "/recherche/?q=logement",
    ):
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_page_is_still_whole_at_four_hundred_percent(open_page, demonstration):
    page = open_page(width=320)
    page.set_viewport_size({"width": 320, "height": 256})
    for address in ("/", "/billets/une-eglise-a-reprendre/", "/repertoire/"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address


def test_script_payloads_never_run(open_page, sign_in):
    payload = '<img src=x onerror="window.ran=1"><script>window.ran=1</script><svg/onload=window.ran=1>'
    staff = UserFactory(is_staff=True, name=payload[:80])
    post = PostFactory(
        title=payload[:150], heading=payload, summary=payload, body="<p>x</p>", published_at=timezone.now()
    )
    CommentFactory(thread=post.thread, author=staff, text=payload)
    page = open_page()
    sign_in(page, staff)
    for address in (
        post.get_absolute_url(),
        "/billets/",
        "/recherche/?q=onerror",
        f"/recherche/?q={payload}",
        "/gestion/billets/",
        f"/gestion/billets/{post.pk}/",
        "/gestion/moderation/?etat=recents",
        "/compte/",
    ):
        page.goto(address)
        assert page.evaluate("window.ran") is None, address

"""A first text by someone who has only used Word: pasted, illustrated, checked, scheduled, taken up again.

With `POLE_PICTURES=1`, it also takes the pictures of docs/guide-redaction.md.
"""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from blog.models import Post, SiteImport
from blog.wordpress import running
from tests.blog.wordpress.whole_site import export
from tests.browser.pictures import picture
from tests.browser.test_paste import paste
from tests.factories import UserFactory
from tests.moments import as_typed, typeable

pytestmark = pytest.mark.django_db(transaction=True)

MARK = "<![if !supportLists]><span style='font-family:Symbol;mso-list:Ignore'>·<span>&nbsp;&nbsp;</span></span><![endif]>"
CALL = '<a style="mso-footnote-id:ftn1" href="#_ftn1" name="_ftnref1"><span class=MsoFootnoteReference>[1]</span></a>'
WORD = f"""<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><meta name=Generator content="Microsoft Word 15"></head><body lang=FR-CA>
<h1>Ce que la corvée a donné<o:p></o:p></h1>
<p class=MsoNormal><span style='font-family:Calibri;color:#1F3864'>Le <b>samedi 9 mai</b>, quarante personnes ont planté le verger des rives.{CALL}</span><o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'>{MARK}vingt-deux pommiers;<o:p></o:p></p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'>{MARK}une haie d’amélanchiers.<o:p></o:p></p>
<p class=MsoQuote>« On s’assoira à l’ombre dans dix ans. »<o:p></o:p></p>
<p class=MsoNormal><img width=300 height=200 src="file:///C:/Users/mg/clip_image001.jpg" alt="Le verger"><o:p></o:p></p>
<p class=MsoNormal>Pour la suite, <a href="https://exemple.example/verger">cliquez ici</a>.<o:p></o:p></p>
<div style='mso-element:footnote-list'><div style='mso-element:footnote' id=ftn1><p class=MsoFootnoteText><a href="#_ftnref1" name="_ftn1">[1]</a> Avec la Ville et deux écoles.</p></div></div>
</body></html>"""


def orchard():
    """A drawing of trees under a sky, light in a guide."""
    drawing = Image.new("RGB", (1200, 500), "#cfe3ee")
    draw = ImageDraw.Draw(drawing)
    draw.rectangle((0, 340, 1200, 500), fill="#7d9b5a")
    for x in range(100, 1200, 200):
        draw.rectangle((x - 9, 250, x + 9, 380), fill="#6b4a2f")
        draw.ellipse((x - 75, 130, x + 75, 280), fill="#3f6e3a")
    buffer = io.BytesIO()
    drawing.save(buffer, "JPEG")
    return {"name": "verger.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def test_text_of_word_becomes_a_post(open_page, sign_in):
    page = open_page()
    writer = UserFactory(is_staff=True, is_superuser=True, name="Mireille Gendron")
    sign_in(page, writer)
    page.goto("/gestion/billets/")
    page.get_by_role("link", name="Écrire un billet").first.click()
    page.get_by_label("Titre", exact=True).fill("Le verger des rives")
    paste(page, text_html=WORD, text_plain="x")
    editor = page.locator(".tiptap").first
    expect(editor.locator("h2")).to_have_text("Ce que la corvée a donné")
    expect(editor.locator("ul > li")).to_have_count(2)
    expect(editor.locator("blockquote")).to_contain_text("à l’ombre")
    expect(editor.locator("ol.notes li")).to_contain_text("deux écoles")
    # What the editor puts after the call of a note is no picture without a description.
    expect(editor.locator("img.ProseMirror-separator").first).to_have_css("outline-style", "none")
    expect(page.locator(".prose-said")).to_contain_text("Images que le navigateur ne peut pas lire")
    expect(page.locator("[data-writing-state]")).to_contain_text("Enregistré à")
    page.wait_for_url("**/billets/*/")
    page.set_viewport_size({"width": 1280, "height": 1100})
    picture(page, "redaction-collage", tallest=1400)
    page.set_viewport_size({"width": 1280, "height": 800})
    put_the_picture(page, editor)
    publish_later(page)
    end_the_session(page, sign_in, writer)
    take_up_a_version(page)
    post = Post.objects.get()
    assert (post.is_scheduled(timezone.now()), "[À compléter" in post.body) == (True, False)


def put_the_picture(page, editor):
    page.get_by_role("button", name="Compris").click()
    place = editor.get_by_text("[À compléter")
    place.click(click_count=3)
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Ajouter une image ou un document").click()
    page.get_by_role("dialog").locator("[type=file]").set_input_files(orchard())
    shown = page.get_by_label("Ce que montre l’image, pour les personnes")
    shown.fill("Une rangée de six pommiers, au printemps")
    page.get_by_label("Légende sous l’image").fill("Le verger, une semaine après la corvée.")
    picture(page, "redaction-image", start=editor.locator("blockquote"), tallest=720)
    page.get_by_role("button", name="C’est fait").click()
    expect(editor.locator("figure figcaption, figcaption")).to_contain_text("une semaine après")


def publish_later(page):
    then = as_typed(typeable(timezone.now() + timedelta(days=3)))
    page.get_by_label("Date de publication").fill(then)
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_role("heading", name="À regarder avant de publier")).to_be_visible()
    picture(page, "redaction-verifier", tallest=720)
    expect(page.get_by_label("Date de publication")).to_have_value(then)
    page.locator(".tiptap").first.get_by_text("cliquez ici").click(click_count=2)
    page.keyboard.type("lisez")
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_text("Planifié", exact=True).first).to_be_visible()


def end_the_session(page, sign_in, writer):
    page.context.clear_cookies()
    page.locator(".tiptap").first.locator("p").first.click()
    page.keyboard.press("End")
    page.keyboard.type(" Merci!")
    expect(page.locator("[data-writing-state]")).to_contain_text("Votre session a pris fin")
    picture(page, "redaction-session", start=page.locator(".desk-bar"), tallest=170)
    sign_in(page, writer)
    page.keyboard.type(" À bientôt!")
    expect(page.locator("[data-writing-state]")).to_contain_text("Enregistré à")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("Enregistré. Ce que le public lit n’a pas changé.")).to_be_visible()


def take_up_a_version(page):
    page.get_by_role("link", name="Historique").click()
    page.get_by_role("link", name="Toutes (").click()
    picture(page, "redaction-versions", tallest=900)


def test_former_site_comes_in(open_page, sign_in):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, is_superuser=True))
    page.goto("/gestion/billets/")
    page.get_by_role("link", name="Ancien site").click()
    page.get_by_label("Exportation du site").set_input_files(
        {"name": "ancien.xml", "mimeType": "text/xml", "buffer": export()}
    )
    page.get_by_role("button", name="Lire l’exportation").click()
    page.wait_for_url("**/ancien-site/*/")
    running.run(site_import_id=SiteImport.objects.latest("pk").pk)
    page.reload()
    expect(page.get_by_role("heading", name="Ce qui entrerait")).to_be_visible()
    picture(page, "redaction-ancien-site", tallest=1000)

"""A second hub, of another region and in other colours: from an empty database to its first post, in the browser alone.

With `POLE_PICTURES=1`, it also takes the pictures of docs/guide-premiers-pas.md.
"""

from __future__ import annotations

import re
import time
from threading import Event, Thread

import pytest
from aiosmtpd.controller import Controller
from allauth.mfa.totp.internal import auth as totp
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import expect

from pole.models import FormerMunicipality, Mrc, Municipality
from tests.browser.pictures import narrow_picture, picture
from tests.pole.test_mail import Mailbox, free_port, work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_hour("looks of pages")]
PASSWORD = "Un verger au bord du fleuve"
# In the form of the official list.
TOWNS = """"mcode";"munnom";"mdes";"regadm";"mrc"
"10043";"Rimouski";"Ville";"Bas-Saint-Laurent (01)";"Rimouski-Neigette (10)"
"10070";"Le Bic";"Ville";"Bas-Saint-Laurent (01)";"Rimouski-Neigette (10)"
"12072";"Rivière-du-Loup";"Ville";"Bas-Saint-Laurent (01)";"Rivière-du-Loup (12)"
"12005";"Cacouna";"Municipalité";"Bas-Saint-Laurent (01)";"Rivière-du-Loup (12)"
"03005";"Gaspé";"Ville";"Gaspésie–Îles-de-la-Madeleine (11)";"La Côte-de-Gaspé (03)"
"""
COUNT_CLICKS = """addEventListener("click", (event) => {
  if (event.isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1;
}, true);"""


@pytest.fixture
def mailbox(settings):
    """What a real relay receives, while a real worker runs."""
    with connection.cursor() as cursor:
        # The queue's tables are not Django's to empty between tests.
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    box, port, is_over = Mailbox(), free_port(), Event()
    smtp = {"host": "127.0.0.1", "port": port, "timeout": 5}
    settings.DEFAULT_FROM_EMAIL = "portail@exemple.example"
    settings.MAILERS = {
        "default": {"BACKEND": "pole.mail.queue.QueueBackend"},
        "delivery": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": smtp},
    }
    relay = Controller(box, hostname="127.0.0.1", port=port)

    def work_on():
        while not is_over.wait(0.2):
            work()

    worker = Thread(target=work_on)
    relay.start()
    worker.start()
    yield box
    is_over.set()
    worker.join()
    relay.stop()


@pytest.fixture
def installed(transactional_db, monkeypatch):
    """What `migrate`, then `createsuperuser`, leave: no territory, which tests otherwise have, and one account."""
    for model in (FormerMunicipality, Municipality, Mrc):
        model.objects.all().delete()
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser", interactive=False, email="claire@exemple.example", name="Claire Roy", verbosity=0
    )


def code_of(mailbox, pattern, *, after=0):
    """The code of the first message after so many."""
    given_up_at = time.monotonic() + 60
    while len(mailbox.received) <= after:
        assert time.monotonic() < given_up_at, "no mail"
        time.sleep(0.1)
    parts = [part for part in mailbox.received[after].walk() if part.get_content_type() == "text/plain"]
    return re.search(pattern, parts[0].get_payload(decode=True).decode())[0]


def open_the_staff_pages(page, mailbox):
    """The first account signs in, shows that its address is its own, and links an application."""
    page.goto("/gestion/")
    page.get_by_label("Adresse courriel").fill("claire@exemple.example")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter avec le mot de passe").click()
    page.locator("input[name=code]").fill(code_of(mailbox, r"\d{4}-?\d{4}"))
    page.locator("main form button[type=submit]").first.click()
    # What touches the security of an account asks for the password once more.
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Confirmer").click()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    page.locator("input[name=code]").fill(totp.format_hotp_value(totp.hotp_value(secret, counter)))
    page.get_by_role("button", name="Lier l’application").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Codes de secours")
    page.get_by_role("button", name="Mon compte").click()
    page.get_by_role("link", name="Gestion").click()


def describe_the_hub(page):
    for label, value in {
        "name": "Pôle d’économie sociale de l’Estuaire", "name_en": "Estuary Social Economy Hub", "short_name": "Estuaire",
        "tagline": "Le Pôle réunit les entreprises collectives du Bas-Saint-Laurent.",
        "tagline_en": "The Hub gathers the collective enterprises of the Lower St. Lawrence.",
        "team": "Une équipe de deux personnes à Rimouski.", "team_en": "A team of two in Rimouski.",
        "primary_colour": "#1b3f73", "accent_colour": "#7a2e5d", "street": "20, rue de la Gare", "postal_code": "G5L 1A1",
        "phone": "418 555-0123", "email": "bonjour@exemple.example",
        "privacy_officer": "Directrice générale, Claire Roy", "privacy_officer_en": "Executive Director, Claire Roy",
        "privacy_email": "vieprivee@exemple.example",
    }.items():  # fmt: skip
        page.locator(f"#id_{label}").fill(value)
    page.locator("main form button[type=submit]").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Premiers pas")


def choose_the_territory(page):
    page.get_by_role("link", name="Choisir le territoire").last.click()
    file = {"name": "MUN.csv", "mimeType": "text/csv", "buffer": TOWNS.encode("cp1252")}
    page.locator("#file").set_input_files([file])
    page.locator("form:has(#file) button").click()
    page.locator("button[value=apply]").click()
    picture(page, "premiers-pas-territoire")
    page.locator("details summary").filter(has_text="Bas-Saint-Laurent").click()
    page.locator("input[name=region]").first.check()
    page.locator("section[aria-labelledby=choix] button[type=submit]").click()
    page.get_by_role("link", name="Premiers pas").first.click()
    page.get_by_role("listitem").filter(has_text="choisissez-la à la page du pôle").first.wait_for()
    page.get_by_role("link", name="Décrire le pôle").last.click()
    page.locator("#id_municipality").select_option(label="Rimouski")
    page.locator("main form button[type=submit]").last.click()


def say_that_mail_arrives(page, mailbox):
    before = len(mailbox.received)
    page.get_by_role("link", name="Envoyer un message d’essai").last.click()
    page.get_by_role("button", name="M’envoyer un message d’essai").click()
    expect(page.get_by_text("Le relais a pris le message")).to_be_visible()
    page.get_by_label("Code reçu dans le message").fill(code_of(mailbox, r"\b\d{6}\b", after=before))
    picture(page, "premiers-pas-courriel-recu")
    page.get_by_role("button", name="Je l’ai reçu").click()
    expect(page.get_by_text("le courriel fonctionne")).to_be_visible()


# Selects what the model left to complete, from its bracket to the other; false when nothing is left.
SELECT_WHAT_IS_LEFT = r"""async (editor) => {
  const texts = [];
  const walker = document.createTreeWalker(editor, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode);
  const first = texts.find((text) => /\[(À compléter|To complete)/.test(text.data));
  if (!first) return false;
  const last = texts.slice(texts.indexOf(first)).find((text) => text.data.includes("]"));
  editor.focus();
  const from = first.data.search(/\[(À compléter|To complete)/);
  getSelection().setBaseAndExtent(first, from, last, last.data.indexOf("]", last === first ? from : 0) + 1);
  // The editor reads the selection once the browser has told it.
  await new Promise((done) => setTimeout(done, 50));
  return true;
}"""


def complete(page, editor):
    """Types over what the model left to complete, as its reader does: bracket by bracket."""
    for _bracket in range(20):
        if not editor.evaluate(SELECT_WHAT_IS_LEFT):
            return
        page.keyboard.insert_text("Nous répondons en deux jours.")


def read_and_publish_the_pages(page):
    page.get_by_role("link", name="Préparer les pages").last.click()
    page.get_by_role("button", name="Écrire les brouillons qui manquent").click()
    picture(page, "premiers-pas-pages")
    for title in ("À propos", "Nous joindre", "Confidentialité", "Conditions d’utilisation", "Accessibilité"):
        page.get_by_role("link", name=title, exact=True).click()
        expect(page.locator(".tiptap").first).to_contain_text("À compléter")
        if title == "Confidentialité":
            expect(page.locator(".tiptap").first).to_contain_text("Directrice générale, Claire Roy")
        # The page that is left may say what is lacking too.
        with page.expect_navigation():
            page.get_by_role("button", name="Publier", exact=True).click()
        # Nothing is published with its brackets.
        expect(page.get_by_text("Il reste quelque chose à compléter").first).to_be_visible()
        if title == "Confidentialité":
            picture(page, "premiers-pas-confidentialite")
        for field in ("#id_body", "#id_body_en"):
            # Through its field, so that it waits for the editor: it stands a moment after the page that refuses.
            complete(page, page.locator(f".prose-editor:has({field}) .tiptap"))
            expect(page.locator(field)).not_to_have_value(re.compile(r"\[(À compléter|To complete)"))
        page.get_by_role("button", name="Publier", exact=True).click()
        expect(page.get_by_text("Tout le monde peut maintenant lire ce texte.")).to_be_visible()
        page.get_by_role("link", name="Pages essentielles").click()


def test_second_hub_goes_from_nothing_to_its_first_post(installed, mailbox, open_page):
    started_at = time.monotonic()
    page = open_page()
    page.add_init_script(COUNT_CLICKS)
    page.goto("/")
    expect(page.get_by_text("Le portail ouvre bientôt")).to_be_visible()
    open_the_staff_pages(page, mailbox)
    page.get_by_role("link", name="Continuer les premiers pas").click()
    left = page.locator(".steps__step .badge--warm")
    expect(left).to_have_count(6)
    picture(page, "premiers-pas-liste")
    narrow_picture(page, "premiers-pas-liste")
    page.get_by_role("link", name="Décrire le pôle").first.click()
    describe_the_hub(page)
    choose_the_territory(page)
    expect(left).to_have_count(4)
    page.get_by_role("link", name="Inviter des collègues").last.click()
    page.get_by_role("button", name="Je travaille sans collègue").click()
    say_that_mail_arrives(page, mailbox)
    expect(left).to_have_count(2)
    read_and_publish_the_pages(page)
    page.get_by_role("link", name="Premiers pas").first.click()
    expect(left).to_have_count(1)
    write_in_english(page)
    link_another_site(page)
    page.get_by_role("link", name="Tableau de bord").click()
    expect(page.get_by_text("premiers pas")).to_have_count(0)
    page.goto("/gestion/premiers-pas/")
    expect(page.get_by_text("Tout est fait")).to_be_visible()
    picture(page, "premiers-pas-fini")
    seconds, clicks = time.monotonic() - started_at, page.evaluate("Number(sessionStorage.clicks)")
    print(f"{seconds:.0f} s in the browser, {clicks} clicks")
    # Half an hour has room for a minute of typing after each click out of two.
    assert clicks < 60
    what_visitors_see(open_page())


def write_in_english(page):
    page.get_by_role("link", name="Écrire le premier billet").last.click()
    page.locator("#id_title").fill("The portal is open")
    page.locator("#id_language").select_option("en")
    page.locator(".tiptap").first.click()
    page.keyboard.type("Come and see what collective enterprises do along the Estuary.")
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_text("Tout le monde peut maintenant lire ce texte.")).to_be_visible()


def link_another_site(page):
    page.goto("/gestion/pole/menus/")
    entry = page.locator("fieldset").last
    for field, value in {
        "position": "9",
        "label": "Nos membres",
        "label_en": "Members",
        "address": "https://exemple.ca/",
    }.items():
        entry.locator(f"[name$=-{field}]").fill(value)
    entry.locator("[name$=-place]").select_option("header")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator("#menu nav").get_by_role("link", name="Nos membres (autre site)")).to_be_visible()


def what_visitors_see(page):
    """The English home, its menu and its pages; and the same in French."""
    page.goto("/en/")
    expect(page.get_by_role("banner").get_by_role("link").first).to_contain_text("Estuary Social Economy Hub")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The Hub gathers the collective enterprises of the Lower St. Lawrence."
    )
    expect(page.locator("#menu nav").get_by_role("link", name="Members (other site)")).to_be_visible()
    assert (
        page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--primary')").strip()
        == "#1b3f73"
    )
    picture(page, "premiers-pas-apres")
    page.get_by_role("link", name="The portal is open").click()
    expect(page.locator("article")).to_contain_text("along the Estuary")
    for name in ("Contact", "Privacy", "Accessibility", "Terms of use"):
        page.get_by_role("contentinfo").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("This page does not exist")
    page.goto("/")
    expect(page.get_by_text("Le portail ouvre bientôt")).to_have_count(0)
    expect(page.get_by_role("link", name="The portal is open")).to_have_attribute(
        "href", re.compile("/billets/")
    )

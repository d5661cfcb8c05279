"""Each state of the ballot, the registration, the import and the desk, drawn: the pictures are in var/states to be looked at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.test_vote import AGAIN, cast_first, vote  # noqa: F401 - a fixture
from tests.factories import RegistrationFactory, UserFactory
from tests.forums.registering import last_link, open_forum

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]} {look[1]}")
def look(request):
    return request.param


@pytest.fixture
def opened(open_page, look):
    width, theme = look
    return open_page(width=width, theme=theme)


def drawn(page, name, look):
    """What the window shows: people see no more than that when the page comes."""
    width, theme = look
    folder = Path(settings.BASE_DIR) / "var" / "states"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{width}-{theme}.png"
    # What is said once the page is there.
    expect(page.locator("[data-said]:empty + [data-to-say]")).to_have_count(0)
    page.screenshot(path=path)
    assert path.stat().st_size > 5_000
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_states_of_the_ballot_are_drawn(opened, look, vote):  # noqa: F811
    from forums.vote.rounds import close_round

    round, codes = vote
    page = opened
    page.goto(f"/vote/{codes[0]}/")
    drawn(page, "ballot-empty", look)
    page.get_by_label("Un atelier partagé").check()
    drawn(page, "ballot-partial", look)
    page.get_by_label("Une cuisine").check()
    expect(page.locator("[data-remaining]").first).to_have_text("Choix restants\u00a0: 0")
    drawn(page, "ballot-full", look)
    page.get_by_label("Un marché").check()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.locator(".error-summary__title")).to_be_focused()
    drawn(page, "ballot-refused", look)
    page.get_by_label("Un marché").uncheck()
    page.get_by_role("button", name="Relire mon bulletin").click()
    drawn(page, "ballot-review", look)
    page.context.set_offline(True)
    page.get_by_role("button", name="Déposer mon bulletin").click()
    expect(page.get_by_text(AGAIN)).to_be_visible()
    drawn(page, "ballot-offline", look)
    page.context.set_offline(False)
    page.wait_for_url("**/vote/recu/")
    drawn(page, "ballot-done", look)
    page.goto(f"/vote/{codes[1]}/")
    close_round(round_id=round.pk, by=None)
    cast_first(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Le vote est fermé")
    drawn(page, "ballot-late", look)


def test_states_of_a_registration_are_drawn(opened, look, transactional_db):
    page, forum = opened, open_forum(title="Forum des rives")
    address = f"{forum.get_absolute_url()}inscription/"
    page.goto(address)
    drawn(page, "registration-empty", look)
    page.get_by_label("Votre nom").fill("Lou Petit")
    page.get_by_role("button", name="Réserver ma place").click()
    expect(page.locator(".error-summary__title")).to_be_focused()
    drawn(page, "registration-refused", look)
    page.get_by_label("Adresse courriel").fill("lou@exemple.example")
    for box in page.locator("main").get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Réserver ma place").click()
    page.wait_for_url("**/inscription/courriel/")
    drawn(page, "registration-sent", look)
    page.goto(last_link())
    drawn(page, "registration-to-confirm", look)
    page.get_by_role("button", name="Oui, je viens").click()
    expect(page.locator(".qr__image")).to_be_visible()
    drawn(page, "registration-done", look)
    full = open_forum(title="Forum complet", capacity=1)
    RegistrationFactory(forum=full)
    page.goto(f"{full.get_absolute_url()}inscription/")
    drawn(page, "registration-full", look)


def test_states_of_an_import_are_drawn(opened, look, sign_in, demonstration):
    from enterprises.importing import running
    from enterprises.models import Import

    page = opened
    sign_in(page, UserFactory(is_staff=True, is_superuser=True))
    page.goto("/gestion/repertoire/importer/")
    drawn(page, "import-empty", look)
    page.get_by_role("button", name="Lire le fichier").click()
    expect(page.locator(".error-summary__title")).to_be_focused()
    drawn(page, "import-refused", look)
    table = "Nom;Municipalité;Courriel\nLa Coop des essais;Châteauguay;a@b.example\n;Châteauguay;\n".encode()
    page.get_by_label("Feuille de calcul").set_input_files(
        {"name": "liste.csv", "mimeType": "text/csv", "buffer": table}
    )
    page.get_by_role("button", name="Lire le fichier").click()
    page.wait_for_url("**/importer/*/")
    drawn(page, "import-to-read", look)
    page.get_by_role("button", name=re.compile("^Enregistrer cette fiche")).click()
    expect(page.get_by_text("L’importation est en cours")).to_be_visible()
    drawn(page, "import-running", look)
    running.run(import_id=Import.objects.latest("pk").pk)
    page.reload()
    expect(page.get_by_role("heading", name="Ce qui a été fait, ligne par ligne")).to_be_visible()
    drawn(page, "import-done", look)


def test_states_of_the_desk_are_drawn(opened, look, sign_in, demonstration):
    page = opened
    sign_in(page, UserFactory(is_staff=True, is_superuser=True))
    page.goto("/gestion/billets/nouveau/")
    page.locator(".tiptap").first.wait_for()
    drawn(page, "desk-empty", look)
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.locator(".error-summary__title")).to_be_focused()
    drawn(page, "desk-refused", look)
    page.get_by_label("Titre", exact=True).fill("Un billet à relire")
    page.get_by_role("button", name="Enregistrer").click()
    page.wait_for_url("**/gestion/billets/*/")
    expect(page.locator("[data-said]").first).to_contain_text("Enregistré")
    drawn(page, "desk-saved", look)


def test_states_of_the_door_are_drawn(opened, look, sign_in, transactional_db):
    page, forum = opened, open_forum(title="Forum des rives")
    person = RegistrationFactory(forum=forum, name="Lou Petit", checked_in_at=None)
    sign_in(page, UserFactory(is_staff=True, is_superuser=True))
    page.goto(f"/gestion/forums/{forum.slug}/presences/")
    drawn(page, "door-list", look)
    page.get_by_role("link", name=person.name).click()
    drawn(page, "door-person", look)
    page.get_by_role("button", name="Confirmer l’arrivée").click()
    expect(page.get_by_text("Lou Petit est là").or_(page.locator(".messages")).first).to_be_visible()
    drawn(page, "door-arrived", look)

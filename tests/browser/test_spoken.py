"""Journeys as a screen reader says them: each transcript is kept, read by someone, and compared.

`SPOKEN=write` rewrites those of `tests/browser/spoken/` whose pages have changed: read the difference before it is kept.
"""

from __future__ import annotations

import os
import re
import secrets
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.utils import timezone
from playwright.sync_api import expect

from forums.models import Session
from pole.caching.in_process import clear_caches
from tests.browser.speech import Reader, masked
from tests.factories import (
    ForumFactory,
    ListingFactory,
    OptionFactory,
    PostFactory,
    QuestionFactory,
    RegistrationFactory,
    RoundFactory,
    SectorFactory,
    UserFactory,
)
from tests.forums.registering import last_link, open_forum
from tests.forums.vote.conftest import codes_of

pytestmark = pytest.mark.django_db(transaction=True)
KEPT = Path(__file__).parent / "spoken"


@pytest.fixture
def reader(request):
    """Says the pages of a journey, which `compare` ends."""
    return Reader(request.node.name.removeprefix("test_").replace("_", "-"))


def compare(reader):
    """What was said with the transcript that has the name of the test."""
    path = KEPT / f"{reader.name}.txt"
    if os.environ.get("SPOKEN") == "write":
        KEPT.mkdir(exist_ok=True)
        path.write_text(reader.text, encoding="utf-8")
    assert path.exists(), f"{path.name} is missing: SPOKEN=write makes it, to be read"
    assert reader.text.splitlines() == path.read_text(encoding="utf-8").splitlines()


@pytest.fixture
def vote(transactional_db):
    """An open round of one question, and a code; forgotten by the process, whose rows are taken back."""
    from forums.vote.rounds import open_round

    round = RoundFactory(number=1, forum__title="Forum des rives", forum__slug="rives")
    question = QuestionFactory(
        round=round, position=1, title="Que retenir ici?", limits={"limit": 2}, options=0
    )
    for number, title in enumerate(("Un atelier partagé", "Une cuisine", "Un marché"), start=1):
        OptionFactory(question=question, number=number, title=title)
    RegistrationFactory(forum=round.forum, name="Lou Petit")
    with pytest.MonkeyPatch.context() as patch:
        # Their order is drawn by lot.
        patch.setattr(secrets.SystemRandom, "shuffle", lambda _self, _options: None)
        open_round(round_id=round.pk, by=None)
    yield codes_of(round.forum)[0]
    clear_caches()


def mailed_code():
    return re.search(r"\d{4}-\d{4}", mail.outbox[-1].body).group()


def test_01_post_and_comment(open_page, sign_in, unhurried, reader):
    PostFactory(title="Un texte à discuter", slug="discuter", body="<h2>Une idée</h2><p>Des mots.</p>")
    page = open_page()
    sign_in(page, UserFactory(name="Lou Gagné"))
    page.goto("/")
    reader.say(page, "Ouvrir le portail", whole=True)
    page.get_by_role("link", name="Un texte à discuter").click()
    reader.say(page, "Lire le texte")
    page.get_by_label("Votre commentaire").fill("Bien dit.")
    page.get_by_label("J’accepte que mon nom soit affiché").check()
    page.get_by_role("button", name="Publier mon commentaire").click()
    expect(page.get_by_text("Bien dit.")).to_be_visible()
    reader.say(page, "Publier un commentaire")
    compare(reader)


def test_02_search_and_listing(open_page, demonstration, reader):
    page = open_page()
    page.goto("/recherche/")
    reader.say(page, "Ouvrir la recherche")
    page.locator("main input[type=search]").fill("érabel")
    page.keyboard.press("Enter")
    expect(page.locator(".entry").first).to_be_visible()
    reader.say(page, "Chercher « érabel »")
    page.get_by_role("link", name=re.compile("Érables du Rang")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Érables du Rang"))
    reader.say(page, "Lire la fiche")
    compare(reader)


def test_03_registration(open_page, reader):
    # On one day, whatever the hour.
    at_nine = (timezone.localtime() + timedelta(days=30)).replace(hour=9, minute=0, second=0, microsecond=0)
    forum = open_forum(title="Forum des rives", starts_at=at_nine)
    page = open_page()
    page.goto(f"{forum.get_absolute_url()}inscription/")
    reader.say(page, "Ouvrir l’inscription")
    page.locator("main form").evaluate("form => { form.noValidate = true }")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".error-summary")).to_be_visible()
    reader.say(page, "Envoyer le formulaire vide")
    page.get_by_label("Votre nom").fill("Lou Petit")
    page.get_by_label("Adresse courriel").fill("lou@exemple.example")
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".error-summary")).to_have_count(0)
    reader.say(page, "Envoyer le formulaire rempli")
    page.goto(last_link())
    reader.say(page, "Suivre le lien du courriel")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".qr__image")).to_be_visible()
    reader.say(page, "Confirmer sa venue")
    compare(reader)


def look_over(page, code):
    page.goto(f"/vote/{code}/")
    page.get_by_label("Une cuisine").check()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("heading", name="Ce que vous allez déposer")).to_be_visible()


def test_04_vote_by_code(open_page, vote, reader):
    page = open_page()
    page.goto("/vote/")
    reader.say(page, "Ouvrir le vote")
    page.get_by_label("Code de vote").fill("0000")
    page.get_by_role("button", name="Ouvrir mon bulletin").click()
    expect(page.get_by_label("Code de vote")).to_have_attribute("aria-invalid", "true")
    reader.say(page, "Entrer un code qui n’existe pas")
    page.get_by_label("Code de vote").fill(vote)
    page.get_by_role("button", name="Ouvrir mon bulletin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre bulletin")
    reader.say(page, "Entrer son code")
    for title in ("Un atelier partagé", "Une cuisine", "Un marché"):
        page.get_by_label(title).check()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.locator("[data-is-over]").first).to_be_visible()
    reader.say(page, "Cocher trois choix au lieu de deux")
    page.get_by_label("Un marché").uncheck()
    page.get_by_role("button", name="Relire mon bulletin").click()
    expect(page.get_by_role("heading", name="Ce que vous allez déposer")).to_be_visible()
    reader.say(page, "Relire son bulletin")
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    reader.say(page, "Déposer son bulletin")
    compare(reader)


def test_05_receipt(open_page, vote, reader):
    page = open_page()
    look_over(page, vote)
    page.get_by_role("button", name="Déposer mon bulletin").click()
    page.wait_for_url("**/vote/recu/")
    receipt = page.locator("[data-receipt]").inner_text()
    page.goto("/verifier/")
    reader.say(page, "Ouvrir la vérification")
    for what, typed, answer in (
        ("un reçu inconnu", "0000-0000-0000-0000", "Aucun bulletin n’a ce reçu"),
        ("son reçu", receipt, "Enregistré"),
    ):
        page.get_by_label("Reçu", exact=True).fill(typed)
        page.get_by_role("button", name="Vérifier", exact=True).click()
        expect(page.get_by_role("heading", name=answer)).to_be_visible()
        reader.say(page, f"Vérifier {what}")
    compare(reader)


def test_06_account(open_page, transactional_db, reader):
    page = open_page()
    page.goto("/compte/inscription/")
    reader.say(page, "Ouvrir la création d’un compte")
    page.get_by_label("Adresse courriel").fill("lou@exemple.example")
    page.get_by_label("Votre nom").fill("Lou Petit")
    page.get_by_label("14 ans").check()
    page.get_by_role("button", name="Créer mon compte").click()
    page.wait_for_url("**/compte/confirmer-courriel/**")
    reader.say(page, "Créer son compte")
    page.get_by_label(re.compile("code", re.IGNORECASE)).first.fill(mailed_code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon compte")
    reader.say(page, "Entrer le code reçu")
    page.get_by_role("button", name="Mon compte").click()
    page.get_by_role("button", name="Se déconnecter").first.click()
    expect(page.get_by_role("link", name="Se connecter").first).to_be_visible()
    page.goto("/compte/connexion/")
    reader.say(page, "Ouvrir la connexion")
    page.get_by_label("Adresse courriel").first.fill("lou@exemple.example")
    page.get_by_role("button", name=re.compile("code", re.IGNORECASE)).first.click()
    reader.say(page, "Demander un code")
    compare(reader)


def test_07_own_listing(open_page, sign_in, reader):
    ListingFactory(
        slug="la-ruche", name="La Ruche", mission="Tenir une ruche.", email="info@ruche.example",
        sectors=[SectorFactory(slug="miel", name="Miel")],
    )  # fmt: skip
    page = open_page()
    sign_in(page, UserFactory(name="Lou Petit"))
    page.goto("/repertoire/la-ruche/")
    page.get_by_role("link", name="C’est mon entreprise").click()
    reader.say(page, "Dire que l’entreprise est la sienne")
    page.get_by_role("button", name="M’envoyer le code").first.click()
    reader.say(page, "Demander le code")
    page.get_by_label("Le code reçu par courriel").fill(mailed_code())
    page.get_by_role("button", name="Confirmer").click()
    reader.say(page, "Entrer le code")
    page.goto("/repertoire/la-ruche/modifier/")
    page.locator(".tiptap").first.wait_for()
    reader.say(page, "Modifier sa fiche")
    compare(reader)


def test_08_shortlist(open_page, demonstration, reader):
    page = open_page()
    page.goto("/repertoire/acheter/?q=%C3%A9rable")
    reader.say(page, "Chercher des fournisseurs d’érable")
    page.get_by_role("link", name="Garder").first.click()
    reader.say(page, "Garder une entreprise")
    compare(reader)


def test_09_publication(open_page, sign_in, reader):
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, name="Mireille Gendron"))
    page.goto("/gestion/billets/nouveau/")
    page.locator(".tiptap").first.wait_for()
    reader.say(page, "Ouvrir un nouveau texte")
    page.get_by_label("Titre", exact=True).fill("Une région qui se parle")
    page.locator(".tiptap").first.click()
    page.keyboard.type("Un premier paragraphe.")
    page.get_by_label("Date de publication").fill("2023-05-19T10:00")
    page.get_by_role("button", name="Publier", exact=True).click()
    expect(page.get_by_text("Tout le monde peut maintenant lire ce texte")).to_be_visible()
    page.locator(".tiptap").first.wait_for()
    reader.say(page, "Publier le texte")
    compare(reader)


def test_10_door(open_page, sign_in, reader):
    from forums.models import Forum

    forum = open_forum(title="Forum des rives")
    RegistrationFactory(forum=Forum.objects.get(pk=forum.pk), name="Lou Petit", checked_in_at=None)
    page = open_page()
    sign_in(page, UserFactory(is_staff=True, name="Mireille Gendron"))
    page.goto(f"/gestion/forums/{forum.slug}/presences/")
    reader.say(page, "Ouvrir l’accueil")
    page.get_by_role("link", name="Lou Petit").click()
    reader.say(page, "Choisir une personne")
    page.get_by_role("button", name="Confirmer l’arrivée").click()
    expect(page.locator("[data-arrived], .door-person--arrived").first).to_be_visible()
    reader.say(page, "Confirmer son arrivée")
    compare(reader)


def test_13_agenda(open_page, reader, transactional_db):
    """The clock is stopped: a table of a month begins on a day of the week."""
    now = datetime(2026, 11, 10, 12, tzinfo=ZoneInfo("America/Toronto"))
    with time_machine.travel(now, tick=False):
        given = {
            "announced_at": now - timedelta(days=9),
            "has_participation": False,
            "municipality_id": "67050",
        }
        series = ForumFactory(
            title="Tenir ses livres", kind="training", starts_at=now + timedelta(days=1), price=45, level="beginner",
            ends_at=now + timedelta(days=8, hours=2), trainer="Camille Roy", registration_opens_at=now - timedelta(days=2), **given,
        )  # fmt: skip
        for position, title in enumerate(("Le budget", "Les registres"), 1):
            starts_at = series.starts_at + timedelta(days=7 * (position - 1))
            Session.objects.create(
                forum=series,
                position=position,
                title=title,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(hours=2),
            )
        ForumFactory(
            title="Portes ouvertes",
            kind="open_day",
            starts_at=now + timedelta(days=17),
            cancelled_at=now,
            **given,
        )
        page = open_page()
        page.goto("/agenda/")
        reader.say(page, "Ouvrir l’agenda")
        page.get_by_role("link", name="Mois", exact=True).click()
        expect(page.get_by_role("table")).to_be_visible()
        reader.say(page, "Voir le mois")
        page.get_by_role("link", name="Tenir ses livres").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tenir ses livres")
        reader.say(page, "Lire une activité")
    compare(reader)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Le jeudi 2 janvier 2027, à 20 h 05", "‹moment›"),
        ("Le 2 janvier 2027, de 9 h à 16\u00a0h\u00a030 ici", "‹moment› ici"),
        ("Du 30 au 31 mai 2027 ici", "‹moment› ici"),
        ("Du 31 décembre 2026 au 1er janvier 2027 ici", "‹moment› ici"),
        ("Billet · 1er juin 2026", "Billet · ‹date›"),
        ("Code 1234-5678, reçu ABCD-EF12-34GH", "Code ‹code›, reçu ‹code›"),
        ("Encore 3 choix", "Encore 3 choix"),
    ],
)
def test_masks(said, kept):
    assert masked(said) == kept

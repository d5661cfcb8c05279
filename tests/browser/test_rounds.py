"""Staff run a vote in the browser: two people type paper by keyboard, one difference, then the published page."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from forums.models import PaperBallot, RollEntry
from forums.vote import casting, paper_issue, rounds
from pole.caching.in_process import clear_caches
from tests.factories import ForumFactory, QuestionFactory, RegistrationFactory, RoundFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def open_vote():
    """Twelve people voted online in a question of three ticks; one more is there, and four papers are printed."""
    clear_caches()
    forum = ForumFactory(title="Forum du soir")
    round = RoundFactory(forum=forum, number=1, title="Nos priorités")
    QuestionFactory(
        round=round, position=1, title="Que faire d’abord?", limits={"limit": 3}, to_retain=2, options=5
    )
    RegistrationFactory.create_batch(12, forum=forum)
    for name in ("Zoé Côté", "Ali Ben", "Luc Roy"):
        RegistrationFactory(forum=forum, name=name)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=4)
    round = rounds.open_round(round_id=round.pk, by=None)
    for entry in RollEntry.objects.filter(round=round, registration__name__startswith="Participante"):
        casting.cast_ballot(round=round, entry_id=entry.pk, choices={1: [1, 2]}, idempotency_key="a")
    yield round
    clear_caches()


def type_one(page, serial, numbers):
    """By keyboard alone: the serial has the focus, Tab leads to the numbers."""
    expect(page.get_by_label("Série du bulletin")).to_be_focused()
    page.keyboard.type(serial.lower())
    page.keyboard.press("Tab")
    page.keyboard.type(numbers)
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text(serial)


def recounted(reader, noted, folder):
    """What the command of the page says, with the seal that was noted."""
    command = reader.locator(".downloads__command").inner_text().split()
    assert command.pop() == "LE_SCEAU_NOTÉ_DANS_LA_SALLE"
    run = [sys.executable, "-I", *command[1:], noted]
    return subprocess.run(run, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_two_people_type_paper_then_staff_seal_and_publish(open_page, sign_in, open_vote, tmp_path):
    base = f"/gestion/forums/{open_vote.forum.slug}/scrutins/1/"
    staff = open_page()
    sign_in(staff, UserFactory(is_staff=True, name="Dominique Caron"))

    phone = open_page(width=360)
    sign_in(phone, UserFactory(is_staff=True, name="Sacha Roy"))
    for name in ("cote", "ali", "luc"):
        phone.goto(base + "papier/remise/")
        phone.keyboard.type(name)
        phone.keyboard.press("Enter")
        phone.locator("summary", has_text="Remettre un bulletin papier").click()
        phone.get_by_role("button", name="Oui, le bulletin est en main").click()
        expect(phone.get_by_text("Vous pouvez remettre le bulletin papier.")).to_be_visible()

    staff.goto(base)
    expect(staff.locator(".turnout")).to_contain_text("15 sur 15")
    staff.locator("summary", has_text="Fermer le vote…").click()
    staff.get_by_role("button", name="Fermer le vote").click()
    expect(staff.get_by_role("heading", name=re.compile("saisir les bulletins papier"))).to_be_visible()

    serials = list(PaperBallot.objects.order_by("serial").values_list("serial", flat=True))[:3]
    for page, last in ((staff, "0"), (phone, "5")):
        page.goto(base + "saisie/")
        type_one(page, serials[0], "1 2")
        type_one(page, serials[1], "1 2 3 4 x")
        type_one(page, serials[2], last)

    staff.goto(base + "conciliation/")
    expect(staff.get_by_text("Le compte n’y est pas.").first).to_be_visible()
    expect(staff.get_by_role("button", name="Sceller l’urne")).to_have_count(0)
    staff.get_by_role("link", name="Voir les écarts").click()
    staff.get_by_role("link", name="Trancher, bulletin en main").click()
    staff.get_by_label("Que faire d’abord?").fill("5")
    staff.get_by_label("Motif").fill("Le 5 est coché au crayon pâle.")
    staff.get_by_role("button", name="Régler ce bulletin").click()

    # From the last reconciled paper to the published page.
    staff.goto(base + "conciliation/")
    expect(staff.get_by_text("Le compte y est.")).to_have_count(2)
    staff.get_by_role("button", name="Sceller l’urne").click()
    noted = staff.locator(".seal").inner_text()
    staff.get_by_role("button", name="Publier les résultats").click()
    expect(staff.get_by_role("heading", name="Les résultats sont publiés")).to_be_visible()
    with staff.expect_download() as download:
        staff.get_by_role("link", name="Procès-verbal (PDF)").click()
    assert download.value.suggested_filename.endswith(".pdf")
    reader = open_page(width=360)
    reader.goto(f"/forums/{open_vote.forum.slug}/resultats/")
    expect(reader.get_by_role("heading", level=1)).to_be_visible()
    first = open_vote.questions.get().options.get(number=1)
    expect(reader.get_by_text(first.title).first).to_be_visible()
    reader.locator(".recount > summary").click()
    for link, name in (
        ("Résultats (PDF)", "resultats.pdf"), ("Chiffres (CSV)", "resultats.csv"),
        ("Données (JSON)", "resultats.json"), ("Urne scellée (urne.json)", "urne.json"),
        ("recompter.py", "recompter.py"),
    ):  # fmt: skip
        answer = reader.request.get(reader.get_by_role("link", name=link).get_attribute("href"))
        assert answer.ok
        (tmp_path / name).write_bytes(answer.body())
    assert (tmp_path / "resultats.pdf").read_bytes().startswith(b"%PDF-")
    assert first.title in recounted(reader, noted, tmp_path)


def test_round_is_prepared_and_opened_without_javascript(open_page, sign_in):
    forum = ForumFactory()
    RegistrationFactory(forum=forum)
    page = open_page(width=360, javascript=False)
    sign_in(page, UserFactory(is_staff=True))
    page.goto(f"/gestion/forums/{forum.slug}/scrutins/nouveau/")
    page.get_by_label("Vote d’essai").check()
    page.get_by_label("Question", exact=True).fill("Café ou thé?")
    page.get_by_label("Choix permis").fill("1")
    page.get_by_label("Nombre à retenir").fill("1")
    page.get_by_label("Options tapées à la main").fill("Café\nThé")
    page.get_by_label(re.compile("^Ouverture")).fill("2030-05-19T10:00")
    page.get_by_label(re.compile("^Fermeture")).fill("2030-05-19T11:00")
    page.get_by_role("button", name="Enregistrer").click()
    page.get_by_role("link", name="Ouvrir le vote…").click()
    expect(page.get_by_text("personne sur la liste")).to_be_visible()
    page.get_by_role("button", name="Ouvrir le vote").click()
    expect(page.get_by_role("heading", name="Le vote est ouvert")).to_be_visible()

"""An officer goes from nothing to a published training of three sessions, in the browser."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from forums.models import Forum
from tests.browser.test_first_steps import COUNT_CLICKS
from tests.factories import RegistrationFactory, UserFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.any_hour("days of next week")]


@pytest.fixture
def officer(open_page, transactional_db, sign_in):
    def opened(**options):
        page = open_page(**options)
        page.add_init_script(COUNT_CLICKS)
        sign_in(page, UserFactory(is_staff=True))
        return page

    return opened


def days_of(page):
    fields = page.locator("input[name$='-day'][name^='seances-']")
    return [fields.nth(n).input_value() for n in range(fields.count())]


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_training_of_three_sessions_is_published(officer, open_page, javascript):
    page = officer(javascript=javascript)
    page.goto("/gestion/")
    page.get_by_role("link", name="Nouvelle activité").click()
    page.get_by_role("link", name="Formation", exact=True).click()
    page.locator("#id_title").fill("Lire des états financiers")
    page.locator("#id_summary").fill("Trois matinées pour comprendre les chiffres de son organisme.")
    page.locator("#id_venue").fill("Salle du Quai")
    for _n in range(2):
        page.get_by_role("button", name="Ajouter une séance une semaine plus tard").click()
    expect(page.locator("input[name=seances-2-day]")).to_have_value(re.compile(r"\d"))
    first = date.fromisoformat(days_of(page)[0])
    assert days_of(page) == [f"{first + timedelta(weeks=n)}" for n in range(3)]
    page.get_by_role("button", name="Enregistrer et publier").first.click()
    expect(page.get_by_text("Tout le monde peut maintenant voir la page")).to_be_visible()
    if javascript:
        # Half of what two minutes a session have room for, at five seconds a click.
        assert page.evaluate("Number(sessionStorage.clicks)") <= 6
    forum = Forum.objects.get()
    assert [timezone.localtime(each.starts_at).strftime("%H:%M") for each in forum.sessions.all()] == [
        "09:00"
    ] * 3
    assert forum.stage_at(timezone.now()) == Forum.Stage.REGISTRATION
    visitor = open_page()
    assert visitor.goto(forum.get_absolute_url()).status == 200
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Lire des états financiers")


def test_what_lacks_is_said_and_what_was_typed_stays(officer):
    page = officer()
    page.goto("/gestion/forums/nouveau/?genre=formations")
    page.locator("#id_title").fill("Une formation")
    page.locator("#id_price").fill("25 $")
    page.get_by_role("button", name="Enregistrer et publier").first.click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator("#id_summary_error")).to_be_visible()
    expect(page.locator("#id_venue_error")).to_be_visible()
    expect(page.locator("#id_price")).to_have_value("25 $")


def test_enter_in_a_field_saves_and_publishes_nothing(officer):
    page = officer()
    page.goto("/gestion/forums/nouveau/?genre=formations")
    page.locator("#id_title").fill("Une formation")
    page.locator("#id_venue").fill("Au Quai")
    with page.expect_navigation():
        page.locator("#id_venue").press("Enter")
    assert Forum.objects.get().announced_at is None


def test_a_session_is_cancelled_beside_the_form(officer):
    page = officer()
    starts = timezone.now() + timedelta(days=9)
    forum = Forum.objects.create(
        kind="training", has_participation=False, slug="formation", title="Formation", announced_at=timezone.now(),
        starts_at=starts, ends_at=starts + timedelta(hours=3),
    )  # fmt: skip
    for n in range(3):
        at = starts + timedelta(weeks=n)
        forum.sessions.create(position=n, starts_at=at, ends_at=at + timedelta(hours=3))
    RegistrationFactory(forum=forum, checked_in_at=None)
    page.goto("/gestion/forums/formation/")
    page.get_by_text("Annuler cette séance…").nth(1).click()
    page.get_by_role("button", name="Oui, annuler cette séance").click()
    expect(page.get_by_text("La séance est annulée")).to_be_visible()
    expect(page.locator(".session-list s")).to_have_count(1)
    expect(page.get_by_role("button", name="Elle a lieu, finalement")).to_have_count(1)

"""A visitor subscribes a calendar: a program fetches the address that the page shows, and sees what staff cancel."""

from __future__ import annotations

from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from forums.models import Forum, Session
from tests.factories import ForumFactory, UserFactory
from tests.forums.agenda.series import events_of, series

pytestmark = pytest.mark.django_db(transaction=True)


class Subscriber:
    """A program of calendars: an address, and what it was answered last."""

    def __init__(self, address):
        self.address, self.etag, self.events = address, "", {}

    def look(self):
        """Whether something changed since the last time."""
        headers = {"If-None-Match": self.etag} if self.etag else {}
        with opened(Request(self.address, headers=headers)) as answer:
            if answer.status == 304:
                return False
            assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
            self.etag, self.events = answer.headers["ETag"], events_of(answer.read())
            return True

    def statuses(self):
        return {uid: str(event["STATUS"]) for uid, event in self.events.items()}


def opened(request):
    """The answer, 304 too, which urllib takes for an error."""
    try:
        return urlopen(request, timeout=30)
    except HTTPError as answer:
        if answer.code != 304:
            raise
        return answer


def test_calendar_that_subscribed_sees_what_staff_cancel(open_page, sign_in):
    forum = ForumFactory(title="Forum des rives")
    training = series(0, 7, title="Tenir ses livres")
    first, second = (f"session-{session.pk}" for session in training.sessions.all())
    visitor, staff = open_page(), open_page()

    visitor.goto("/agenda/abonnement/")
    expect(visitor.get_by_role("link", name="S’abonner", exact=True)).to_have_attribute(
        "href", f"webcal://{visitor.url.split('/')[2]}/agenda.ics"
    )
    whole = Subscriber(visitor.locator("[data-share]").get_attribute("data-share"))
    link = visitor.get_by_role("link", name="Adresse à copier : Formations")
    trainings = Subscriber(
        visitor.evaluate("address => new URL(address, location).href", link.get_attribute("href"))
    )
    assert whole.look()
    assert trainings.look()
    assert whole.statuses() == dict.fromkeys([f"forum-{forum.pk}", first, second], "CONFIRMED")
    assert set(trainings.statuses()) == {first, second}
    assert not whole.look()

    sign_in(staff, UserFactory(is_staff=True))
    staff.goto(reverse("staff:forum_edit", args=[forum.slug]))
    cancelling = staff.locator("details:has(form[action$='/annulation/'])")
    cancelling.locator("summary").click()
    cancelling.get_by_role("button").click()
    expect(staff.locator("form[action$='/retablissement/']")).to_be_visible()
    assert Forum.objects.get(pk=forum.pk).cancelled_at
    assert whole.look()
    assert whole.statuses()[f"forum-{forum.pk}"] == "CANCELLED"
    assert int(whole.events[f"forum-{forum.pk}"]["SEQUENCE"]) == 1

    Session.objects.filter(pk=training.sessions.first().pk).update(cancelled_at=timezone.now())
    assert trainings.look()
    assert trainings.statuses() == {first: "CANCELLED", second: "CONFIRMED"}


def test_address_is_copied_or_shown_to_be_taken(open_page, settings):
    page = open_page(width=360)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=settings.BASE_URL)
    page.goto("/agenda/abonnement/")
    field = page.get_by_label("Adresse de l’abonnement")
    expect(field).to_be_hidden()
    page.get_by_role("button", name="Copier l’adresse").click()
    expect(page.locator("[data-share]").get_by_role("status")).to_contain_text("L’adresse est copiée")
    assert page.evaluate("navigator.clipboard.readText()") == f"{settings.BASE_URL}/agenda.ics"

    plain = open_page(javascript=False)
    plain.goto("/agenda/abonnement/")
    expect(plain.get_by_label("Adresse de l’abonnement")).to_have_value(f"{settings.BASE_URL}/agenda.ics")

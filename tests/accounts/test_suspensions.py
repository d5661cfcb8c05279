"""Suspended accounts are found, and their term is replaced or ended, from wherever the team reads of them."""

from __future__ import annotations

import html
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts import journal
from accounts.models import AuditEntry, User
from accounts.suspending import last_reasons, lift_suspension, suspend
from comments import moderation
from comments.moderation import version_of
from tests.factories import CommentFactory, PostFactory, UserFactory

NOW = timezone.now()
PEOPLE, QUEUE = "/gestion/personnes/", "/gestion/moderation/"


def page_of(person):
    return reverse("staff:suspend", args=[person.pk])


def text(response):
    return html.unescape(response.content.decode()).replace("\xa0", " ")


@pytest.fixture
def suspended(citizen, staff):
    for days, reason in ((1, "Ancienne raison"), (7, "Pourriel répété")):
        suspend(person_id=citizen.pk, days=days, reason=reason, by=staff, now=NOW)
    citizen.refresh_from_db()
    return citizen


def test_people_says_who_is_suspended_until_when_and_why(staff_client, suspended):
    other = UserFactory(name="Zoé Libre")
    over = UserFactory(name="Yan Fini", suspended_until=NOW - timedelta(seconds=1))
    everyone = text(staff_client.get(PEOPLE))
    assert everyone.count("Suspendu jusqu’au") == 1
    assert "Pourriel répété" in everyone
    assert "Ancienne raison" not in everyone
    assert f'href="{page_of(suspended)}?next={quote(PEOPLE, safe="")}"' in everyone
    alone = staff_client.get(PEOPLE, {"suspendues": "on"})
    assert [person.pk for person in alone.context["page"]] == [suspended.pk]
    assert (other.name in text(alone), over.name in text(alone)) == (False, False)
    assert [
        person.pk for person in staff_client.get(PEOPLE, {"suspendues": "on", "q": "Zoé"}).context["page"]
    ] == []


def test_list_asks_as_many_queries_whoever_is_suspended(staff, staff_client):
    staff_client.get(PEOPLE)
    counts = []
    for _ in range(2):
        for person in UserFactory.create_batch(3):
            suspend(person_id=person.pk, days=1, reason="x", by=staff, now=NOW)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            staff_client.get(PEOPLE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_page_of_a_suspension_says_all_that_was_decided(staff, staff_client, suspended):
    page = text(staff_client.get(page_of(suspended)))
    for said in (
        "Suspension : Camille Roy",
        "Ancienne raison",
        "Pourriel répété",
        staff.name,
        "Remplacer la durée",
    ):
        assert said in page, said
    lift_suspension(person_id=suspended.pk, by=staff, now=timezone.now())
    page = text(staff_client.get(page_of(suspended)))
    assert "a mis fin à une suspension" in page
    assert "Remplacer la durée" not in page


@pytest.mark.parametrize("days", [1, 30])
def test_another_term_is_longer_or_shorter_and_told(staff_client, suspended, days):
    mail.outbox.clear()
    staff_client.post(page_of(suspended), {"days": str(days), "reason": "Autre raison"})
    suspended.refresh_from_db()
    assert abs(suspended.suspended_until - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)
    (sent,) = mail.outbox
    assert "Autre raison" in sent.body
    assert last_reasons([suspended]) == {suspended.pk: "Autre raison"}


def test_reason_is_that_of_each_person_and_of_no_other_decision(staff, suspended, citizen):
    other = UserFactory()
    journal.record(action="close", kind="account", key=other.pk, by=staff, person_id=other.pk, reason="Non")
    journal.record(action="suspend", kind="comment", key=other.pk, by=staff, reason="Non plus")
    assert last_reasons([suspended, other]) == {suspended.pk: "Pourriel répété"}


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        (f"{QUEUE}?etat=masques#commentaire-3", f"{QUEUE}?etat=masques#commentaire-3"),
        (f"{PEOPLE}?suspendues=on", f"{PEOPLE}?suspendues=on"),
        ("//evil.example", None), ("https://evil.example/", None), ("javascript:alert(1)", None), ("", None),
    ],
)  # fmt: skip
def test_suspending_and_lifting_lead_back_to_where_one_came_from(staff_client, citizen, asked, leads_to):
    shown = text(staff_client.get(page_of(citizen), {"next": asked}))
    assert f'name="next" value="{leads_to or QUEUE}"' in shown
    assert f'href="{leads_to or QUEUE}">Annuler' in shown
    data = {"days": "7", "reason": "x", "next": asked}
    refused = staff_client.post(page_of(citizen), data | {"reason": ""})
    assert f'name="next" value="{leads_to or QUEUE}"' in text(refused)
    assert staff_client.post(page_of(citizen), data).url == (leads_to or QUEUE)
    lifted = staff_client.post(reverse("staff:suspension_lift", args=[citizen.pk]), {"next": asked})
    assert lifted.url == (leads_to or page_of(citizen))


def test_lifting_what_is_over_says_so_and_is_not_noted(staff_client, citizen):
    address = reverse("staff:suspension_lift", args=[citizen.pk])
    assert "Ce compte n’était plus suspendu." in text(staff_client.post(address, follow=True))
    assert (AuditEntry.objects.count(), mail.outbox) == (0, [])


def test_journal_leads_to_the_suspension(staff_client, suspended):
    never = UserFactory(name="Zoé Libre")
    journal.record(action="close", kind="account", key=never.pk, by=None, person_id=never.pk)
    page = text(staff_client.get(reverse("staff:journal")))
    assert f'href="{page_of(suspended)}">Camille Roy</a>' in page
    assert page_of(never) not in page
    assert f'href="{PEOPLE}?q=Zo%C3%A9+Libre">Zoé Libre</a>' in page


@pytest.mark.parametrize("state", ["published", "pending", "hidden"])
def test_any_comment_of_theirs_leads_to_their_suspension(staff, staff_client, suspended, state):
    shown_at = None if state == "pending" else NOW
    comment = CommentFactory(
        thread=PostFactory().thread,
        author=suspended,
        shown_at=shown_at,
        state="published" if state == "hidden" else state,
    )
    if state == "hidden":
        moderation.hide(comment_id=comment.pk, reason="x", seen=version_of(comment), by=staff, now=NOW)
    lists = {"published": "?etat=recents", "pending": "", "hidden": "?etat=masques"}
    for asked in (lists[state], f"?commentaire={comment.pk}"):
        page = text(staff_client.get(f"{QUEUE}{asked}"))
        back = quote(f"{QUEUE}{asked}#{comment.anchor}", safe="")
        assert f'href="{page_of(suspended)}?next={back}">Compte suspendu jusqu’au ' in page


def test_suspended_are_those_whose_term_runs(db):
    until = {seconds: UserFactory(suspended_until=NOW + timedelta(seconds=seconds)) for seconds in (-1, 0, 1)}
    UserFactory()
    assert list(User.objects.suspended(NOW)) == [until[1]]
    assert [person.is_suspended(NOW) for person in until.values()] == [False, False, True]

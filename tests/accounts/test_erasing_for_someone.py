"""The direction erases an account for its owner, whose request came by mail: as the owner would, told and noted."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import privacy
from accounts.models import AuditEntry, User
from forums.models import Registration
from tests.conftest import signed_in
from tests.factories import RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return UserFactory(name="Lou Gagné", email="lou@exemple.example")


def page_of(person):
    return f"/gestion/personnes/{person.pk}/effacement/"


def said(response):
    return html.unescape(response.text)


def noted():
    return list(AuditEntry.objects.order_by("pk").values_list("action", "key", "by", "person"))


def test_account_goes_seven_days_later_with_what_it_registered(staff_client, staff, person, mailoutbox):
    RegistrationFactory(user=person, name=person.name, email=person.email)
    now = timezone.now()
    assert "Lou Gagné" in said(staff_client.get(page_of(person)))
    assert staff_client.post(page_of(person), {"sure": "1"}).url == page_of(person)
    person.refresh_from_db()
    due = person.erasure_due_at
    assert timedelta(days=7) <= due - now < timedelta(days=7, minutes=1)
    assert noted() == [("erase", person.pk, staff.pk, person.pk)]
    (message,) = mailoutbox
    assert message.to == [person.email]
    assert "on a demandé" in message.body.replace("\N{NO-BREAK SPACE}", " ").lower()
    assert "/compte/donnees/" in message.body
    assert "sera effacé" in said(staff_client.get("/gestion/personnes/")).lower()
    assert privacy.erase_due_accounts(due - timedelta(seconds=1)) == 0
    assert privacy.erase_due_accounts(due) == 1
    assert noted() == [("erase", person.pk, staff.pk, None)]
    assert not Registration.objects.filter(email=person.email).exists()


def test_box_must_be_ticked(staff_client, person):
    assert "cochez la case" in said(staff_client.post(page_of(person), {}, follow=True))
    assert not User.objects.exclude(erasure_due_at=None).exists()


def test_asking_again_puts_nothing_off_and_is_noted_once(staff_client, person, mailoutbox):
    for _ in range(2):
        staff_client.post(page_of(person), {"sure": "1"})
    assert (len(noted()), len(mailoutbox)) == (1, 1)


def test_owner_keeps_the_account(staff_client, person):
    staff_client.post(page_of(person), {"sure": "1"})
    signed_in(person).post("/compte/donnees/", {"keep": "1"})
    assert User.objects.get(pk=person.pk).erasure_due_at is None


def test_direction_keeps_it_for_the_owner_and_says_so(staff_client, staff, person, mailoutbox):
    staff_client.post(page_of(person), {"keep": "1"})
    assert (noted(), mailoutbox) == ([], [])
    staff_client.post(page_of(person), {"sure": "1"})
    staff_client.post(page_of(person), {"keep": "1"})
    assert [action for action, *_rest in noted()] == ["erase", "keep"]
    assert mailoutbox[-1].to == [person.email]
    assert User.objects.get(pk=person.pk).erasure_due_at is None


@pytest.mark.parametrize("roles", [["forums"], ["direction"]])
def test_someone_of_the_team_leaves_it_first(staff_client, staff, roles):
    colleague = UserFactory(roles=roles)
    assert "retirez-lui d’abord ses rôles" in said(
        staff_client.post(page_of(colleague), {"sure": "1"}, follow=True)
    )
    staff_client.post(page_of(staff), {"sure": "1"})
    assert not User.objects.exclude(erasure_due_at=None).exists()


def test_without_the_box_nothing_is_erased_and_it_is_marked(staff_client, person):
    refused = staff_client.post(page_of(person))
    page = refused.content.decode()
    assert (refused.status_code, 'href="#id_sure"' in page, 'aria-invalid="true"' in page) == (
        422,
        True,
        True,
    )
    person.refresh_from_db()
    assert person.erasure_due_at is None

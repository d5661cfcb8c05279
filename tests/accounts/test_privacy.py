"""One's own data: all of them and no one else's; an account that goes after seven days, and what stays."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts import consents, journal, privacy
from accounts.models import AuditEntry, Consent, User
from comments.models import Comment
from enterprises.models import ListingRole
from forums.models import Recommendation, RecommendationEvent, Registration
from tests.conftest import signed_in
from tests.factories import (
    CommentFactory,
    ListingFactory,
    RecommendationFactory,
    RegistrationFactory,
    UserFactory,
)

PAGE = "/compte/donnees/"
SECOND = timedelta(seconds=1)


@pytest.fixture
def person(citizen):
    return citizen


@pytest.fixture
def traces(person):
    """A little of everything, of the person and of a neighbour."""
    for who, word in ((person, "mien"), (UserFactory(), "voisin")):
        CommentFactory(author=who, text=f"Commentaire {word}")
        ListingRole.objects.create(listing=ListingFactory(name=f"Coop du {word}"), user=who)
        registration = RegistrationFactory(user=who, email=who.email, organisation=f"Organisme {word}")
        question = registration.forum.questions.create(position=1, label="Allergies")
        registration.answers.create(question=question, text=f"Noix {word}")
        RecommendationFactory(author=who, title=f"Idée {word}", author_name=who.name, is_person_named=True)
        consents.give(
            user=who, purpose="digest", about="1", wording=f"Oui {word}", page="/", now=timezone.now()
        )


def asked(person):
    client = signed_in(person)
    client.post(PAGE, {"sure": "1"})
    person.refresh_from_db()
    return client, person.erasure_due_at


def test_file_holds_everything_of_the_person_and_nothing_of_a_neighbour(person, traces, client):
    client = signed_in(person)
    data = client.get(reverse("account_data_json"))
    assert data.headers["Content-Disposition"] == 'attachment; filename="mes-donnees.json"'
    assert "no-store" in data.headers["Cache-Control"]
    found = data.json()
    assert found["account"][0]["email"] == person.email
    assert [row["text"] for row in found["comments"]] == ["Commentaire mien"]
    assert [row["name"] for row in found["listings"]] == ["Coop du mien"]
    assert [row["organisation"] for row in found["registrations"]] == ["Organisme mien"]
    assert [(row["asked"], row["text"]) for row in found["answers"]] == [("Allergies", "Noix mien")]
    assert [row["title"] for row in found["recommendations"]] == ["Idée mien"]
    assert [row["wording"] for row in found["consents"]] == ["Oui mien"]
    assert "voisin" not in data.content.decode()
    lines = list(
        csv.reader(
            io.StringIO(client.get(reverse("account_data_csv")).content.decode("utf-8-sig")), delimiter=";"
        )
    )
    assert lines[0] == ["section", "number", "field", "value"]
    assert ["comments", "1", "text", "Commentaire mien"] in lines
    assert "voisin" not in str(lines)


def test_account_goes_seven_days_later_and_not_a_second_before(person, traces, mailoutbox):
    now = timezone.now()
    _client, due = asked(person)
    assert timedelta(days=7) <= due - now < timedelta(days=7, minutes=1)
    assert "Votre compte sera effacé" in mailoutbox[-1].subject
    assert "/compte/donnees/" in mailoutbox[-1].body
    assert privacy.erase_due_accounts(due - SECOND) == 0
    assert User.objects.filter(pk=person.pk).exists()
    assert privacy.erase_due_accounts(due) == 1
    assert mailoutbox[-1].to == [person.email]
    assert not User.objects.filter(pk=person.pk).exists()
    assert User.objects.count() == 1
    assert privacy.erase_due_accounts(due) == 0


def test_what_stays_carries_no_name(person, traces, client):
    _client, due = asked(person)
    privacy.erase_due_accounts(due)
    assert sorted(Comment.objects.values_list("text", "state", "author__name")) == [
        ("Commentaire voisin", "published", User.objects.get().name),
        ("—", "deleted", None),
    ]
    registration = Registration.objects.get(organisation="")
    assert (registration.name, registration.email, registration.user) == ("—", "", None)
    recommendation = Recommendation.objects.get(title="Idée mien")
    assert (recommendation.author, recommendation.author_name) == (None, "")
    assert not ListingRole.objects.filter(listing__name="Coop du mien").exists()
    assert not Consent.objects.filter(wording="Oui mien").exists()
    assert not EmailAddress.objects.filter(email=person.email).exists()
    assert not RecommendationEvent.objects.filter(by=person.pk).exists()


def test_journal_forgets_whom_it_was_about_and_why_but_not_what_was_decided(person, staff):
    neighbour = UserFactory()
    for who in (person, neighbour):
        journal.record(
            action="hide", kind="comment", key=7, by=staff, person_id=who.pk, reason="Mme Roy a quitté"
        )
    assert [row["reason"] for row in privacy.data_of(person)["decisions"]] == ["Mme Roy a quitté"]
    assert "by" not in privacy.data_of(person)["decisions"][0]
    _client, due = asked(person)
    privacy.erase_due_accounts(due)
    kept = AuditEntry.objects.order_by("pk").values_list("action", "key", "by", "person", "reason")
    assert list(kept) == [
        ("hide", 7, staff.pk, None, ""),
        ("hide", 7, staff.pk, neighbour.pk, "Mme Roy a quitté"),
    ]


def test_mind_can_be_changed_until_then(person):
    client, due = asked(person)
    assert "Garder mon compte" in client.get(PAGE).content.decode()
    client.post(PAGE, {"keep": "1"})
    assert privacy.erase_due_accounts(due + timedelta(days=1)) == 0
    assert User.objects.get(pk=person.pk).erasure_due_at is None


def test_asking_again_does_not_put_it_off(person, mailoutbox):
    client, due = asked(person)
    client.post(PAGE, {"sure": "1"})
    person.refresh_from_db()
    assert (person.erasure_due_at, len(mailoutbox)) == (due, 1)


def test_box_must_be_ticked_and_the_team_is_left_first(person, staff_client, staff):
    UserFactory(is_staff=True)
    page = signed_in(person).post(PAGE, {}, follow=True).content.decode()
    assert "cochez la case" in page
    assert (
        "demandez d’abord à une ou un collègue"
        in staff_client.post(PAGE, {"sure": "1"}, follow=True).content.decode()
    )
    assert not User.objects.exclude(erasure_due_at=None).exists()


def test_who_joined_the_team_meanwhile_is_not_erased(person):
    _client, due = asked(person)
    User.objects.filter(pk=person.pk).update(roles=["direction"])
    assert privacy.erase_due_accounts(due) == 0
    assert User.objects.filter(pk=person.pk).exists()


def test_account_that_fails_keeps_none_of_the_others_waiting(person, monkeypatch):
    other = UserFactory()
    User.objects.update(erasure_due_at=timezone.now())
    erase = import_string("forums.hooks.personal_data.erase")

    def fails(user):
        if user.pk == min(person.pk, other.pk):
            raise RuntimeError("Panne")
        erase(user)

    monkeypatch.setattr("forums.hooks.personal_data.erase", fails)
    assert privacy.erase_due_accounts(timezone.now()) == 1
    assert User.objects.count() == 1


def test_erasure_without_the_box_marks_it_and_leads_to_it(person):
    refused = signed_in(person).post(PAGE)
    page = refused.content.decode()
    (box,) = re.findall(r'<input[^>]*name="sure"[^>]*>', page)
    assert (refused.status_code, 'href="#id_sure"' in page, 'aria-invalid="true"' in box) == (422, True, True)
    person.refresh_from_db()
    assert person.erasure_due_at is None

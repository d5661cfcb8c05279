"""Attestations of participation: who gets one, what it says, and that it can be read."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from io import BytesIO

import pytest
import time_machine
from django.test import Client
from django.utils import timezone, translation
from pypdf import PdfReader

from forums.mail import registration_links
from forums.models import Forum, Registration, SessionAttendance
from forums.printing.attestation import attestations_pdf, hours
from forums.registration.attestations import attested, attested_people, is_enough
from forums.registration.retention import PEOPLE_RETENTION, anonymise_past_registrations
from tests import pdf_tags
from tests.factories import ForumFactory, RegistrationFactory
from tests.forums.series import DAY, HOUR, series, sessions_of
from tests.forums.test_prints import HOSTILE
from tests.forums.test_sessions import registered

pytestmark = pytest.mark.django_db


@pytest.fixture
def forum():
    """Three sessions, the last of which ended yesterday."""
    return series((-10 * DAY, -5 * DAY, -DAY - 2 * HOUR), attestation_share=66, trainer="Denise Ouellet")


def came(forum, *positions, **changes):
    person = RegistrationFactory(forum=forum, **changes)
    for session in forum.sessions.filter(position__in=positions):
        SessionAttendance.objects.create(
            registration=person, session=session, checked_in_at=session.starts_at
        )
    return person


def read(response):
    assert response.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(BytesIO(response.content))
    assert pdf_tags.faults_of(response.content) == []
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def names(forum, now=None):
    return [each.registration.name for each in attested_people(forum, now or timezone.now())]


# --- Who gets one ----------------------------------------------------------------------------------------


@pytest.mark.any_hour("pure")
@pytest.mark.parametrize(
    ("attended", "held", "share", "gets"),
    [
        (2, 3, 66, True), (2, 3, 67, False), (3, 3, 100, True), (2, 3, 100, False), (1, 3, 33, True),
        (1, 3, 34, False), (1, 100, 1, True), (0, 3, 1, False), (0, 0, 1, False), (7, 9, 77, True),
        (7, 9, 78, False), (29, 50, 58, True),
    ],
)  # fmt: skip
def test_share_is_exact(attended, held, share, gets):
    assert is_enough(attended, held, share) is gets


@pytest.mark.parametrize(("share", "gets"), [(66, True), (67, False), (None, False)])
def test_two_of_three(forum, share, gets):
    Forum.objects.filter(pk=forum.pk).update(attestation_share=share)
    forum.refresh_from_db()
    came(forum, 1, 3, name="Deux sur trois")
    came(forum, 2, name="Une sur trois")
    assert names(forum) == (["Deux sur trois"] if gets else [])


def test_cancelled_sessions_count_neither_as_held_nor_as_attended(forum):
    forum.sessions.filter(position=3).update(cancelled_at=timezone.now())
    came(forum, 1, 2, name="Toutes")
    came(forum, 1, 3, name="Une tenue, une annulée")
    Forum.objects.filter(pk=forum.pk).update(attestation_share=100)
    forum.refresh_from_db()
    assert names(forum) == ["Toutes"]


def test_nobody_gets_one_before_the_end_nor_of_what_is_cancelled(forum):
    came(forum, 1, 2, 3, name="Awa")
    assert names(forum, forum.ends_at - timedelta(seconds=1)) == []
    assert names(forum, forum.ends_at) == ["Awa"]
    Forum.objects.filter(pk=forum.pk).update(cancelled_at=timezone.now())
    forum.refresh_from_db()
    assert names(forum) == []


@pytest.mark.parametrize("state", ["waitlisted", "cancelled"])
def test_whoever_has_no_place_gets_none(forum, state):
    came(forum, 1, 2, 3, state=state, waitlisted_at=timezone.now(), checked_in_at=None)
    assert names(forum) == []


def test_activity_of_one_meeting_attests_whoever_was_checked_in(staff_client):
    now = timezone.now()
    forum = ForumFactory(
        kind="webinar",
        has_participation=False,
        starts_at=now - 4 * HOUR,
        ends_at=now - HOUR,
        attestation_share=50,
    )
    RegistrationFactory(forum=forum, name="Présente")
    RegistrationFactory(forum=forum, name="Absente", checked_in_at=None)
    assert names(forum) == ["Présente"]
    _reader, text = read(staff_client.get(f"/gestion/forums/{forum.slug}/attestations.pdf"))
    assert "Présente" in text


def test_whoever_was_only_checked_in_before_there_were_sessions_gets_none(forum):
    RegistrationFactory(forum=forum)
    assert names(forum) == []


def test_none_is_made_of_a_person_who_was_anonymised(forum, staff_client):
    person = came(forum, 1, 2, 3)
    later = forum.ends_at + PEOPLE_RETENTION
    assert anonymise_past_registrations(later) == 1
    person.refresh_from_db()
    assert attested(person, later) is None
    with time_machine.travel(later, tick=False):
        assert names(forum) == []
    # How many came stays, as the arrivals do.
    assert SessionAttendance.objects.count() == 3


# --- What it says ----------------------------------------------------------------------------------------


def test_it_says_who_in_what_when_and_for_how_long(staff_client, forum, settings):
    at = datetime(2026, 3, 3, 18, tzinfo=timezone.get_default_timezone())
    first, second, _third = sessions_of(forum)
    first.starts_at, first.ends_at, first.title = at, at + 2.5 * HOUR, "Le bilan"
    first.save()
    second.starts_at, second.ends_at, second.trainer = at + DAY, at + DAY + 2 * HOUR, "Luc Côté"
    second.save()
    person = came(forum, 1, 2, name="Awa Diop")
    page = f"/gestion/forums/{forum.slug}/inscriptions/{person.pk}/"
    assert f"{page}attestation.pdf" in staff_client.get(page).content.decode()
    reader, text = read(staff_client.get(f"{page}attestation.pdf"))
    for words in (
        *(
            "Attestation de participation",
            "Formation",
            "Awa Diop",
            "Tenir ses livres",
            "Le bilan",
            "Séance 2",
        ),
        *("Le 3 mars 2026, de 18 h à 20 h 30", "2 h 30", "Total : 4 h 30", "Denise Ouellet, Luc Côté"),
        *("Centre communautaire", "Délivrée le", "Pour la direction"),
    ):
        assert words in text
    assert "Séance 3" not in text
    assert reader.trailer["/Root"]["/Lang"] == "fr-CA"
    assert len(reader.pages) == 1


def test_it_is_in_the_language_of_each(staff_client, forum):
    Forum.objects.filter(pk=forum.pk).update(title_en="Keeping books")
    came(forum, 1, 2, name="A", language="fr")
    person = came(forum, 1, 2, name="B", language="en")
    reader, text = read(staff_client.get(f"/gestion/forums/{forum.slug}/attestations.pdf"))
    assert len(reader.pages) == 2
    assert "Tenir ses livres" in reader.pages[0].extract_text()
    assert "Keeping books" in reader.pages[1].extract_text()
    assert "Session 1" in text
    reader, text = read(Client().get(f"{registration_links.page_path(person)}attestation.pdf"))
    assert reader.trailer["/Root"]["/Lang"] == "en-CA"
    assert "Awa" not in text


def test_names_of_anywhere_and_of_any_length_are_printed(staff_client, forum):
    for name in (
        *(HOSTILE[:80], "W" * 80, "Nguyễn Thị Ánh", "ᏴᎢ ᏣᎳᎩ", "ᐃᓄᒃ ᑎᑐᑦ", "李小龍", "محمد علي", "שרה כהן"),
        *("Ķ ŵ Ė Ľubomír Ğökçe",),
        *("Zoë 👩‍👩‍👧", "a\u0301\u0323\u0302" * 10, "\u202eeversed", "O’Bomsawin-Échaquan"),
    ):
        came(forum, 1, 2, 3, name=name)
    reader, text = read(staff_client.get(f"/gestion/forums/{forum.slug}/attestations.pdf"))
    assert len(reader.pages) == Registration.objects.count() == 13
    assert "O’Bomsawin-Échaquan" in text
    assert "Nguyễn Thị Ánh" in text
    assert "Ķ ŵ Ė Ľubomír Ğökçe" in text


def test_three_hundred_people_take_little_more_than_their_share(forum):
    """Beside the time of ten, as much processor time as thirty times those at most."""
    for number in range(300):
        came(forum, name=f"Personne {number:03}")
    session, *_rest = sessions_of(forum)
    SessionAttendance.objects.bulk_create(
        SessionAttendance(registration=person, session=each, checked_in_at=session.starts_at)
        for person in Registration.objects.all()
        for each in sessions_of(forum)
    )
    now = timezone.now()
    people = attested_people(forum, now)

    def spent(some):
        start = time.process_time()
        content = attestations_pdf(forum, some, now)
        return time.process_time() - start, content

    spent(people[:1])
    few, _content = spent(people[:10])
    all_of_them, content = spent(people)
    assert len(PdfReader(BytesIO(content)).pages) == 300
    assert all_of_them < 30 * few


def test_people_are_found_by_as_many_queries_for_one_as_for_four(forum, django_assert_num_queries):
    for count in (1, 4):
        came(forum, 1, 2, 3)
        with django_assert_num_queries(3):
            assert len(attested_people(forum, timezone.now())) >= min(count, 1)


@pytest.mark.any_hour("pure")
@pytest.mark.parametrize(
    ("minutes", "french", "english"),
    [(120, "2\u00a0h", "2\u00a0h"), (150, "2\u00a0h\u00a030", "2\u00a0h\u00a030\u00a0min"), (45, "45 minutes", "45 minutes"), (65, "1\u00a0h\u00a005", "1\u00a0h\u00a005\u00a0min")],
)  # fmt: skip
def test_hours_are_said(minutes, french, english):
    for language, said in (("fr", french), ("en", english)):
        with translation.override(language):
            assert hours(timedelta(minutes=minutes)) == said


def test_hours_that_nobody_knows_have_no_total(staff_client, forum):
    """Of whole days, or of what goes on for a night."""
    first, *_rest = sessions_of(forum)
    first.ends_at = first.starts_at + 26 * HOUR
    first.save()
    came(forum, 1, 2, 3)
    _reader, text = read(staff_client.get(f"/gestion/forums/{forum.slug}/attestations.pdf"))
    assert "Total" not in text


# --- Who reads it ----------------------------------------------------------------------------------------


def test_person_downloads_their_own(forum):
    person, absent = came(forum, 1, 2, name="Awa Diop"), registered(forum, name="Léo")
    page = registration_links.page_path(person)
    assert f"{page}attestation.pdf" in Client().get(page).content.decode()
    response = Client().get(f"{page}attestation.pdf")
    _reader, text = read(response)
    assert "Awa Diop" in text
    assert "Léo" not in text
    assert response.headers["Cache-Control"] == "private, no-store"
    page = registration_links.page_path(absent)
    assert "attestation" not in Client().get(page).content.decode()
    assert Client().get(f"{page}attestation.pdf").status_code == 404
    assert Client().get(f"{page[:-2]}x/attestation.pdf").status_code == 404


def test_nothing_is_printed_of_nobody(staff_client, forum):
    person = came(forum, 1)
    page = f"/gestion/forums/{forum.slug}/"
    assert staff_client.get(f"{page}attestations.pdf").status_code == 404
    assert staff_client.get(f"{page}inscriptions/{person.pk}/attestation.pdf").status_code == 404
    other = came(series((-DAY,), attestation_share=1), 1)
    assert staff_client.get(f"{page}inscriptions/{other.pk}/attestation.pdf").status_code == 404
    assert "assez pour en recevoir une" in staff_client.get(f"{page}presences/tableau/").content.decode()

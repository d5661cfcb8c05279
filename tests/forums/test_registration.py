"""Registering, confirming, waiting, cancelling: what the public pages do, and what they never tell."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.messages.storage.session import SessionStorage
from django.core import mail
from django.test import Client
from django.utils import timezone

from forums.mail.registration_links import CONFIRM_WITHIN, LinkPurpose, token_for
from forums.models import Notice, Registration
from forums.registration import capacity, identities, registering
from forums.vote.roll import void_entry
from forums.vote.rounds import open_round
from tests.conftest import signed_in
from tests.factories import (
    ForumFactory,
    QuestionFactory,
    RegistrationFactory,
    RoundFactory,
    UserFactory,
)
from tests.forums.registering import details, last_link, link_in, open_forum, typed

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def forum():
    return open_forum()


def address(forum):
    return f"/forums/{forum.slug}/inscription/"


def register(client, forum, **changes):
    return client.post(address(forum), typed(**changes))


def confirmed(forum, *, email="camille@exemple.example", **changes):
    """Someone who registered and confirmed."""
    now = timezone.now()
    registering.register(forum=forum, email=email, details=details(**changes), consent="Oui", now=now)
    person = Registration.objects.filter(forum=forum, email=email).latest("pk")
    return registering.confirm(registration=person, now=now)


# --- Without an account ---------------------------------------------------------------------------


def test_visitor_registers_then_confirms_by_the_mailed_link(client, forum):
    assert register(client, forum, access_needs="Une rampe").url == f"{address(forum)}courriel/"
    person = Registration.objects.get()
    assert (person.state, person.email, person.access_needs) == (
        "pending",
        "camille@exemple.example",
        "Une rampe",
    )
    (message,) = mail.outbox
    assert (message.to, forum.title in message.subject) == (["camille@exemple.example"], True)
    shown = client.get(last_link())
    assert "Oui, je viens" in shown.content.decode()
    person.refresh_from_db()
    assert person.state == "pending"
    own = client.post(last_link()).url
    person.refresh_from_db()
    assert (person.state, person.confirmed_at is not None) == ("confirmed", True)
    assert "Votre place est confirmée." in client.get(own).content.decode()
    assert [notice.kind for notice in Notice.objects.order_by("pk")] == ["to_confirm", "confirmation"]


def test_consent_is_kept_as_it_was_read_with_its_date(client, forum):
    register(client, forum)
    person = Registration.objects.get()
    assert person.consented_at is not None
    assert "30 jours après la fin de l’activité" in person.consent_wording
    assert "14 ans" in person.consent_wording


@pytest.mark.parametrize("missing", ["name", "email", "consent", "is_14", "kind", "language"])
def test_what_is_missing_is_said_and_what_was_typed_stays(client, forum, missing):
    response = client.post(address(forum), typed(organisation="Coop du Lac") | {missing: ""})
    assert response.status_code == 422
    text = response.content.decode()
    assert f'id="id_{missing}_error"' in text
    assert 'value="Coop du Lac"' in text
    assert not Registration.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "pas une adresse"},
        {"name": "x" * 81},
        {"kind": "roi"},
        {"access_needs": "x" * 401},
        {"subject": "a"},
    ],
)
def test_hostile_input_is_refused(client, forum, changes):
    assert register(client, forum, **changes).status_code == 422
    assert not Registration.objects.exists()


def test_invisible_characters_and_capitals_are_cleaned(client, forum):
    register(client, forum, name="Camille\u202e\x00 Roy", email="Camille@Exemple.Example")
    person = Registration.objects.get()
    assert (person.name, person.email) == ("Camille Roy", "camille@exemple.example")


def test_name_of_the_asker_never_reaches_a_mailbox_that_is_not_confirmed(client, forum):
    register(client, forum, name="Gagnez sur evil.example")
    (message,) = mail.outbox
    assert "evil.example" not in message.body + message.subject + message.alternatives[0][0]


def test_a_known_and_an_unknown_address_are_answered_alike(forum):
    confirmed(forum)
    mail.outbox.clear()
    answers = []
    for email in ("camille@exemple.example", "autre@exemple.example"):
        client = Client()
        response = client.post(address(forum), typed(email=email), follow=True)
        answers.append((response.redirect_chain, response.content))
    assert answers[0] == answers[1]
    known, unknown = mail.outbox
    assert known.to != unknown.to
    assert "déjà" in known.subject


def test_known_address_gets_its_own_page_and_nothing_of_it_changes(client, forum):
    person = confirmed(forum)
    register(client, forum, name="camille  ROY", access_needs="Tout")
    person.refresh_from_db()
    assert (person.name, person.access_needs, Registration.objects.count()) == ("Camille Roy", "", 1)
    assert "Camille Roy" in client.get(last_link()).content.decode()


def test_asking_again_and_again_sends_one_mail_in_five_minutes(client, forum):
    for _n in range(4):
        register(client, forum)
    assert (len(mail.outbox), Registration.objects.count()) == (1, 1)
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        register(client, forum)
    assert len(mail.outbox) == 2


# --- Links ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("shift", "status"), [(-SECOND, 200), (timedelta(), 200), (SECOND, 410)])
def test_link_that_confirms_expires(client, forum, shift, status):
    asked_at = timezone.now().replace(microsecond=0)
    with time_machine.travel(asked_at, tick=False):
        register(client, forum)
    path = last_link()
    with time_machine.travel(asked_at + CONFIRM_WITHIN + shift, tick=False):
        assert client.get(path).status_code == status
        client.post(path)
    assert Registration.objects.get().state == ("confirmed" if status == 200 else "pending")


def test_link_of_one_purpose_is_refused_for_another(client, forum):
    register(client, forum)
    person = Registration.objects.get()
    confirm, manage = token_for(person, LinkPurpose.CONFIRM), token_for(person, LinkPurpose.MANAGE)
    assert client.post(f"{address(forum)}confirmation/{manage}/").status_code == 404
    assert client.get(f"{address(forum)}{confirm}/").status_code == 404
    assert client.post(f"{address(forum)}{confirm}/annulation/").status_code == 404
    person.refresh_from_db()
    assert person.state == "pending"


def test_link_of_one_forum_opens_nothing_of_another(client, forum):
    person, other = confirmed(forum), open_forum()
    token = token_for(person, LinkPurpose.MANAGE)
    assert client.get(f"{address(other)}{token}/").status_code == 410
    assert client.post(f"{address(other)}{token}/annulation/").status_code == 410
    person.refresh_from_db()
    assert person.state == "confirmed"


@pytest.mark.parametrize("token", ["x", "0" * 32, "a.b.c", "é"])
def test_forged_link_is_refused_politely(client, forum, token):
    for path in (f"{token}/", f"confirmation/{token}/", f"{token}/annulation/"):
        response = client.get(address(forum) + path)
        assert response.status_code == 404
        assert "Ce lien n’est pas entier" in response.content.decode()
    assert client.get(f"{address(forum)}{token}/code.png").status_code == 404


def test_link_used_again_leads_to_the_page_and_never_brings_back_what_was_cancelled(client, forum):
    register(client, forum)
    path = last_link()
    own = client.post(path).url
    assert client.get(path).url.split("/inscription/")[0] == f"/forums/{forum.slug}"
    assert client.post(path).status_code == 302
    assert Registration.objects.get().state == "confirmed"
    client.post(f"{own}annulation/")
    client.post(path)
    assert Registration.objects.get().state == "cancelled"


def test_own_page_lasts_thirty_days_after_the_forum(client, forum):
    person = confirmed(forum)
    path = f"{address(forum)}{token_for(person, LinkPurpose.MANAGE)}/"
    end = forum.ends_at + timedelta(days=30)
    for shift, status in ((-SECOND, 200), (timedelta(), 410), (SECOND, 410)):
        with time_machine.travel(end + shift, tick=False):
            assert client.get(path).status_code == status


def test_own_page_opens_the_ballot_of_an_open_vote(client, forum):
    person = confirmed(forum)
    path = f"{address(forum)}{token_for(person, LinkPurpose.MANAGE)}/"
    QuestionFactory(round=(round := RoundFactory(forum=forum, public="registrants")))
    link = re.compile(r'href="https?://[^/]+(/vote/lien/[^"]+)"')
    assert not link.search(client.get(path).content.decode())
    open_round(round_id=round.pk, by=None)
    (found,) = link.findall(client.get(path).content.decode())
    assert b'name="q1"' in client.get(found, follow=True).content
    confirmed(forum, email="tard@exemple.example")
    told = [message.body for message in mail.outbox if message.to == ["tard@exemple.example"]]
    assert any("/vote/lien/" in body for body in told)
    entry = round.roll.get(registration=person)
    void_entry(round_id=round.pk, entry_id=entry.pk, reason="Erreur", by=UserFactory(is_staff=True))
    assert not link.search(client.get(path).content.decode())


def test_code_for_the_door_names_the_registration_and_is_a_picture(client, forum):
    person = confirmed(forum)
    path = f"{address(forum)}{token_for(person, LinkPurpose.MANAGE)}/"
    assert "<svg" in client.get(path).content.decode()
    picture = client.get(f"{path}code.png")
    assert (picture.headers["Content-Type"], picture.content[:4]) == ("image/png", b"\x89PNG")


def test_pages_of_a_person_are_kept_by_nobody(client, forum):
    person = confirmed(forum)
    for path in ("", f"{token_for(person, LinkPurpose.MANAGE)}/", "courriel/"):
        assert client.get(address(forum) + path).headers["Cache-Control"] == "private, no-store"


# --- With an account ----------------------------------------------------------------------------------


def test_account_with_a_verified_address_has_a_place_at_once(forum, citizen, citizen_client):
    response = citizen_client.post(address(forum), {**typed(), "email": "autre@exemple.example"})
    person = Registration.objects.get()
    assert (person.user, person.email, person.state) == (citizen, citizen.email, "confirmed")
    assert response.url.startswith(address(forum))
    assert citizen_client.get(address(forum)).url.startswith(address(forum))
    assert [message.to for message in mail.outbox] == [[citizen.email]]


def test_account_without_a_verified_address_confirms_by_mail(forum):
    person = UserFactory(verified=False)
    signed_in(person).post(address(forum), typed(email=person.email))
    found = Registration.objects.get()
    assert (found.state, found.user) == ("pending", None)


def test_address_confirmed_by_mail_joins_its_account(client, forum, citizen):
    register(client, forum, email=citizen.email)
    assert Registration.objects.get().user is None
    client.post(last_link())
    assert Registration.objects.get().user == citizen


def test_account_made_later_joins_its_registrations(forum):
    person = confirmed(forum)
    user = UserFactory(email=person.email)
    identities.link_registrations_to_account(user)
    person.refresh_from_db()
    assert person.user == user


def test_showing_that_an_address_is_ours_joins_its_registrations(rf, forum):
    from allauth.account.adapter import get_adapter

    person = confirmed(forum)
    user = UserFactory(email=person.email, verified=False)
    address_of = EmailAddress.objects.create(user=user, email=person.email, primary=True)
    request = rf.post("/")
    request.user, request.session = user, Client().session
    request._messages = SessionStorage(request)
    get_adapter().confirm_email(request, address_of)
    person.refresh_from_db()
    assert person.user == user
    text = signed_in(user).get("/compte/").content.decode()
    assert "Voir mon inscription" in text


def test_address_that_is_not_verified_joins_nothing(forum):
    person = confirmed(forum)
    identities.link_registrations_to_account(UserFactory(email=person.email, verified=False))
    person.refresh_from_db()
    assert person.user is None


def test_two_registrations_of_one_person_become_one_and_free_a_place():
    forum = open_forum(capacity=2)
    user = UserFactory()
    first = RegistrationFactory(forum=forum, user=user, email=user.email, checked_in_at=None)
    second = confirmed(forum, email="seconde@exemple.example")
    waiting = confirmed(forum, email="attend@exemple.example")
    assert waiting.state == "waitlisted"
    EmailAddress.objects.create(user=user, email=second.email, verified=True)
    identities.link_registrations_to_account(user)
    states = {row.pk: row.state for row in Registration.objects.all()}
    assert states == {first.pk: "confirmed", second.pk: "cancelled", waiting.pk: "confirmed"}


def test_confirming_a_second_address_of_one_person_gives_one_place():
    """Registered twice, both pending: confirming either leaves one registration, and it has a place."""
    forum, now = open_forum(), timezone.now()
    user = UserFactory(email="lou@exemple.example")
    EmailAddress.objects.create(user=user, email="lou@autre.example", verified=True)
    first = RegistrationFactory(
        forum=forum, user=user, email="lou@exemple.example", state="pending", checked_in_at=None
    )
    second = RegistrationFactory(forum=forum, email="lou@autre.example", state="pending", checked_in_at=None)
    confirmed_row = registering.confirm(registration=second, now=now)
    assert confirmed_row.state == "confirmed"
    states = sorted(Registration.objects.filter(pk__in=[first.pk, second.pk]).values_list("state", flat=True))
    assert states == ["cancelled", "confirmed"]


def test_registering_twice_by_account_keeps_the_place(forum, citizen_client):
    for _n in range(2):
        citizen_client.post(address(forum), typed())
    assert (Registration.objects.count(), len(mail.outbox)) == (1, 1)


def test_address_that_changed_hands_goes_to_its_new_owner(forum):
    former = UserFactory(email="apres@exemple.example")
    theirs = RegistrationFactory(forum=forum, user=former, email="avant@exemple.example")
    new = UserFactory(email="avant@exemple.example")
    signed_in(new).post(address(forum), typed())
    theirs.refresh_from_db()
    assert theirs.email == "apres@exemple.example"
    assert Registration.objects.get(user=new).email == "avant@exemple.example"


# --- Places ---------------------------------------------------------------------------------------------


def test_place_is_taken_by_confirming_not_by_asking(client):
    forum = open_forum(capacity=1)
    register(client, forum, email="lente@exemple.example")
    slow = last_link()
    assert confirmed(forum, email="rapide@exemple.example").state == "confirmed"
    client.post(slow)
    assert Registration.objects.get(email="lente@exemple.example").state == "waitlisted"


def test_waitlist_is_promoted_in_order_and_told():
    forum = open_forum(capacity=1)
    people = [confirmed(forum, email=f"p{n}@exemple.example") for n in range(4)]
    assert [person.state for person in people] == ["confirmed", *["waitlisted"] * 3]
    registering.cancel(registration=people[2], now=timezone.now())
    mail.outbox.clear()
    registering.cancel(registration=people[0], now=timezone.now())
    states = list(Registration.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["cancelled", "confirmed", "cancelled", "waitlisted"]
    assert [
        (message.to, "une place s’est libérée" in message.subject.lower()) for message in mail.outbox
    ] == [
        (["p0@exemple.example"], False),
        (["p1@exemple.example"], True),
    ]


def test_newcomer_never_passes_before_the_line():
    forum = open_forum(capacity=1)
    confirmed(forum, email="a@exemple.example")
    waiting = confirmed(forum, email="b@exemple.example")
    forum.refresh_from_db()
    assert forum.is_full
    forum.capacity = 2
    forum.save()
    newcomer = confirmed(forum, email="c@exemple.example")
    capacity.promote_from_waitlist(capacity.lock_forum(forum.pk), timezone.now())
    waiting.refresh_from_db()
    newcomer.refresh_from_db()
    assert (waiting.state, newcomer.state) == ("confirmed", "waitlisted")


def test_event_page_says_when_it_is_full_and_when_it_no_longer_is(client):
    forum = open_forum(capacity=1)
    page = forum.get_absolute_url()
    assert "Réserver ma place" in client.get(page).content.decode()
    etag = client.get(page).headers["ETag"]
    person = confirmed(forum)
    again = client.get(page, headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert "liste d’attente" in again.content.decode()
    registering.cancel(registration=person, now=timezone.now())
    assert "Réserver ma place" in client.get(page).content.decode()


def test_registering_leaves_the_cached_page_alone(client):
    forum = open_forum(capacity=9)
    page = forum.get_absolute_url()
    etag = client.get(page).headers["ETag"]
    confirmed(forum)
    assert client.get(page, headers={"If-None-Match": etag}).status_code == 304


def test_own_page_says_how_many_wait_before(client):
    forum = open_forum(capacity=1)
    for n in range(3):
        person = confirmed(forum, email=f"p{n}@exemple.example")
    text = client.get(f"{address(forum)}{token_for(person, LinkPurpose.MANAGE)}/").content.decode()
    assert "1 personne avant vous" in text


def test_cancelled_person_registers_anew(client, forum):
    person = confirmed(forum)
    registering.cancel(registration=person, now=timezone.now())
    register(client, forum)
    client.post(last_link())
    states = sorted(Registration.objects.values_list("state", flat=True))
    assert states == ["cancelled", "confirmed"]


def test_cancelling_by_the_page_asks_once(client, forum):
    person = confirmed(forum)
    path = f"{address(forum)}{token_for(person, LinkPurpose.MANAGE)}/annulation/"
    assert client.get(path).status_code == 200
    person.refresh_from_db()
    assert person.state == "confirmed"
    for _n in range(2):
        client.post(path)
    person.refresh_from_db()
    assert person.state == "cancelled"
    assert [message.subject for message in mail.outbox if "annulée" in message.subject] == [
        f"Votre inscription est annulée : {forum.title}"
    ]


def test_person_changes_answers(client, forum):
    question = forum.questions.create(position=1, label="Dînez-vous avec nous?")
    person = confirmed(forum, answers={question.pk: "Oui"})
    path = f"{address(forum)}{token_for(person, LinkPurpose.MANAGE)}/"
    assert 'value="Oui"' in client.get(path).content.decode()
    changed = typed(name="Camille Roy-Caron", **{f"question_{question.pk}": "Non"})
    client.post(path, changed | {"email": "pirate@exemple.example"})
    person.refresh_from_db()
    assert (person.name, person.email) == ("Camille Roy-Caron", "camille@exemple.example")
    assert [answer.text for answer in person.answers.all()] == ["Non"]


def test_answer_to_a_question_of_another_forum_is_dropped(forum):
    foreign = open_forum().questions.create(position=1, label="Autre")
    asked = details(answers={foreign.pk: "Oui"})
    registering.register(
        forum=forum, email="a@exemple.example", details=asked, consent="", now=timezone.now()
    )
    assert not Registration.objects.get().answers.exists()


# --- Instants ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [-SECOND, timedelta(), SECOND])
def test_registration_opens_and_closes_at_its_instants(client, shift):
    opens = timezone.now().replace(microsecond=0) + timedelta(days=3)
    forum = ForumFactory(registration_opens_at=opens, registration_closes_at=opens + timedelta(days=4))
    with time_machine.travel(opens + shift, tick=False):
        first = register(client, forum, email="a@exemple.example").status_code
    with time_machine.travel(opens + timedelta(days=4) + shift, tick=False):
        second = register(client, forum, email="b@exemple.example").status_code
    is_before = shift < timedelta()
    assert (first, second) == ((422, 302) if is_before else (302, 422))


def test_link_still_confirms_after_closing_until_the_forum_begins(client):
    starts = timezone.now().replace(microsecond=0) + timedelta(days=2)
    forum = open_forum(starts_at=starts, registration_closes_at=timezone.now() + timedelta(hours=1))
    for email in ("a@exemple.example", "b@exemple.example"):
        register(client, forum, email=email)
    early, late = (link_in(message) for message in mail.outbox)
    with time_machine.travel(starts - SECOND, tick=False):
        client.post(early)
    with time_machine.travel(starts, tick=False):
        assert "trop tard" in client.get(late).content.decode()
        client.post(late)
    assert list(Registration.objects.order_by("pk").values_list("state", flat=True)) == [
        "confirmed",
        "pending",
    ]


@pytest.mark.parametrize(("change", "status"), [("cancelled_at", 422), ("announced_at", 404)])
def test_forum_cancelled_or_hidden_takes_nobody(client, forum, change, status):
    register(client, forum)
    path = last_link()
    setattr(forum, change, timezone.now() if change == "cancelled_at" else None)
    forum.save()
    assert register(client, forum, email="b@exemple.example").status_code == status
    client.post(path)
    assert Registration.objects.get().state == "pending"


@pytest.mark.parametrize(("shift", "state"), [(-SECOND, "cancelled"), (timedelta(), "confirmed")])
def test_place_can_be_given_back_until_the_forum_ends(client, forum, shift, state):
    person = confirmed(forum)
    with time_machine.travel(forum.ends_at + shift, tick=False):
        client.post(f"{address(forum)}{token_for(person, LinkPurpose.MANAGE)}/annulation/")
    person.refresh_from_db()
    assert person.state == state


def test_waitlist_is_no_longer_promoted_once_the_forum_begins():
    forum = open_forum(capacity=1)
    first, second = (confirmed(forum, email=f"p{n}@exemple.example") for n in range(2))
    registering.cancel(registration=first, now=forum.starts_at)
    second.refresh_from_db()
    assert second.state == "waitlisted"


def test_who_has_arrived_cannot_cancel(client, forum):
    person = RegistrationFactory(forum=forum)
    client.post(f"{address(forum)}{token_for(person, LinkPurpose.MANAGE)}/annulation/")
    person.refresh_from_db()
    assert person.state == "confirmed"


# --- Erasure ------------------------------------------------------------------------------------------


def test_erased_account_leaves_figures_and_no_person(citizen):
    past = RegistrationFactory(
        forum=ForumFactory(starts_at=timezone.now() - timedelta(days=9)), user=citizen, email=citizen.email,
        organisation="Coop", access_needs="Rampe", kind="enterprise",
    )  # fmt: skip
    forum = open_forum(capacity=1)
    to_come = RegistrationFactory(forum=forum, user=citizen, email=citizen.email, checked_in_at=None)
    waiting = confirmed(forum)
    identities.anonymise_registrations(citizen)
    for row in (past, to_come, waiting):
        row.refresh_from_db()
    assert (past.name, past.email, past.organisation, past.access_needs, past.user) == ("—", "", "", "", None)
    assert (past.kind, past.is_checked_in, to_come.state, waiting.state) == (
        "enterprise",
        True,
        "cancelled",
        "confirmed",
    )

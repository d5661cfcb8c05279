"""Two people with one address: two registrations, two slips, two votes, and a question rather than a guess."""

from __future__ import annotations

import uuid
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from forums.models import Notice, Registration, RollEntry, Round, Slip
from forums.registration import check_in, day_team, identities, registering
from forums.vote import roll, slips
from forums.vote.roll import find_entry_of_user, find_or_add_entry_of_user
from forums.vote.rounds import open_round
from tests.conftest import signed_in
from tests.factories import QuestionFactory, RegistrationFactory, RoundFactory, UserFactory
from tests.forums.registering import at_once, details, link_in, open_forum, run_jobs, typed

pytestmark = pytest.mark.django_db

ADDRESS = "info@coop.example"


@pytest.fixture
def forum():
    return open_forum()


def door(forum, path=""):
    return f"/gestion/forums/{forum.slug}/presences/{path}"


def at_the_door(client, forum, name, **changes):
    typed_there = {"name": name, "kind": "citizen", "email": ADDRESS, "key": str(uuid.uuid4())} | changes
    return client.post(door(forum, "sur-place/"), typed_there)


def client_of(forum, name):
    """That of a volunteer at a door."""
    _member, token = day_team.invite(forum=forum, name=name, now=timezone.now())
    client = Client()
    client.post(f"/gestion/forums/{forum.slug}/equipe/entree/{token}/")
    return client


def open_vote(forum, public=Round.Public.CHECKED_IN):
    QuestionFactory(round=(round := RoundFactory(forum=forum, public=public)))
    open_round(round_id=round.pk, by=None)
    return round


def register(forum, name):
    registering.register(
        forum=forum, email=ADDRESS, details=details(name=name), consent="Oui", now=timezone.now()
    )
    return Registration.objects.get(forum=forum, name=name)


def confirm(person):
    return registering.confirm(registration=person, now=timezone.now())


def names_on_roll(round):
    return set(
        RollEntry.objects.filter(round=round, voided_at=None).values_list("registration__name", flat=True)
    )


# --- At the door ----------------------------------------------------------------------------------------


def test_second_walk_in_with_an_address_is_asked_about_then_has_a_slip_and_a_vote(staff_client, forum):
    slips.create_slips(forum=forum, count=20)
    assert at_the_door(staff_client, forum, "Anne Roy", carton="17").status_code == 302
    asked = at_the_door(staff_client, forum, "Marc Côté", carton="19")
    text = asked.content.decode()
    assert asked.status_code == 422
    assert "Cette adresse est déjà utilisée par Anne Roy\N{NO-BREAK SPACE}: est-ce cette personne?" in text
    assert 'value="19"' in text
    assert ADDRESS not in text.replace(f'value="{ADDRESS}"', "")
    assert Registration.objects.count() == 1
    answer = at_the_door(staff_client, forum, "Marc Côté", carton="19", same_as="someone_else")
    assert answer.status_code == 302
    held = {slip.number: slip.registration.name for slip in Slip.objects.exclude(registration=None)}
    assert held == {17: "Anne Roy", 19: "Marc Côté"}
    assert not Slip.objects.exclude(voided_at=None).exists()
    round = open_vote(forum)
    assert names_on_roll(round) == {"Anne Roy", "Marc Côté"}
    assert RollEntry.objects.exclude(email_hash=None).get().registration.name == "Anne Roy"


@pytest.mark.parametrize("answer", [None, "someone_else", "not-a-key"])
def test_walk_in_sent_again_with_another_slip_leads_to_the_page_of_the_person(staff_client, forum, answer):
    """As whoever goes back in the browser, the first slip being already theirs."""
    slips.create_slips(forum=forum, count=2)
    key = str(uuid.uuid4())
    at_the_door(staff_client, forum, "Anne Roy", carton="1", key=key)
    person = Registration.objects.get(forum=forum)
    answered = {} if answer is None else {"same_as": answer}
    again = at_the_door(staff_client, forum, "Anne Roy", carton="2", key=key, **answered)
    assert (again.status_code, again["Location"]) == (302, door(forum, f"{person.key}/?carton=2"))
    assert Slip.objects.get(forum=forum, registration=person).number == 1


def test_same_walk_in_keeps_the_registration(staff_client, forum):
    person = RegistrationFactory(forum=forum, email=ADDRESS, name="Anne Roy", checked_in_at=None)
    at_the_door(staff_client, forum, "A. Roy", same_as=str(person.key))
    person.refresh_from_db()
    assert (person.is_checked_in, Registration.objects.count()) == (True, 1)


def test_answer_about_somebody_else_s_address_is_asked_again(staff_client, forum):
    stranger = RegistrationFactory(forum=forum, email="autre@coop.example", checked_in_at=None)
    RegistrationFactory(forum=forum, email=ADDRESS, checked_in_at=None)
    for answer in (str(stranger.key), str(uuid.uuid4()), "oui"):
        assert at_the_door(staff_client, forum, "Marc Côté", same_as=answer).status_code == 422
    assert not Registration.objects.checked_in().exists()


def test_slip_in_use_is_not_replaced_without_saying_whose_it_is(staff_client, forum):
    slips.create_slips(forum=forum, count=3)
    at_the_door(staff_client, forum, "Anne Roy", carton="1")
    person = Registration.objects.get()
    page = at_the_door(staff_client, forum, "Anne Roy", carton="2", same_as=str(person.key))
    text = staff_client.get(page.url).content.decode()
    assert "Anne Roy a déjà le carton 1." in text
    assert 'value="2"' in text
    assert Slip.objects.get(registration=person).number == 1
    staff_client.post(door(forum, f"{person.key}/"), {"carton": "2", "replaces": "1"})
    assert Slip.objects.get(registration=person, voided_at=None).number == 2


@pytest.mark.parametrize("replaces", ["", "3", "x", "9" * 40])
def test_page_that_showed_no_slip_or_another_replaces_none(staff_client, forum, replaces):
    slips.create_slips(forum=forum, count=3)
    at_the_door(staff_client, forum, "Anne Roy", carton="1")
    person = Registration.objects.get()
    answer = staff_client.post(door(forum, f"{person.key}/"), {"carton": "2", "replaces": replaces})
    assert answer.status_code == 422
    answer = staff_client.post(
        f"/gestion/forums/{forum.slug}/scrutins/cartons/remise/",
        {"registration": str(person.pk), "carton": "2", "replaces": replaces},
    )
    assert "Anne Roy a déjà le carton 1." in answer.content.decode()
    assert not Slip.objects.exclude(voided_at=None).exists()


def test_door_is_told_of_whom_the_roll_does_not_take(staff_client, forum, superuser):
    """A mistake was taken off the roll, and the arrival undone: whoever has the same address would stay off, unseen."""
    round = open_vote(forum)
    at_the_door(staff_client, forum, "Ane Roi")
    mistaken = Registration.objects.get()
    roll.void_entry(
        round_id=round.pk, entry_id=RollEntry.objects.get().pk, reason="Erreur de nom", by=superuser
    )
    staff_client.post(door(forum, f"{mistaken.key}/annulation/"))
    page = staff_client.get(at_the_door(staff_client, forum, "Anne Roy").url)
    assert names_on_roll(round) == set()
    assert "Anne Roy ne peut pas encore voter" in page.content.decode()
    roll.add_by_hand(round=round, registration=Registration.objects.get(name="Anne Roy"), by=superuser)
    assert names_on_roll(round) == {"Anne Roy"}
    page = staff_client.get(at_the_door(staff_client, forum, "Jo", email="jo@coop.example").url)
    assert "ne peut pas encore voter" not in page.content.decode()


def test_second_door_is_told_the_hour_and_by_whom(staff_client, forum):
    person = RegistrationFactory(forum=forum, name="Anne Roy", checked_in_at=None)
    other = UserFactory(name="Luc Gagnon")
    check_in.check_in(registration=person, now=timezone.now(), by=f"user:{other.pk}")
    text = staff_client.post(door(forum, f"{person.key}/"), follow=True).content.decode()
    assert "Anne Roy était déjà là\N{NO-BREAK SPACE}: arrivée confirmée à" in text
    assert "Luc Gagnon" in text


def test_second_device_of_one_account_is_told_too_but_not_who_comes_back_with_a_slip(staff_client, forum):
    slips.create_slips(forum=forum, count=1)
    person = RegistrationFactory(forum=forum, name="Anne Roy", checked_in_at=None)
    told = [
        "Anne Roy était déjà là"
        in staff_client.post(door(forum, f"{person.key}/"), typed, follow=True).content.decode()
        for typed in ({}, {}, {"carton": "1"})
    ]
    assert told == [False, True, False]


def test_list_says_who_holds_no_valid_slip(staff_client, forum):
    RegistrationFactory(forum=forum, name="Anne Roy")
    assert "sans carton valide" not in staff_client.get(door(forum)).content.decode()
    slips.create_slips(forum=forum, count=1)
    RegistrationFactory(forum=forum, name="Attendu", checked_in_at=None)
    assert staff_client.get(door(forum)).content.decode().count("sans carton valide") == 1
    slips.activate_slip(slip=Slip.objects.get(), registration=Registration.objects.get(name="Anne Roy"))
    assert "sans carton valide" not in staff_client.get(door(forum)).content.decode()
    slips.void_slip(slip=Slip.objects.get(), because=Slip.Void.PAPER)
    assert "sans carton valide" in staff_client.get(door(forum)).content.decode()


# --- From home --------------------------------------------------------------------------------------------


def test_couple_from_home_has_two_registrations_and_the_first_confirmed_has_the_address(client, forum):
    for name in ("Anne Roy", "Marc Côté"):
        answer = client.post(f"/forums/{forum.slug}/inscription/", typed(name=name, email=ADDRESS))
        assert answer.url.endswith("/courriel/")
    first, second = mail.outbox
    assert "Anne Roy" in first.body
    assert "Marc Côté" in second.body
    client.post(link_in(second))
    client.post(link_in(first))
    rows = dict(Registration.objects.values_list("name", "email_is_contact_only"))
    assert rows == {"Marc Côté": False, "Anne Roy": True}
    assert set(Registration.objects.values_list("state", flat=True)) == {"confirmed"}


def test_mail_and_its_page_ask_and_the_form_never_says(client, forum):
    confirm(register(forum, "Anne Roy"))
    answers = [
        client.post(f"/forums/{forum.slug}/inscription/", typed(name="Marc Côté", email=email), follow=True)
        for email in (ADDRESS, "nouvelle@coop.example")
    ]
    known, unknown = (answer.content.decode() for answer in answers)
    assert known == unknown
    assert "Anne Roy" in mail.outbox[-2].body
    assert "Anne Roy" in client.get(link_in(mail.outbox[-2])).content.decode()
    assert "Anne Roy" not in mail.outbox[-1].body


def test_same_name_is_the_same_person_whatever_its_accents(forum):
    person = register(forum, "Zoé L’Écuyer")
    registering.register(
        forum=forum, email=ADDRESS, details=details(name=" ZOE  l'ecuyer"), consent="Oui", now=timezone.now()
    )
    assert Registration.objects.get().pk == person.pk


def test_made_up_names_never_keep_the_owner_of_an_address_out(forum):
    for n in range(8):
        registering.register(
            forum=forum, email=ADDRESS, details=details(name=f"P{n}"), consent="Oui", now=timezone.now()
        )
    assert Registration.objects.count() == 5
    person = register(forum, "Anne Roy")
    assert confirm(person).email_is_contact_only is False


def test_mail_names_nobody_for_another_when_an_address_has_five_people(forum):
    """It goes to the first of them: nobody asked to register that one."""
    for n in range(5):
        confirm(register(forum, f"P{n}"))
    for name, is_one_too_many in (("P0", True), ("Jo", True)):
        registering.register(
            forum=forum, email=ADDRESS, details=details(name=name), consent="Oui", now=timezone.now()
        )
        run_jobs()
        body = mail.outbox[-1].body
        assert "inscrire P0" not in body
        assert "P0 a déjà une inscription avec cette adresse" in body
        assert ("pour une de plus, écrivez à l’équipe" in body) is is_one_too_many
    assert Registration.objects.count() == 5


def test_second_person_counts_on_no_roll_before_staff_or_the_door(forum):
    first, second = confirm(register(forum, "Anne Roy")), confirm(register(forum, "Marc Côté"))
    round = open_vote(forum, Round.Public.REGISTRANTS)
    assert names_on_roll(round) == {"Anne Roy"}
    assert second.state == first.state == "confirmed"
    registering.give_place(registration=second, now=timezone.now())
    assert names_on_roll(round) == {"Anne Roy", "Marc Côté"}
    third = confirm(register(forum, "Jo"))
    check_in.check_in(registration=third, now=timezone.now())
    assert names_on_roll(round) == {"Anne Roy", "Marc Côté", "Jo"}
    with pytest.raises(check_in.ArrivalRefused, match="arrival_on_roll"):
        check_in.undo_check_in(registration=third, now=timezone.now())


def test_account_never_takes_the_registration_of_whom_its_address_only_serves_to_write_to(forum):
    first, second = confirm(register(forum, "Anne Roy")), confirm(register(forum, "Marc Côté"))
    user = UserFactory(email=ADDRESS)
    EmailAddress.objects.get_or_create(user=user, email=ADDRESS, defaults={"verified": True, "primary": True})
    identities.link_registrations_to_account(user)
    for row in (first, second):
        row.refresh_from_db()
    assert (first.user, second.user, second.state) == (user, None, "confirmed")
    identities.anonymise_registrations(user)
    second.refresh_from_db()
    assert (second.name, second.email) == ("Marc Côté", ADDRESS)


@pytest.mark.parametrize("is_primary", [False, True])
def test_address_verified_later_takes_no_slip_or_vote_from_whom_the_door_saw(staff_client, forum, is_primary):
    """The account of a member, who adds the info@ of the cooperative that a colleague registered with."""
    slips.create_slips(forum=forum, count=2)
    member = UserFactory(email="anne@coop.example")
    EmailAddress.objects.filter(user=member).update(verified=True, primary=True)
    registering.register_account(
        forum=forum, user=member, details=details(name="Anne Roy"), consent="Oui", now=timezone.now()
    )
    colleague = confirm(register(forum, "Marc Côté"))
    for number, name in ((1, "Anne Roy"), (2, "Marc Côté")):
        row = Registration.objects.get(forum=forum, name=name)
        check_in.check_in(registration=row, now=timezone.now())
        slips.activate_slip(slip=Slip.objects.get(forum=forum, number=number), registration=row)
    round = open_vote(forum)
    if is_primary:
        EmailAddress.objects.filter(user=member).update(primary=False)
        member.email = ADDRESS
        member.save()
    EmailAddress.objects.create(user=member, email=ADDRESS, verified=True, primary=is_primary)
    identities.link_registrations_to_account(member)
    assert Slip.objects.filter(forum=forum, voided_at=None).count() == 2
    assert names_on_roll(round) == {"Anne Roy", "Marc Côté"}
    colleague.refresh_from_db()
    assert (colleague.state, colleague.user, colleague.email_is_contact_only) == ("confirmed", None, True)
    found = find_or_add_entry_of_user(round, member)
    assert found.registration.name == "Anne Roy"
    RollEntry.objects.filter(pk=found.pk).delete()
    assert find_entry_of_user(round, member) is None


def test_account_never_takes_over_what_another_has_yet_to_confirm(forum):
    other = register(forum, "Marc Côté")
    user = UserFactory(email=ADDRESS)
    EmailAddress.objects.get_or_create(user=user, email=ADDRESS, defaults={"verified": True, "primary": True})
    identities.link_registrations_to_account(user)
    own = registering.register_account(
        forum=forum, user=user, details=details(name="Anne Roy"), consent="Oui", now=timezone.now()
    )
    other.refresh_from_db()
    assert (own.name, own.user, own.state) == ("Anne Roy", user, "confirmed")
    assert (other.name, other.user, other.email_is_contact_only) == ("Marc Côté", None, True)
    assert (confirm(other).name, confirm(other).user) == ("Marc Côté", None)


def test_account_whose_address_is_registered_in_another_name_is_told(forum):
    confirm(register(forum, "Marc Côté"))
    user = UserFactory(email=ADDRESS, name="Anne Roy")
    EmailAddress.objects.get_or_create(user=user, email=ADDRESS, defaults={"verified": True, "primary": True})
    sent = typed(name="Anne Roy", email=ADDRESS)
    page = signed_in(user).post(f"/forums/{forum.slug}/inscription/", sent, follow=True)
    assert "déjà inscrite (Marc Côté)" in page.content.decode()


def test_cancelled_registration_is_never_taken_for_that_of_another(forum):
    first = confirm(register(forum, "Anne Roy"))
    registering.cancel(registration=first, now=timezone.now())
    second = confirm(register(forum, "Marc Côté"))
    assert second.email_is_contact_only is False
    arrived = check_in.check_in(registration=first, now=timezone.now())
    assert (arrived.pk, arrived.email_is_contact_only) == (first.pk, True)
    second.refresh_from_db()
    assert second.checked_in_at is None


def test_staff_are_asked_too(staff_client, forum):
    confirm(register(forum, "Anne Roy"))
    form = typed(name="Marc Côté", email=ADDRESS, key=str(uuid.uuid4()))
    page = f"/gestion/forums/{forum.slug}/inscriptions/nouvelle/"
    asked = staff_client.post(page, form)
    assert (
        "Cette adresse est déjà utilisée par Anne Roy\N{NO-BREAK SPACE}: est-ce cette personne?"
        in asked.content.decode()
    )
    staff_client.post(page, form | {"same_as": "someone_else"})
    round = open_vote(forum, Round.Public.REGISTRANTS)
    assert names_on_roll(round) == {"Anne Roy", "Marc Côté"}


@pytest.mark.django_db(transaction=True)
def test_two_doors_at_once_make_one_arrival_and_the_second_is_told(forum):
    first, second = (client_of(forum, name) for name in ("Alex", "Sacha"))
    slips.create_slips(forum=forum, count=4)
    for _n in range(4):
        person = RegistrationFactory(forum=forum, name="Anne Roy", checked_in_at=None)
        page = door(forum, f"{person.key}/")
        # By QR, then a tap; by name, a tap alone.
        first.get(page)
        answers = at_once([partial(client.post, page, follow=True) for client in (first, second)])
        texts = [answer.content.decode() for answer in answers]
        assert sum("était déjà là" in text for text in texts) == 1
        assert sum("Arrivée confirmée\N{NO-BREAK SPACE}: Anne Roy." in text for text in texts) == 1


@pytest.mark.django_db(transaction=True)
def test_two_doors_at_once_give_one_person_one_slip(forum):
    clients = [client_of(forum, name) for name in ("Alex", "Sacha")]
    slips.create_slips(forum=forum, count=8)
    for n in (1, 3, 5, 7):
        person = RegistrationFactory(forum=forum, name="Anne Roy", checked_in_at=None)
        answers = at_once(
            [
                partial(client.post, door(forum, f"{person.key}/"), {"carton": str(number)})
                for number, client in enumerate(clients, start=n)
            ]
        )
        assert sorted(answer.status_code for answer in answers) == [302, 422]
        (refused,) = [answer for answer in answers if answer.status_code == 422]
        assert "Anne Roy a déjà le carton" in refused.content.decode()
        assert Slip.objects.filter(registration=person).count() == 1
    assert not Slip.objects.exclude(voided_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_walk_ins_of_one_address_at_two_doors_at_once_are_one_registration_and_one_question(forum):
    clients = [client_of(forum, name) for name in ("Alex", "Sacha")]
    answers = at_once(
        [
            partial(at_the_door, client, forum, name)
            for client, name in zip(clients, ("Anne", "Marc"), strict=True)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert Registration.objects.count() == 1


def test_who_has_a_former_address_of_an_account_does_not_take_its_vote(forum):
    """Nor has a second one: only staff can say that they are two."""
    first = UserFactory(email=ADDRESS)
    before = registering.register_account(
        forum=forum, user=first, details=details(name="Anne Roy"), consent="Oui", now=timezone.now()
    )
    round = open_vote(forum, Round.Public.REGISTRANTS)
    entry = RollEntry.objects.get(registration=before)
    EmailAddress.objects.filter(user=first).update(email="anne@exemple.example")
    first.email = "anne@exemple.example"
    first.save()
    second = UserFactory(email=ADDRESS)
    after = registering.register_account(
        forum=forum, user=second, details=details(name="Marc Côté"), consent="Oui", now=timezone.now()
    )
    assert after != before
    entry.refresh_from_db()
    assert (entry.registration, entry.user) == (before, first)
    assert names_on_roll(round) == {"Anne Roy"}
    assert not Notice.objects.filter(registration=after, kind="vote_open").exists()
    roll.add_by_hand(round=round, registration=after, by=first)
    assert names_on_roll(round) == {"Anne Roy", "Marc Côté"}
    assert find_entry_of_user(round, second).registration == after
    check_in.check_in(registration=after, now=timezone.now())
    entries = RollEntry.objects.filter(voided_at=None).order_by("pk")
    assert [(one.user, one.email_hash is None) for one in entries] == [(first, False), (second, True)]

"""The door: arrivals by list, by QR, without registering; who may do it, and what they see."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from forums.models import Registration, RollEntry, Round, Slip
from forums.registration import check_in
from forums.registration.check_in import ArrivalRefused
from forums.registration.day_team import door_closes_at
from forums.vote import slips
from forums.vote.rounds import open_round
from tests.factories import ForumFactory, QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.registering import details, open_forum

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def forum():
    return open_forum()


def door(forum, path=""):
    return f"/gestion/forums/{forum.slug}/presences/{path}"


def awaited(forum, **changes):
    return RegistrationFactory(forum=forum, checked_in_at=None, **changes)


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def test_list_is_searched_without_accents_and_by_organisation(staff_client, forum):
    awaited(forum, name="Zoé L’Écuyer", organisation="Coop du Lac")
    awaited(forum, name="Marc Tremblay")
    for words in ("zoe", "l'ecuyer", "coop LAC", "ÉCUYER zoé"):
        text = text_of(staff_client.get(door(forum), {"q": words}))
        assert "Zoé L’Écuyer" in text
        assert "Marc Tremblay" not in text
    assert "Aucun résultat pour «\u00a0100%_\u00a0»." in text_of(
        staff_client.get(door(forum), {"q": "100%_"})
    )


def test_one_tap_confirms_and_a_second_one_changes_nothing(staff_client, forum):
    person = awaited(forum)
    text = text_of(staff_client.get(door(forum)))
    assert f'action="{door(forum, f"{person.key}/")}"' in text
    staff_client.post(door(forum, f"{person.key}/"))
    person.refresh_from_db()
    arrived = person.checked_in_at
    staff_client.post(door(forum, f"{person.key}/"))
    person.refresh_from_db()
    assert person.checked_in_at == arrived is not None


def test_what_the_qr_opens_shows_who_it_is_and_changes_nothing(staff_client, forum):
    person = awaited(forum, name="Camille Roy")
    assert "Camille Roy" in text_of(staff_client.get(door(forum, f"{person.key}/")))
    person.refresh_from_db()
    assert person.checked_in_at is None


def test_qr_of_another_forum_or_of_nobody_is_a_404(staff_client, forum):
    other = awaited(open_forum())
    for key in (other.key, uuid.uuid4()):
        assert staff_client.get(door(forum, f"{key}/")).status_code == 404
        assert staff_client.post(door(forum, f"{key}/")).status_code == 404
        assert staff_client.post(door(forum, f"{key}/annulation/")).status_code == 404
    other.refresh_from_db()
    assert other.checked_in_at is None


@pytest.mark.parametrize("state", ["waitlisted", "pending", "cancelled"])
def test_whoever_is_there_gets_a_place(staff_client, forum, state):
    person = awaited(forum, state=state, waitlisted_at=timezone.now(), confirmed_at=None)
    staff_client.post(door(forum, f"{person.key}/"))
    person.refresh_from_db()
    assert (person.state, person.is_checked_in, person.confirmed_at is not None) == ("confirmed", True, True)


def test_former_qr_of_someone_who_registered_again_brings_in_the_new_registration(forum):
    former = awaited(forum, name="Anne Roy", email="a@exemple.example", state="cancelled")
    new = awaited(forum, name="anne roy", email="a@exemple.example")
    assert check_in.check_in(registration=former, now=timezone.now()).pk == new.pk
    former.refresh_from_db()
    assert former.state == "cancelled"


def test_walk_in_is_let_in_with_a_name_alone(staff_client, forum):
    key = str(uuid.uuid4())
    form = {"name": "Passant", "kind": "citizen", "organisation": "", "email": "", "key": key}
    for _n in range(2):
        assert staff_client.post(door(forum, "sur-place/"), form).status_code == 302
    person = Registration.objects.get()
    assert (person.name, person.is_walk_in, person.is_checked_in, person.state) == (
        "Passant",
        True,
        True,
        "confirmed",
    )


def test_walk_in_with_a_registered_address_lets_in_that_registration(staff_client, forum):
    person = awaited(forum, email="a@exemple.example")
    form = {"name": "Autre", "kind": "citizen", "email": "A@exemple.example", "key": str(uuid.uuid4())}
    staff_client.post(door(forum, "sur-place/"), form | {"same_as": str(person.key)})
    person.refresh_from_db()
    assert (person.is_checked_in, Registration.objects.count()) == (True, 1)


def test_walk_in_without_a_name_is_told_so(staff_client, forum):
    response = staff_client.post(door(forum, "sur-place/"), {"name": " ", "kind": "citizen"})
    assert response.status_code == 422
    assert 'id="id_name_error"' in response.content.decode()


# --- Undoing -------------------------------------------------------------------------------------------


def test_mistaken_arrival_is_undone_and_its_slip_serves_again(staff_client, forum):
    slips.create_slips(forum=forum, count=1)
    wrong, right = awaited(forum), awaited(forum)
    staff_client.post(door(forum, f"{wrong.key}/"), {"carton": "1"})
    staff_client.post(door(forum, f"{wrong.key}/annulation/"))
    staff_client.post(door(forum, f"{right.key}/"), {"carton": "1"})
    wrong.refresh_from_db()
    assert (wrong.checked_in_at, wrong.state) == (None, "confirmed")
    assert Slip.objects.get().registration_id == right.pk


def test_undone_walk_in_is_cancelled(forum):
    person = check_in.walk_in(
        forum=forum, email="", details=details(), idempotency_key=uuid.uuid4(), now=timezone.now()
    )
    assert check_in.undo_check_in(registration=person, now=timezone.now()).state == "cancelled"


def test_arrival_that_a_vote_counts_on_is_not_undone(staff_client, forum):
    QuestionFactory(round=(round := RoundFactory(forum=forum, public=Round.Public.CHECKED_IN)))
    open_round(round_id=round.pk, by=None)
    person = awaited(forum)
    staff_client.post(door(forum, f"{person.key}/"))
    assert RollEntry.objects.filter(registration=person, is_late=True).exists()
    text = text_of(staff_client.post(door(forum, f"{person.key}/annulation/"), follow=True))
    assert "Un vote tient compte de cette arrivée" in text
    person.refresh_from_db()
    assert person.is_checked_in


# --- Slips ---------------------------------------------------------------------------------------------


def test_slip_scanned_at_the_door_is_that_of_the_person(staff_client, forum):
    (number, code), _other = slips.create_slips(forum=forum, count=2)
    person = awaited(forum)
    scanned = f"http://localhost/vote/{code}/"
    staff_client.post(door(forum, f"{person.key}/"), {"carton": scanned})
    assert Slip.objects.get(number=number).registration_id == person.pk


@pytest.mark.parametrize("written", ["999", "ABCDEFGHJKM", "???", "x" * 300])
def test_slip_that_cannot_be_given_lets_nobody_in_and_keeps_what_was_typed(staff_client, forum, written):
    slips.create_slips(forum=forum, count=1)
    person = awaited(forum)
    response = staff_client.post(door(forum, f"{person.key}/"), {"carton": written})
    assert response.status_code == 422
    assert f'value="{written[:200]}"' in response.content.decode()
    person.refresh_from_db()
    assert person.checked_in_at is None


def test_slip_of_someone_else_is_refused(staff_client, forum):
    slips.create_slips(forum=forum, count=1)
    first, second = awaited(forum), awaited(forum)
    staff_client.post(door(forum, f"{first.key}/"), {"carton": "1"})
    response = staff_client.post(door(forum, f"{second.key}/"), {"carton": "1"})
    assert "remis à quelqu’un d’autre" in response.content.decode()
    assert Slip.objects.get().registration_id == first.pk


# --- Instants, counts, queries -----------------------------------------------------------------------------


@pytest.mark.parametrize(("shift", "lets_in"), [(-SECOND, True), (timedelta(), False), (SECOND, False)])
def test_door_closes_in_the_night_after_the_forum(forum, shift, lets_in):
    person = awaited(forum)
    moment = door_closes_at(forum) + shift
    if lets_in:
        assert check_in.check_in(registration=person, now=moment).is_checked_in
    else:
        with pytest.raises(ArrivalRefused, match="over"):
            check_in.check_in(registration=person, now=moment)


def test_night_ends_at_four_local_time_also_when_clocks_change():
    # Clocks go back on 1 November 2026 in the night.
    ends = timezone.make_aware(timezone.datetime(2026, 10, 31, 22, 0))
    forum = ForumFactory(starts_at=ends - timedelta(hours=5), ends_at=ends)
    assert timezone.localtime(door_closes_at(forum)).strftime("%Y-%m-%d %H:%M %Z") == "2026-11-01 04:00 EST"


def test_cancelled_forum_lets_nobody_in(staff_client, forum):
    person = awaited(forum)
    forum.cancelled_at = timezone.now()
    forum.save()
    text = text_of(staff_client.post(door(forum, f"{person.key}/"), follow=True))
    assert "Cette activité est annulée" in text
    person.refresh_from_db()
    assert person.checked_in_at is None


def test_counts_are_live_and_by_kind(staff_client, forum):
    awaited(forum, kind="partner")
    RegistrationFactory(forum=forum, kind="partner")
    RegistrationFactory(forum=forum, kind="enterprise")
    RegistrationFactory(forum=forum, state="waitlisted", waitlisted_at=timezone.now(), checked_in_at=None)
    found = staff_client.get(door(forum, "compte/")).json()
    assert found == {
        "arrived": 2,
        "expected": 3,
        "kinds": [["Entreprises d’économie sociale", 1], ["Partenaires", 1]],
    }


@pytest.mark.parametrize("count", [1, 3])
def test_door_asks_the_same_queries_for_1_and_3_people(staff_client, forum, django_assert_num_queries, count):
    for _n in range(count):
        awaited(forum)
    staff_client.get(door(forum))
    # Session, person; versions; forum; its sessions; people; two for the counts.
    with django_assert_num_queries(2 + 1 + 5):
        staff_client.get(door(forum))


def test_get_never_changes_anything(staff_client, forum):
    person = RegistrationFactory(forum=forum)
    assert staff_client.get(door(forum, f"{person.key}/annulation/")).status_code == 405
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        staff_client.get(door(forum, "sur-place/"), {"q": "Nouvelle"})
    assert Registration.objects.count() == 1

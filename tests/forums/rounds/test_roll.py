"""The roll: who is on it, who was added or taken off, and never how anyone voted."""

from __future__ import annotations

import html

import pytest
from django.urls import reverse

from forums.models import Ballot, Registration, RollEntry, RoundEvent
from forums.registration.check_in import check_in
from forums.vote import paper_issue, roll, rounds
from tests.factories import RegistrationFactory
from tests.forums.rounds.conftest import address, entries, vote


def text_of(response):
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


def rows_of(response):
    return [(entry.registration.name, entry.is_on_paper, entry.is_late) for entry in response.context["page"]]


def test_roll_is_searched_without_accents(make_round, staff_client):
    round = make_round("planned", people=0)
    for name, organisation in (("Zoé Côté", ""), ("Ali Ben", "Coopérative Côté-Sud"), ("Luc Roy", "")):
        RegistrationFactory(forum=round.forum, name=name, organisation=organisation)
    rounds.open_round(round_id=round.pk, by=None)
    page = address("roll", round)
    assert [row[0] for row in rows_of(staff_client.get(page))] == ["Ali Ben", "Luc Roy", "Zoé Côté"]
    assert [row[0] for row in rows_of(staff_client.get(page, {"q": "cote"}))] == ["Ali Ben", "Zoé Côté"]
    assert [row[0] for row in rows_of(staff_client.get(page, {"q": "zoe COTE"}))] == ["Zoé Côté"]
    assert rows_of(staff_client.get(page, {"q": "%"})) == []


def test_roll_page_is_the_same_whoever_voted_online(make_round, staff_client):
    round = make_round("open")
    page = address("roll", round)
    before = staff_client.get(page).context["page"].object_list
    vote(round, entries(round)[1])
    after = staff_client.get(page).context["page"].object_list
    assert [entry.__dict__.keys() for entry in before] == [entry.__dict__.keys() for entry in after]
    assert "ne dit jamais si quelqu’un a voté en ligne" in text_of(staff_client.get(page))


def test_taking_off_needs_a_reason_and_deletes_the_ballot(make_round, staff_client, staff):
    round = make_round("open")
    entry = entries(round)[0]
    vote(round, entry)
    page = address("roll_void", round, entry_id=entry.pk)
    staff_client.post(page, {"reason": ""})
    assert Ballot.objects.count() == 1
    for _click in range(2):
        staff_client.post(page, {"reason": "Inscription en double."})
    assert Ballot.objects.count() == 0
    event = RoundEvent.objects.get(round=round, kind="voided")
    assert (event.reason, event.by) == ("Inscription en double.", staff)


@pytest.mark.parametrize("state", ["closed", "sealed"])
def test_closed_roll_no_longer_changes(make_round, staff_client, state):
    round = make_round("open", papers=1)
    entry = entries(round)[0]
    registration = RegistrationFactory(forum=round.forum)
    rounds.close_round(round_id=round.pk, by=None)
    text = text_of(
        staff_client.post(address("roll_void", round, entry_id=entry.pk), {"reason": "Non"}, follow=True)
    )
    assert "Le vote n’est pas ouvert : sa liste ne change plus." in text
    text = text_of(
        staff_client.post(address("roll_add", round), {"registration": registration.pk}, follow=True)
    )
    assert "Le vote n’est pas ouvert : sa liste ne change plus." in text
    assert RollEntry.objects.filter(round=round, voided_at=None).count() == 3


def test_entry_of_another_round_is_a_404(make_round, staff_client):
    first, second = make_round("open"), make_round("open")
    wrong = address("roll_void", second, entry_id=entries(first)[0].pk)
    assert staff_client.post(wrong, {"reason": "Non"}).status_code == 404


def test_whoever_was_taken_off_comes_back_by_hand_alone(make_round, staff_client, staff):
    round = make_round("open")
    entry = entries(round)[0]
    registration = Registration.objects.get(pk=entry.registration_id)
    roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Par erreur", by=staff)
    roll.add_latecomers(forum_id=round.forum_id, registration=registration)
    assert RollEntry.objects.filter(round=round, voided_at=None).count() == 2
    found = staff_client.get(address("roll", round), {"ajout": registration.name}).context["found"]
    assert found == [registration]
    for _click in range(2):
        staff_client.post(address("roll_add", round), {"registration": registration.pk})
    assert RollEntry.objects.filter(round=round, voided_at=None).count() == 3
    assert RoundEvent.objects.filter(round=round, kind="added").count() == 1


def test_whoever_holds_a_paper_and_was_taken_off_never_comes_back(make_round, staff_client, staff):
    round = make_round("open", papers=1)
    entry = entries(round)[0]
    paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Partie", by=staff)
    registration = {"registration": entry.registration_id}
    text = text_of(staff_client.post(address("roll_add", round), registration, follow=True))
    assert "elle ne peut plus y être remise" in text
    assert RollEntry.objects.filter(round=round, voided_at=None).count() == 2


def test_only_those_of_the_public_are_added(make_round, staff_client):
    round = make_round("open")
    awaited = RegistrationFactory(forum=round.forum, checked_in_at=None)
    stranger = RegistrationFactory()
    for registration in (awaited, stranger):
        text = text_of(
            staff_client.post(address("roll_add", round), {"registration": registration.pk}, follow=True)
        )
        assert "Ce vote n’est pas destiné à cette personne." in text
    for odd in ("", "0", "x", "9" * 30):
        assert staff_client.post(address("roll_add", round), {"registration": odd}).status_code == 302
    assert RollEntry.objects.filter(round=round).count() == 3


def test_check_in_adds_a_latecomer_by_itself(make_round, staff_client):
    from django.utils import timezone

    round = make_round("open")
    awaited = RegistrationFactory(forum=round.forum, checked_in_at=None, name="Tardif Léveillé")
    check_in(registration=awaited, now=timezone.now())
    row = staff_client.get(address("roll", round), {"q": "tardif"})
    assert rows_of(row) == [("Tardif Léveillé", False, True)]
    assert row.context["dashboard"].counts["added"] == 1


@pytest.mark.parametrize("count", [1, 3])
def test_roll_asks_the_same_queries_for_1_and_3_rows(
    make_round, staff_client, django_assert_num_queries, count
):
    round = make_round("open", people=count)
    staff_client.get(address("roll", round))
    with django_assert_num_queries(13):
        staff_client.get(address("roll", round))


def test_roll_of_an_erased_account_stays(make_round, staff_client):
    round = make_round("planned", people=0, public="accounts")
    rounds.open_round(round_id=round.pk, by=None)
    RollEntry.objects.filter(round=round).update(user=None)
    assert "Compte supprimé" in text_of(staff_client.get(address("roll", round)))
    assert reverse("staff:roll_add", args=[round.forum.slug, 1]) not in text_of(
        staff_client.get(address("roll", round))
    )

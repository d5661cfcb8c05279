"""The sums that must agree, what is said when they don't, and the seal that waits for them."""

from __future__ import annotations

import hashlib
import html
import io

import pytest
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader

from forums.event.open_and_seal import seal_vote
from forums.models import PaperBallot, PaperTyping, Results, RollEntry, Round, RoundEvent, SealedBox
from forums.results.published_reconciliation import reconciliation_groups
from forums.tally.box import read, receipt_hash
from forums.vote import casting, paper_entry, paper_issue, roll, slips
from forums.vote.methods.registry import COUNTING
from forums.vote.reconciliation import Reconciliation, reconcile
from tests.forums.rounds.conftest import address, close, entries, fresh, serials, type_twice, vote
from tests.forums.sealed import publish_results


def text_of(response):
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


@pytest.fixture
def evening(make_round):
    """Twelve vote online, three on paper; closed: (round, serials)."""
    round = make_round("open", people=15, papers=6)
    people = entries(round)
    for place, entry in enumerate(people[:12]):
        vote(round, entry, [1, 2 + place % 3], [(1 + place % 2, 3)])
    close(round, papers_of=people[12:])
    return fresh(round), serials(round)


def sums(staff_client, round):
    response = staff_client.get(address("reconciliation", round))
    return [(each.left, each.right, each.agrees) for each in response.context["comparisons"]], text_of(
        response
    )


def test_sums_agree_step_by_step_and_only_then_is_it_sealed(evening, staff_client):
    round, found = evening
    state, text = sums(staff_client, round)
    assert state == [(3, 0, False), (15, 12, False)]
    assert "Il manque 3 bulletins" in text
    assert "Sceller l’urne" not in text
    type_twice(round, found[0])
    type_twice(round, found[1], [], [])
    assert "Il manque 1 bulletin :" in sums(staff_client, round)[1]
    refused = staff_client.post(address("round_seal", round))
    assert refused.url == address("reconciliation", round)
    assert fresh(round).sealed_at is None
    type_twice(round, found[2], [2], [(5, 4)])
    state, text = sums(staff_client, round)
    assert state == [(3, 3, True), (15, 15, True)]
    assert "Sceller l’urne" in text
    for _click in range(2):
        staff_client.post(address("round_seal", round))
    box = SealedBox.objects.get()
    assert box.outcome["questions"][0]["ballots"] == 14
    assert box.outcome["questions"][0]["blank"] == 1
    assert fresh(round).state_at(timezone.now()) == Round.State.SEALED


def test_paper_typed_once_blocks_the_seal_in_words(evening, staff_client):
    round, found = evening
    for serial in found[:2]:
        type_twice(round, serial)
    paper_entry.type_paper(
        round_id=round.pk, serial=found[2],
        answers={1: paper_entry.Answer([1]), 2: paper_entry.Answer([])}, typist="user:9", typist_name="x",
    )  # fmt: skip
    assert "1 bulletin n’a été saisi que par une personne" in sums(staff_client, round)[1]
    staff_client.post(address("round_seal", round))
    assert fresh(round).sealed_at is None


def test_lost_paper_is_declared_publicly_and_taken_back(evening, staff_client):
    round, found = evening
    for serial in found[:2]:
        type_twice(round, serial)
    page = address("papers_lost", round)
    assert staff_client.post(page, {"count": 1, "reason": ""}).status_code == 422
    text = text_of(staff_client.post(page, {"count": 4, "reason": "Partis"}, follow=True))
    assert "plus de bulletins perdus que de bulletins remis" in text
    staff_client.post(page, {"count": 1, "reason": "Parti avec quelqu’un."})
    assert sums(staff_client, round)[0] == [(3, 3, True), (15, 15, True)]
    staff_client.post(page, {"count": 0, "reason": ""})
    assert (fresh(round).papers_lost, fresh(round).papers_lost_because) == (0, "")
    staff_client.post(page, {"count": 1, "reason": "Parti avec quelqu’un."})
    staff_client.post(address("round_seal", round))
    assert SealedBox.objects.get().reconciliation["papers_lost"] == 1
    refused = text_of(staff_client.post(page, {"count": 0, "reason": ""}, follow=True))
    assert "Le scrutin n’en est plus là" in refused
    assert fresh(round).papers_lost == 1


def test_more_papers_than_were_given_is_said(evening, staff_client):
    round, found = evening
    for serial in found[:4]:
        type_twice(round, serial)
    state, text = sums(staff_client, round)
    assert state[0] == (3, 4, False)
    assert "Il est revenu 1 bulletin de plus qu’il n’en a été remis" in text
    staff_client.post(address("round_seal", round))
    assert fresh(round).sealed_at is None


def note(staff_client, round, entry, reason="Remis pendant la panne du Wi-Fi."):
    page = address("roll_paper", round, entry_id=entry.pk)
    return text_of(staff_client.post(page, {"reason": reason}, follow=True))


@pytest.fixture
def one_too_many(evening):
    """Four papers came back, three were noted: (round, the people who voted online)."""
    round, found = evening
    for serial in found[:4]:
        type_twice(round, serial)
    return round, entries(round)[:12]


def test_paper_that_nobody_noted_is_noted_after_the_closing(one_too_many, staff, staff_client):
    round, people = one_too_many
    assert "Un bulletin remis sans être noté" in sums(staff_client, round)[1]
    roll = text_of(staff_client.get(address("roll", round)))
    assert roll.count("Noter un bulletin papier…") == 12
    page = address("roll_paper", round, entry_id=people[0].pk)
    assert "Remplissez le champ" in text_of(staff_client.post(page, {"reason": ""}))
    text = note(staff_client, round, people[0])
    assert "Noté." in text
    # The ballot online went: the paper counts.
    assert sums(staff_client, round)[0] == [(4, 4, True), (15, 15, True)]
    assert casting.turnout(round.pk) == (15, 15)
    assert "Noter un bulletin papier…" not in text_of(staff_client.get(address("roll", round)))
    # Another one would make room for a paper that is not in the box.
    assert "Rien à noter" in note(staff_client, round, people[1])
    assert "déjà noté" in note(staff_client, round, people[0])
    assert sums(staff_client, round)[0] == [(4, 4, True), (15, 15, True)]
    staff_client.post(address("round_seal", round))
    assert SealedBox.objects.get().reconciliation["papers_noted"] == 1
    # The roll went with the ballots.
    assert staff_client.get(address("roll_paper", round, entry_id=people[2].pk)).status_code == 404
    noted = RoundEvent.objects.get(round=round, kind="noted")
    assert (noted.reason, noted.by) == ("Remis pendant la panne du Wi-Fi.", staff)


def test_ballot_of_whoever_is_noted_goes_and_their_slip_stays(make_round, staff):
    round = make_round("open", people=16, papers=3)
    people = entries(round)
    receipts = [vote(round, entry).receipt for entry in people[:12]]
    ((_number, code),) = slips.create_slips(forum=round.forum, count=1)
    slip = slips.find_slip(forum_id=round.forum_id, written=code)
    slips.activate_slip(slip=slip, registration=people[0].registration)
    close(round)
    type_twice(round, serials(round)[0])
    assert paper_issue.note_paper_late(round_id=round.pk, entry_id=people[0].pk, reason="Oubli", by=staff)
    assert not paper_issue.note_paper_late(round_id=round.pk, entry_id=people[0].pk, reason="Oubli", by=staff)
    slip.refresh_from_db()
    # It is good for the other votes of the forum.
    assert slip.voided_at is None
    box = seal_vote(round_id=round.pk, by=None)
    assert sorted(box.receipts) == sorted(receipt_hash(receipt) for receipt in receipts[1:])
    assert box.reconciliation["papers_noted"] == 1


def test_whoever_typed_papers_does_not_note_one(one_too_many, staff, staff_client):
    round, people = one_too_many
    PaperTyping.objects.filter(typist="user:0", paper__round=round).update(typist=f"user:{staff.pk}")
    assert "Vous avez saisi des bulletins de ce vote" in note(staff_client, round, people[0])
    assert not RoundEvent.objects.filter(kind="noted").exists()


def test_few_papers_are_noted_for_those_given_in_time(make_round, staff):
    """One for ten that were given, and one at least."""
    for given, most in ((0, 1), (19, 1), (20, 2)):
        round = make_round("open", people=given + 4, papers=given + 4)
        close(round, papers_of=entries(round)[:given])
        for serial in serials(round):
            type_twice(round, serial)
        done = 0
        with pytest.raises(paper_issue.NothingToNote):
            for entry in entries(round)[given:]:
                done += paper_issue.note_paper_late(
                    round_id=round.pk, entry_id=entry.pk, reason="Oubli", by=staff
                )
        assert done == most


@pytest.mark.parametrize("is_typed_once", [True, False])
def test_paper_is_not_noted_while_one_is_unsettled_or_missing(evening, staff_client, is_typed_once):
    round, found = evening
    for serial in found[: 4 if is_typed_once else 2]:
        type_twice(round, serial)
    if is_typed_once:
        paper_entry.type_paper(
            round_id=round.pk, serial=found[4],
            answers={1: paper_entry.Answer([1]), 2: paper_entry.Answer([])}, typist="user:9", typist_name="x",
        )  # fmt: skip
    assert "Un bulletin remis sans être noté" not in sums(staff_client, round)[1]
    assert "Rien à noter" in note(staff_client, round, entries(round)[0])
    assert not RoundEvent.objects.filter(kind="noted").exists()


def test_paper_is_not_noted_while_the_vote_is_open_nor_of_someone_taken_off(
    make_round, one_too_many, staff_client
):
    round, people = one_too_many
    RollEntry.objects.filter(pk=people[0].pk).update(voided_at=timezone.now(), voided_because="Erreur")
    assert "n’est pas sur la liste" in note(staff_client, round, people[0])
    opened = make_round("open", papers=1)
    assert "n’en est plus là" in note(staff_client, opened, entries(opened)[0])
    assert not RoundEvent.objects.filter(kind="noted").exists()


def test_box_sealed_before_papers_could_be_noted_is_still_read(evening):
    round, _serials = evening
    stored = reconcile(round).as_json()
    del stored["papers_noted"]
    assert Reconciliation.from_json(stored) == reconcile(round)


def test_reasons_are_published_with_the_results(make_round, staff, staff_client, client):
    round = make_round("open", people=17, papers=6)
    people = entries(round)
    for entry in people[:12]:
        vote(round, entry)
    for entry in people[15:]:
        roll.void_entry(round_id=round.pk, entry_id=entry.pk, reason="Inscrit deux fois.", by=staff)
    forum = round.forum.get_absolute_url()
    assert "Inscrit deux fois." not in text_of(client.get(forum))
    close(round, papers_of=people[12:14])
    for serial in serials(round)[:2]:
        type_twice(round, serial)
    staff_client.post(address("papers_lost", round), {"count": 1, "reason": "Parti avec quelqu’un."})
    type_twice(round, serials(round)[2])
    staff_client.post(address("papers_lost", round), {"count": 0, "reason": ""})
    note(staff_client, round, people[14], "Remis sans être noté.")
    staff_client.post(address("round_seal", round))
    publish_results(round.forum)
    said = text_of(client.get(f"{forum}resultats/"))
    assert '<p class="small">Retrait de la liste : Inscrit deux fois. (× 2)</p>' in said
    assert '<p class="small">Noté après la fermeture : Remis sans être noté.</p>' in said
    assert "Inscrit deux fois." in text_of(client.get(forum))
    log = client.get(f"{forum}resultats.json").json()["rounds"][0]["log"]
    assert [(event["kind"], event["reason"]) for event in log] == [
        ("opened", ""),
        ("voided", "Inscrit deux fois."),
        ("voided", "Inscrit deux fois."),
        ("closed", ""),
        ("noted", "Remis sans être noté."),
        ("sealed", ""),
    ]


def test_reason_of_a_loss_is_published_with_the_results(evening, staff_client, client):
    round, found = evening
    for serial in found[:2]:
        type_twice(round, serial)
    staff_client.post(address("papers_lost", round), {"count": 1, "reason": "Parti avec quelqu’un."})
    staff_client.post(address("round_seal", round))
    publish_results(round.forum)
    base = round.forum.get_absolute_url()
    assert "Bulletins perdus : Parti avec quelqu’un." in text_of(client.get(f"{base}resultats/"))
    pages = PdfReader(io.BytesIO(client.get(f"{base}resultats.pdf").content)).pages
    assert "Parti avec quelqu’un." in " ".join(page.extract_text() for page in pages).replace("\n", " ")


def test_sums_are_not_shown_while_the_vote_is_open(make_round, staff_client):
    round = make_round("open", papers=1)
    assert staff_client.get(address("reconciliation", round)).url == address("round", round)
    staff_client.post(address("papers_lost", round), {"count": 0, "reason": ""})
    assert fresh(round).papers_lost is None


def test_record_is_legible_with_long_reasons(evening, staff_client):
    """Labels stand on one line beside their numbers, whatever the length of a reason."""
    round, found = evening
    for serial in found[:2]:
        type_twice(round, serial)
    because = (
        "Cette personne est partie avec le sien sans passer par la table, et n’a pas répondu au téléphone. "
        * 2
    )
    staff_client.post(address("papers_lost", round), {"count": 1, "reason": because.strip()})
    staff_client.post(address("round_seal", round))
    response = staff_client.get(address("round_record", round))
    lines = (
        PdfReader(io.BytesIO(response.content)).pages[0].extract_text().replace("\u00a0", " ").splitlines()
    )
    assert any("Cartons imprimés" in line for line in lines)
    assert any("partie avec le sien sans passer par la table" in line for line in lines)


def test_box_and_record_are_those_of_the_seal(evening, staff_client):
    round, found = evening
    for serial in found[:3]:
        type_twice(round, serial)
    assert staff_client.get(address("round_box", round)).status_code == 404
    staff_client.post(address("round_seal", round))
    round = fresh(round)
    content = staff_client.get(address("round_box", round)).content
    assert hashlib.sha256(content).hexdigest() == round.seal
    assert read(content.decode(), COUNTING).round_number == 1
    record = staff_client.get(address("round_record", round))
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(record.content)).pages)
    assert round.seal[:8] in words
    assert "Procès-verbal du vote" in words


def test_staff_page_published_page_and_record_say_the_same_words(evening, staff_client, client):
    round, found = evening
    for serial in found[:2]:
        type_twice(round, serial)
    staff_client.post(address("papers_lost", round), {"count": 1, "reason": "Emporté par la pluie."})
    staff_client.post(address("round_seal", round))
    staff_client.post(address("round_publish", round))
    record = PdfReader(io.BytesIO(staff_client.get(address("round_record", round)).content))
    texts = {
        "staff": text_of(staff_client.get(address("reconciliation", round))),
        "published": text_of(client.get(reverse("forums:results", args=[round.forum.slug]))),
        "record": " ".join(page.extract_text() for page in record.pages),
    }
    with translation.override("fr"):
        reconciliation = Reconciliation.from_json(SealedBox.objects.get().reconciliation)
        groups = reconciliation_groups(reconciliation, (), list(round.events.all()), "Emporté par la pluie.")
    assert [group.title for group in groups if not group.is_used] == ["Cartons de vote du forum"]
    for name, text in texts.items():
        words = " ".join(text.split())
        for group in groups:
            if group.is_used or name != "published":
                said = [group.title, *(label for label, _count in group.lines), *group.checks, *group.reasons]
                assert [each for each in said if each.replace("\u00a0", " ") not in words] == [], name


def test_fewer_than_ten_ballots_leave_no_box(make_round, staff_client):
    round = make_round("sealed")
    assert staff_client.get(address("round_box", round)).status_code == 404
    assert "Moins de 10 bulletins" in text_of(staff_client.get(address("round", round)))


def test_from_the_last_paper_to_the_published_page_in_two_clicks(evening, staff_client, client):
    round, found = evening
    for serial in found[:3]:
        type_twice(round, serial)
    staff_client.post(address("round_seal", round))
    staff_client.post(address("round_publish", round))
    assert Results.objects.get().published_at is not None
    assert client.get(reverse("forums:results", args=[round.forum.slug])).status_code == 200


def test_sealed_page_still_has_all_numbers(evening, staff_client):
    round, found = evening
    for serial in found[:3]:
        type_twice(round, serial)
    before = staff_client.get(address("reconciliation", round)).context["found"]
    staff_client.post(address("round_seal", round))
    assert staff_client.get(address("reconciliation", round)).context["found"] == before
    assert PaperBallot.objects.count() == 0


@pytest.mark.parametrize("people", [1, 3])
@pytest.mark.parametrize(("state", "queries"), [("drawn", 11), ("open", 12), ("closed", 18), ("sealed", 13)])
def test_page_of_a_round_asks_the_same_queries_for_few_and_many(
    make_round, staff_client, django_assert_num_queries, state, queries, people
):
    round = make_round(state, people=people, papers=0 if state == "sealed" else people)
    staff_client.get(address("round", round))
    with django_assert_num_queries(queries):
        staff_client.get(address("round", round))

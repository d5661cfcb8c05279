"""Paper: printed once, given out while the vote is open, typed twice after, decided when two differ."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from forums.event.open_and_seal import seal_vote
from forums.models import Ballot, PaperBallot, PaperTyping, Question, RollEntry, Round, Slip
from forums.registration import day_team
from forums.vote import paper_entry, paper_issue, rounds, slips
from forums.vote.casting import VoteNotOpen, questions_of
from forums.vote.methods.base import BallotFault
from forums.vote.paper_entry import Answer, TypingResult, parse_answer
from forums.vote.sealing import Unreconciled
from tests.conftest import signed_in
from tests.factories import UserFactory
from tests.forums.closing import bring_closing
from tests.forums.rounds.conftest import address, close, entries, fresh, serials, type_twice, vote
from tests.forums.voting.conftest import together


def text_of(response):
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


@pytest.fixture
def second_client(db):
    return signed_in(UserFactory(name="Lou Gagné", is_staff=True), second_factor=True)


@pytest.fixture
def pile(make_round):
    """A closed round with papers given to its three people: (round, serials)."""
    round = make_round("open", papers=5)
    close(round, papers_of=entries(round))
    return fresh(round), serials(round)


# --- Printing and giving out --------------------------------------------------------------------------


def test_papers_are_printed_with_their_serials(make_round, staff_client):
    round = make_round("drawn")
    response = staff_client.post(
        address("paper_print", round), {"count": 3, "seen": 0, "is_large_print": "on"}
    )
    reader = PdfReader(io.BytesIO(response.content))
    words = " ".join(page.extract_text() for page in reader.pages)
    assert {found for found in re.findall(r"\b[0-9A-Z]{5}\b", words) if found in serials(round)} == set(
        serials(round)
    )
    assert len(serials(round)) == 3
    assert PaperBallot.objects.filter(is_large_print=True).count() == 3


def test_second_click_prints_no_more_papers(make_round, staff_client):
    round = make_round("drawn")
    for _click in range(2):
        staff_client.post(address("paper_print", round), {"count": 3, "seen": 0})
    assert PaperBallot.objects.count() == 3


@pytest.mark.parametrize("state", ["planned", "closed", "sealed", "annulled"])
def test_nothing_is_printed_before_the_draw_nor_after_closing(make_round, staff_client, state):
    round = make_round(state)
    assert staff_client.post(address("paper_print", round), {"count": 3, "seen": 0}).status_code == 302
    assert PaperBallot.objects.count() == 0


def test_giving_a_paper_deletes_the_ballot_and_kills_the_slip(make_round, staff_client):
    round = make_round("open", papers=2)
    entry, other = entries(round)[:2]
    slips.create_slips(forum=round.forum, count=1)
    slips.activate_slip(slip=Slip.objects.get(), registration=entry.registration)
    vote(round, entry)
    vote(round, other)
    found = staff_client.get(address("paper_issue", round), {"q": entry.registration.name})
    assert "Oui, le bulletin est en main" in text_of(found)
    said = text_of(staff_client.post(address("paper_issue", round), {"entry": entry.pk}, follow=True))
    assert "Son bulletin en ligne a été supprimé" in said
    assert (Ballot.objects.count(), Slip.objects.get().voided_because) == (1, "paper")
    again = text_of(staff_client.post(address("paper_issue", round), {"entry": entry.pk}, follow=True))
    assert "Son bulletin en ligne a été supprimé" not in again
    assert RollEntry.objects.filter(is_on_paper=True).count() == 1


def test_no_paper_is_given_once_closed(make_round, staff_client):
    round = make_round("open", papers=2)
    entry = entries(round)[0]
    rounds.close_round(round_id=round.pk, by=None)
    said = text_of(staff_client.post(address("paper_issue", round), {"entry": entry.pk}, follow=True))
    assert "aucun bulletin papier ne peut être remis" in said
    assert RollEntry.objects.filter(is_on_paper=True).count() == 0


def test_paper_is_given_until_the_very_instant(make_round):
    """By the database's clock, as ballots are taken."""
    round = make_round("open", people=2)
    first, second = entries(round)
    assert paper_issue.issue_paper(round_id=round.pk, entry_id=first.pk) is False
    bring_closing(round)
    with pytest.raises(VoteNotOpen):
        paper_issue.issue_paper(round_id=round.pk, entry_id=second.pk)
    assert RollEntry.objects.filter(is_on_paper=True).count() == 1


# --- Reading what was typed -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [("3 1", [1, 3]), (" 3,1 ", [1, 3]), ("2", [2]), ("0", []), ("Blanc", []), ("1;2;3", [1, 2, 3])],
)
def test_ticks_are_read(make_round, typed, chosen):
    question = questions_of(make_round("drawn"))[0]
    assert parse_answer(question, typed) == Answer(chosen)


@pytest.mark.parametrize(
    ("typed", "chosen"), [("3=4 1=2", [[1, 2], [3, 4]]), ("3 = 4, 1:1", [[1, 1], [3, 4]]), ("0", [])]
)
def test_points_are_read(make_round, typed, chosen):
    question = questions_of(make_round("drawn"))[1]
    assert parse_answer(question, typed) == Answer(chosen)


@pytest.mark.parametrize(
    ("place", "typed", "seen"),
    [(0, "1 2 3 4 x", (1, 2, 3, 4)), (0, "X", ()), (1, "1=9 x", ([1, 9],)), (0, "1 2 x", (1, 2))],
)
def test_rejected_is_read_with_what_was_seen(make_round, place, typed, seen):
    question = questions_of(make_round("drawn"))[place]
    assert parse_answer(question, typed) == Answer(None, seen)


@pytest.mark.parametrize(
    ("place", "typed", "code"),
    [
        (0, "", "empty"), (0, "  ", "empty"), (0, "6", "unknown"), (0, "-1", "unknown"), (0, "²", "unknown"),
        (0, "1 1", "twice"), (0, "1 2 3 4", "too_many"), (0, "1=2", "unknown"), (0, "1 0", "unknown"),
        (0, "0 x", "unknown"), (1, "3", "points"), (1, "3=0", "points"), (1, "3=x", "points"),
        (1, "1=4 2=4 3=3", "too_many_points"), (1, "1=5", "too_many_each"), (1, "1=1 1=2", "twice"),
        (1, "9=1", "unknown"), (0, "9" * 300, "unknown"), (1, "1=" + "9" * 300, "points"),
    ],
)  # fmt: skip
def test_what_says_nothing_sure_is_refused(make_round, place, typed, code):
    question = questions_of(make_round("drawn"))[place]
    with pytest.raises(BallotFault) as refused:
        parse_answer(question, typed)
    assert refused.value.code == code


# --- Typing ---------------------------------------------------------------------------------------------


def typed(serial, first="1 2", second="1=4"):
    return {"serial": serial, "q1": first, "q2": second}


def test_two_people_type_the_same_and_it_settles(pile, staff_client, second_client):
    round, (serial, *_others) = pile
    page = address("paper_typing", round)
    said = text_of(staff_client.post(page, typed(serial.lower()), follow=True))
    assert "Une autre personne le saisira aussi." in said
    assert PaperBallot.objects.get(serial=serial).outcome == ""
    said = text_of(second_client.post(page, typed(serial, "2 1", "1 = 4"), follow=True))
    assert "deux personnes ont lu la même chose" in said
    settled = PaperBallot.objects.get(serial=serial)
    assert (settled.outcome, settled.choices) == ("typed", {"1": [1, 2], "2": [[1, 4]]})


def test_same_person_never_types_twice(pile, staff_client):
    round, (serial, *_others) = pile
    page = address("paper_typing", round)
    for _click in range(2):
        assert staff_client.post(page, typed(serial)).status_code == 302
    assert PaperTyping.objects.count() == 1
    response = staff_client.post(page, typed(serial, "3"))
    assert response.status_code == 422
    assert "Vous avez déjà saisi ce bulletin, autrement." in text_of(response)
    assert (PaperTyping.objects.count(), PaperBallot.objects.get(serial=serial).outcome) == (1, "")


def test_second_person_sees_nothing_of_the_first(pile, staff_client, second_client):
    round, (serial, *_others) = pile
    staff_client.post(address("paper_typing", round), typed(serial, "5 4", "2=3"))
    page = text_of(second_client.get(address("paper_typing", round)))
    assert "Dominique Caron" not in page
    fields = list(second_client.get(address("paper_typing", round)).context["form"])
    assert {field.value() for field in fields} == {None}
    response = second_client.post(address("paper_typing", round), typed(serial, "9"))
    assert "5 4" not in text_of(response).partition("<main")[2]


def test_third_person_is_told_that_it_is_done(pile, staff_client):
    round, (serial, *_others) = pile
    type_twice(round, serial)
    response = staff_client.post(address("paper_typing", round), typed(serial))
    assert "Deux personnes ont déjà saisi ce bulletin" in text_of(response)


@pytest.mark.parametrize(
    ("answers", "outcome", "choices"),
    [
        (("0", "0"), "blank", {"1": [], "2": []}),
        (("1 2 3 4 x", "x"), "rejected", {}),
        (("1 2 3 4 x", "2=3"), "typed", {"2": [[2, 3]]}),
        (("x", "0"), "typed", {"2": []}),
        (("3", "0"), "typed", {"1": [3], "2": []}),
    ],
)
def test_outcomes(pile, staff_client, second_client, answers, outcome, choices):
    round, (serial, *_others) = pile
    for client in (staff_client, second_client):
        client.post(address("paper_typing", round), typed(serial, *answers))
    paper_ballot = PaperBallot.objects.get(serial=serial)
    assert (paper_ballot.outcome, paper_ballot.choices) == (outcome, choices)


def test_two_rejections_agree_whatever_marks_were_seen(pile):
    round, (serial, *_others) = pile
    for typist, seen in (("user:1", (1, 2, 3, 4)), ("user:2", (1, 2, 3, 5))):
        result = paper_entry.type_paper(
            round_id=round.pk, serial=serial, answers={1: Answer(None, seen), 2: Answer([])},
            typist=typist, typist_name="x",
        )  # fmt: skip
    assert result == TypingResult.AGREED
    seen = PaperTyping.objects.order_by("pk").first().choices["seen"]
    assert seen == {"1": [1, 2, 3, 4]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"serial": "ZZZZZ"}, "Aucun bulletin de ce scrutin n’a cette série."),
        ({"serial": "12"}, "Une série a cinq lettres et chiffres."),
        ({"q1": ""}, "Tapez les numéros cochés"),
        ({"q1": "1 2 3 4"}, "ajoutez x : il sera rejeté"),
        ({"q2": "3"}, "Tapez « numéro=points »"),
        ({"q1": "12"}, "« 12 » n’est pas le numéro d’une option"),
    ],
)
def test_bad_typing_is_said_and_kept(pile, staff_client, changes, said):
    round, (serial, *_others) = pile
    response = staff_client.post(address("paper_typing", round), typed(serial) | changes)
    assert response.status_code == 422
    assert said in text_of(response)
    assert response.context["form"]["q2"].value() == changes.get("q2", "1=4")
    assert PaperTyping.objects.count() == 0


def test_letters_alike_are_one_in_a_serial(pile, staff_client):
    round, _serials = pile
    PaperBallot.objects.create(round=round, serial="0A1B2")
    staff_client.post(address("paper_typing", round), typed("oAlb2"))
    assert PaperTyping.objects.get().paper.serial == "0A1B2"


@pytest.mark.parametrize("state", ["drawn", "open", "sealed", "annulled"])
def test_nothing_is_typed_before_closing_nor_after_the_seal(make_round, staff_client, state):
    round = make_round(state)
    given = PaperBallot.objects.create(round=round, serial="ABCDE")
    response = staff_client.post(address("paper_typing", round), typed(given.serial))
    assert response.status_code == 422
    assert PaperTyping.objects.count() == 0


@pytest.mark.parametrize(("seconds", "count"), [(-1, 0), (0, 1), (1, 1)])
def test_typing_begins_at_the_closing_time_even_if_nobody_closed(
    make_round, staff_client, monkeypatch, seconds, count
):
    round = make_round("open", papers=1)
    monkeypatch.setattr(paper_entry, "database_now", lambda: round.closes_at + timedelta(seconds=seconds))
    staff_client.post(address("paper_typing", round), typed(serials(round)[0]))
    assert PaperTyping.objects.count() == count


# --- Differences -----------------------------------------------------------------------------------------


def test_difference_is_shown_and_decided_with_a_reason(pile, staff_client, second_client):
    round, (serial, *_others) = pile
    staff_client.post(address("paper_typing", round), typed(serial, "1 2"))
    said = text_of(second_client.post(address("paper_typing", round), typed(serial, "1 3"), follow=True))
    assert "lu le bulletin" in said
    with pytest.raises(Unreconciled):
        seal_vote(round_id=round.pk, by=None)
    page = text_of(staff_client.get(address("paper_disputes", round)))
    assert "1 2" in page
    assert "1 3" in page
    waiting = PaperBallot.objects.get(serial=serial)
    resolve = address("paper_resolve", round, paper_id=waiting.pk)
    answers = {"q1": "1 3", "q2": "1=4"}
    assert staff_client.post(resolve, answers).status_code == 422
    for _click in range(2):
        staff_client.post(resolve, answers | {"reason": "Le 3 est bien coché."})
    decided = PaperBallot.objects.get(serial=serial)
    assert (decided.outcome, decided.choices["1"]) == ("typed", [1, 3])
    assert decided.resolved_because == "Le 3 est bien coché."
    staff_client.post(resolve, {"q1": "5", "q2": "0", "reason": "Autrement"})
    assert PaperBallot.objects.get(serial=serial).choices["1"] == [1, 3]


def test_paper_typed_once_is_not_decided_but_may_be_dropped(pile, staff_client):
    round, (serial, *_others) = pile
    staff_client.post(address("paper_typing", round), typed(serial))
    waiting = PaperBallot.objects.get(serial=serial)
    resolve = address("paper_resolve", round, paper_id=waiting.pk)
    staff_client.post(resolve, {"q1": "1", "q2": "0", "reason": "Seul"})
    assert PaperBallot.objects.get(serial=serial).outcome == ""
    for _click in range(2):
        staff_client.post(address("paper_forget", round, paper_id=waiting.pk))
    assert PaperTyping.objects.count() == 0


def test_settled_paper_is_not_dropped(pile, staff_client):
    round, (serial, *_others) = pile
    type_twice(round, serial)
    paper_id = PaperBallot.objects.get(serial=serial).pk
    staff_client.post(address("paper_forget", round, paper_id=paper_id))
    assert PaperTyping.objects.filter(paper_id=paper_id).count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_differences_ask_the_same_queries_for_1_and_3_rows(
    pile, staff_client, django_assert_num_queries, count
):
    round, found = pile
    for serial in found[:count]:
        for typist, first in (("user:1", [1]), ("user:2", [2])):
            paper_entry.type_paper(
                round_id=round.pk, serial=serial, answers={1: Answer(first), 2: Answer([])},
                typist=typist, typist_name=typist,
            )  # fmt: skip
    staff_client.get(address("paper_disputes", round))
    with django_assert_num_queries(12):
        staff_client.get(address("paper_disputes", round))


# --- The day team ----------------------------------------------------------------------------------------


@pytest.fixture
def helper(pile):
    """A client of the day team, let in for the forum of the pile."""
    round, _serials = pile
    member, token = day_team.invite(forum=round.forum, name="Sacha", now=timezone.now())
    client = Client()
    client.post(reverse("staff:day_team_enter", args=[round.forum.slug, token]))
    return client


def test_day_team_types_papers_and_does_nothing_else(pile, helper):
    round, (serial, *_others) = pile
    assert helper.get(reverse("staff:paper_typing_now", args=[round.forum.slug])).url == address(
        "paper_typing", round
    )
    page = text_of(helper.get(address("paper_typing", round)))
    assert "Saisie : Sacha." in page
    helper.post(address("paper_typing", round), typed(serial))
    assert PaperTyping.objects.get().typist.startswith("day:")
    for name in ("round", "roll", "paper_page", "paper_issue", "paper_disputes", "reconciliation"):
        assert helper.get(address(name, round)).url.startswith("/compte/connexion/?next=")
    for name in ("round_seal", "round_annul", "papers_lost", "round_publish", "paper_issue", "paper_print"):
        assert helper.post(address(name, round)).url.startswith("/compte/connexion/?next=")
    assert fresh(round).state_at(timezone.now()) == Round.State.CLOSED


def test_day_team_of_another_forum_types_nothing_here(make_round, helper):
    other = make_round("open", papers=1)
    rounds.close_round(round_id=other.pk, by=None)
    helper.post(address("paper_typing", other), typed(serials(other)[0]))
    assert PaperTyping.objects.count() == 0


# --- Two people at once -----------------------------------------------------------------------------------

RACE = pytest.mark.django_db(transaction=True)


def one(round, serial, typist, first):
    return lambda: paper_entry.type_paper(
        round_id=round.pk, serial=serial, answers={1: Answer(first), 2: Answer([])},
        typist=typist, typist_name=typist,
    )  # fmt: skip


@RACE
def test_two_typists_at_once_settle_each_paper_once(pile):
    round, found = pile
    for serial in found[:3]:
        results = together(one(round, serial, "user:1", [1]), one(round, serial, "user:2", [1]))
        assert set(results) == {TypingResult.FIRST, TypingResult.AGREED}
    assert PaperBallot.objects.filter(outcome="typed").count() == 3


@RACE
def test_one_typist_on_two_screens_counts_once(pile):
    round, (serial, *_others) = pile
    results = together(one(round, serial, "user:1", [1]), one(round, serial, "user:1", [2]))
    assert {type(result) for result in results} == {TypingResult, paper_entry.TypedAlready}
    assert PaperTyping.objects.count() == 1


@RACE
def test_typing_racing_the_seal_is_counted_or_refused(pile):
    round, found = pile
    for serial in found[:3]:
        type_twice(round, serial)
    together(lambda: seal_vote(round_id=round.pk, by=None), one(round, found[3], "user:1", [5]))
    if fresh(round).sealed_at:
        assert PaperTyping.objects.count() == 0
    else:
        assert PaperTyping.objects.count() == 7


def test_questions_are_all_needed(pile):
    round, (serial, *_others) = pile
    assert Question.objects.filter(round=round).count() == 2
    with pytest.raises(ValueError, match="missing"):
        paper_entry.type_paper(
            round_id=round.pk, serial=serial, answers={1: Answer([])}, typist="user:1", typist_name="x"
        )

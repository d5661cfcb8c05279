"""A decision on one proposal, from its preparation to what is published: for, against, abstention."""

from __future__ import annotations

import html
import json
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from forums.event.open_and_seal import seal_vote
from forums.models import Ballot, PaperBallot, Question, RollEntry, Round
from forums.tally.box import BoxError
from forums.vote import casting, paper_entry, paper_issue, rounds
from forums.vote.casting import cast_ballot
from forums.vote.methods.base import BallotFault
from forums.vote.methods.registry import METHODS, method_of
from forums.vote.paper_entry import parse_answer, type_paper
from forums.vote.rounds import NothingToVoteOn, open_round
from tests.factories import (
    ForumFactory,
    OptionFactory,
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    RoundFactory,
)
from tests.forums.rounds.conftest import address as staff_address
from tests.forums.rounds.conftest import close, entries, serials
from tests.forums.sealed import past_forum, publish_results, seal
from tests.forums.vote.conftest import address, cast, codes_of, receipt_on

PROPOSAL = {"title": "Ouvrir le samedi", "description": "De 9 h à midi."}
TWO_THIRDS = {"threshold_numerator": 2, "threshold_denominator": 3}
QUORUM = {"quorum_numerator": 1, "quorum_denominator": 2}


pytestmark = pytest.mark.django_db


def text(response):
    return html.unescape(" ".join(response.content.decode().split())).replace("\u00a0", " ")


def decision(round, *, limits=None, proposals=1, position=1, title="Adoptons-nous cette proposition?"):
    question = QuestionFactory(
        round=round,
        position=position,
        title=title,
        method="decision",
        limits=limits or {},
        to_retain=1,
        options=0,
    )
    for number in range(1, proposals + 1):
        OptionFactory(question=question, number=number, **PROPOSAL)
    return question


@pytest.fixture
def planned(db):
    def make(people=3, limits=None, **kwargs):
        round = RoundFactory(**kwargs)
        decision(round, limits=limits)
        RegistrationFactory.create_batch(people, forum=round.forum)
        return round

    return make


@pytest.fixture
def round(planned):
    return open_round(round_id=planned(limits=TWO_THIRDS | QUORUM).pk, by=None)


@pytest.fixture
def phone(round, client):
    assert client.get(f"/vote/{codes_of(round.forum)[0]}/").status_code == 302
    return client


# --- On a phone -----------------------------------------------------------------------------------------


def test_ballot_shows_the_proposal_its_answers_and_what_it_takes(phone, round):
    page = text(phone.get(address(round)))
    assert "Ouvrir le samedi" in page
    assert "De 9 h à midi." in page
    assert "Adoptée si les pour font au moins les deux tiers des pour et des contre." in page
    assert "Quorum : au moins 1/2 des personnes sur la liste doivent voter." in page
    for value in ("for", "against", "abstention", ""):
        assert f'name="q1" value="{value}"' in page
    # Nothing chosen is a blank ballot.
    assert 'value="" checked' in page


@pytest.mark.parametrize(
    ("answer", "word"), [("for", "Pour"), ("against", "Contre"), ("abstention", "Abstention")]
)
def test_answer_is_reviewed_cast_and_changed(phone, round, answer, word):
    review = text(phone.post(address(round), {"key": "une-clef-de-seize-signes", "q1": answer}))
    assert f"<span>{word}</span>" in review
    assert "Ouvrir le samedi" in review
    assert f'name="q1" value="{answer}"' in review
    cast(phone, round, {"q1": answer})
    assert Ballot.objects.get().choices == {"1": [answer]}
    assert receipt_on(phone)
    again = text(phone.get(address(round) + "?modifier"))
    assert f'value="{answer}" checked' in again
    cast(phone, round, {"q1": ""}, key="une-autre-clef-de-seize-signes")
    assert Ballot.objects.get().choices == {"1": []}


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"q1": "maybe"}, "Cette réponse n’est pas de celles qui sont offertes."),
        ({"q1": "1"}, "Cette réponse n’est pas de celles qui sont offertes."),
        ({"q1": ["for", "against"]}, "Choisissez une seule réponse."),
        ({"q1": ["for", "for"]}, "Choisissez une seule réponse."),
        ({"q1-1": "for"}, "Ce formulaire était incomplet."),
        ({"q2": "for"}, "Ce formulaire était incomplet."),
    ],
)
def test_forged_answers_are_refused_in_words(phone, round, choices, message):
    for response in (phone.post(address(round), choices), cast(phone, round, choices)):
        assert response.status_code == 422
        assert message in text(response)
    assert not Ballot.objects.exists()


# --- On paper -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "chosen"), [("1", ["for"]), (" 2 ", ["against"]), ("3", ["abstention"]), ("0", []), ("b", [])]
)
def test_paper_is_typed_by_the_number_of_the_answer(round, typed, chosen):
    question = Question.objects.prefetch_related("options").get(round=round)
    assert parse_answer(question, typed).chosen == chosen
    assert method_of(question).format_marks(question, chosen) == (typed.strip() if chosen else "")


def test_paper_with_two_answers_is_rejected(round):
    question = Question.objects.prefetch_related("options").get(round=round)
    answer = parse_answer(question, "2 1 x")
    assert (answer.chosen, answer.seen) == (None, ("for", "against"))
    assert method_of(question).format_marks(question, list(answer.seen)) == "1 2"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("1 2", "too_many"), ("4", "unknown"), ("pour", "unknown"), ("1 1", "twice"), ("1=2", "unknown")],
)
def test_marks_that_are_no_answer_are_said(staff_client, round, typed, code):
    question = Question.objects.prefetch_related("options").get(round=round)
    with pytest.raises(BallotFault) as refused:
        parse_answer(question, typed)
    assert refused.value.code == code
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.close_round(round_id=round.pk, by=None)
    response = staff_client.post(staff_address("paper_typing", round), {"serial": "AAAAA", "q1": typed})
    assert response.status_code == 422
    page = text(response)
    assert "Tapez 1 pour « Pour », 2 pour « Contre », 3 pour « Abstention »." in page
    expected = {
        "too_many": "2 choix, pour 1 au plus",
        "unknown": "n’est pas une réponse : tapez 1, 2 ou 3.",
        "twice": "1 y est deux fois.",
    }
    assert expected[code] in page


def test_two_readings_of_a_paper_are_decided_knowing_what_to_type(staff_client, planned):
    round = planned(1)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.open_round(round_id=round.pk, by=None)
    close(round, papers_of=entries(round))
    for typist, typed in (("user:0", "1"), ("day:2", "2")):
        paper_entry.type_paper(
            round_id=round.pk,
            serial=serials(round)[0],
            answers={1: parse_answer(round.questions.get(), typed)},
            typist=typist,
            typist_name=typist,
        )
    paper = PaperBallot.objects.get()
    page = text(staff_client.get(staff_address("paper_resolve", round, paper_id=paper.pk)))
    assert "Tapez 1 pour « Pour », 2 pour « Contre », 3 pour « Abstention »." in page


def test_paper_ballot_is_printed_with_proposal_and_three_boxes(staff_client, planned):
    round = planned(0)
    rounds.draw_ballot(round_id=round.pk)
    from forums.printing.ballots import ballots_pdf

    round = Round.objects.select_related("forum").get(pk=round.pk)
    printed = pdf_text(ballots_pdf(round, ["ABCDE"]))
    for words in (
        "Ouvrir le samedi",
        "De 9 h à midi.",
        "Pour",
        "Contre",
        "Abstention",
        "Cochez une seule case.",
    ):
        assert words in printed


# --- Preparation ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", range(12, 60, 6))
def test_answers_of_a_paper_ballot_are_beside_what_they_answer(db, lines):
    import io

    from pypdf import PdfReader

    from forums.printing.ballots import ballots_pdf

    round = RoundFactory()
    for position in (1, 2):
        question = decision(round, position=position, proposals=0)
        description = "\n".join(f"Alinéa {line}." for line in range(lines)) + " Fin."
        OptionFactory(question=question, number=1, title="Ouvrir le samedi", description=description)
    pages = PdfReader(io.BytesIO(ballots_pdf(round, ["ABCDE"], is_large_print=True))).pages
    found = [page.extract_text() for page in pages]
    assert "".join(found).count("Alinéa") == 2 * lines
    assert [page.count("Pour") for page in found] == [page.count("Abstention") for page in found]
    assert [page.count("Pour") for page in found] == [page.count("Fin.") for page in found]


def typed(**changes):
    return {name: changes.get(name) for name in METHODS["decision"].limit_fields()}


@pytest.mark.parametrize(
    ("given", "limits"),
    [
        ({}, {}),
        ({"threshold": "majority", "threshold_numerator": 3}, {}),
        ({"threshold": "two_thirds"}, TWO_THIRDS),
        (
            {"threshold": "other", "threshold_numerator": 3, "threshold_denominator": 4},
            {"threshold_numerator": 3, "threshold_denominator": 4},
        ),
        ({"quorum_numerator": 1, "quorum_denominator": 2}, QUORUM),
        (
            {"threshold": "other", "threshold_numerator": 1, "threshold_denominator": 1},
            {"threshold_numerator": 1, "threshold_denominator": 1},
        ),
    ],
)
def test_limits_are_what_was_typed_and_are_typed_again(given, limits):
    method = METHODS["decision"]
    found, faults = method.clean_limits(typed(**given))
    assert (found, faults) == (limits, {})
    method.counting.check_limits("question", limits, 1)
    assert method.clean_limits(typed(**method.typed_limits(limits)))[0] == limits


@pytest.mark.parametrize(
    ("given", "fields"),
    [
        ({"threshold": "other"}, {"threshold_numerator", "threshold_denominator"}),
        ({"threshold": "other", "threshold_numerator": 3}, {"threshold_denominator"}),
        (
            {"threshold": "other", "threshold_numerator": 4, "threshold_denominator": 3},
            {"threshold_numerator"},
        ),
        ({"quorum_denominator": 3}, {"quorum_numerator"}),
        ({"quorum_numerator": 3, "quorum_denominator": 2}, {"quorum_numerator"}),
    ],
)
def test_fraction_that_is_none_is_said(given, fields):
    _limits, faults = METHODS["decision"].clean_limits(typed(**given))
    assert set(faults) == fields


def test_consultation_has_no_quorum(staff_client):
    """Whoever votes joins its roll: a quorum would always be reached."""
    from tests.forums.rounds.test_preparing import form, new, question

    asked = question(
        method="decision", limit="", options="Ouvrir le samedi", quorum_numerator=1, quorum_denominator=2
    )
    forum = ForumFactory()
    path = new(forum)
    refused = staff_client.post(path, form(asked, public="accounts"))
    assert "Une consultation n’a pas de liste d’avance, donc pas de quorum." in text(refused)
    assert not Round.objects.exists()
    staff_client.post(path, form(asked, public="checked_in"))
    assert Question.objects.get().limits == QUORUM


def test_consultation_forgets_the_quorum_of_a_line_that_is_removed(staff_client):
    from tests.forums.rounds.test_preparing import form, new, question

    kept = question(method="decision", limit="", options="Ouvrir le samedi")
    removed = {**kept, "quorum_numerator": 1, "quorum_denominator": 2, "DELETE": "on"}
    staff_client.post(new(ForumFactory()), form(kept, removed, public="accounts"))
    assert Question.objects.get().limits == {}


@pytest.mark.parametrize(
    ("method", "changes"),
    [
        ("approval", {"quorum_numerator": 200, "points": "x", "threshold": "?"}),
        ("decision", {"limit": 999, "points": "x", "to_retain": 0}),
    ],
)
def test_fault_where_another_method_hides_it_is_none(staff_client, method, changes):
    from tests.forums.rounds.test_preparing import form, new, question

    titles = {"approval": "Ouvrir le samedi\nFermer le lundi", "decision": "Ouvrir le samedi"}
    typed = question(method=method, options=titles[method], **changes)
    staff_client.post(new(ForumFactory()), form(typed))
    found = Question.objects.get()
    assert found.limits == ({} if method == "decision" else {"limit": int(typed["limit"])})


@pytest.mark.parametrize("proposals", [0, 2])
def test_decision_is_about_one_proposal(staff_client, proposals):
    round = RoundFactory()
    decision(round, proposals=proposals)
    message = "Une décision porte sur une seule proposition"
    assert message in text(staff_client.get(staff_address("round", round)))
    with pytest.raises(NothingToVoteOn):
        open_round(round_id=round.pk, by=None)
    assert message in text(staff_client.post(staff_address("round_draw", round), follow=True))


def test_recommendations_go_to_the_question_that_retains_some(db):
    """Those without a question of their own do not flood the decision, which is about what was typed."""
    round = RoundFactory()
    decision(round)
    QuestionFactory(round=round, position=2, options=2)
    RecommendationFactory(forum=round.forum, state="accepted", is_on_ballot=True)
    rounds.draw_ballot(round_id=round.pk)
    assert [question.options.count() for question in round.questions.order_by("position")] == [1, 3]


@pytest.mark.parametrize(
    "limits", [{"quorum_numerator": 1}, {"limit": 2}, {"threshold_numerator": 3, "threshold_denominator": 2}]
)
def test_opening_refuses_limits_that_are_none(db, limits):
    round = RoundFactory()
    decision(round, limits=limits)
    with pytest.raises(BoxError):
        open_round(round_id=round.pk, by=None)
    round.refresh_from_db()
    assert round.opened_at is None


@pytest.mark.parametrize(
    "limits",
    [
        *([], 3, "x", None, [3], [{"limit": 3}]),
        *({"limit": value} for value in (0, "3", 2.5, True, None, {}, [], [3], {"a": 3})),
    ],
)
def test_database_keeps_limits_whole_numbers(db, limits):
    round = RoundFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Question.objects.create(round=round, position=1, title="Quoi?", limits=limits)
    question = Question(round=round, position=1, title="Quoi?", limits=limits)
    if limits is not None:
        with pytest.raises(ValidationError):
            question.validate_constraints()


def test_threshold_and_quorum_are_named_before_the_opening(client, staff_client, planned):
    opens_at = timezone.now() + timedelta(days=1)
    round = planned(limits=TWO_THIRDS | QUORUM, opens_at=opens_at, closes_at=opens_at + timedelta(hours=1))
    named = "Adoptée si les pour font au moins les deux tiers des pour et des contre."
    for page in (
        client.get(f"/forums/{round.forum.slug}/"),
        staff_client.get(staff_address("round", round)),
        staff_client.get(staff_address("round_open", round)),
    ):
        assert named in text(page)
        assert "Quorum : au moins 1/2 des personnes sur la liste doivent voter." in text(page)


# --- What is published ----------------------------------------------------------------------------------


def ballots(in_favour, against, abstentions=0, blank=0):
    answers = ["for"] * in_favour + ["against"] * against + ["abstention"] * abstentions
    return [(answer,) for answer in answers] + [()] * blank


def pdf_text(content):
    import io

    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split()).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("cast", "limits", "roll", "verdict", "is_adopted"),
    [
        (ballots(6, 5), {}, 0, "Proposition adoptée. 6 pour, 5 contre, 0 abstention.", True),
        (ballots(6, 6), {}, 0, "Proposition non adoptée. 6 pour, 6 contre, 0 abstention.", False),
        (ballots(8, 4, 2), TWO_THIRDS, 0, "Proposition adoptée. 8 pour, 4 contre, 2 abstentions.", True),
        (ballots(7, 4, 2), TWO_THIRDS, 0, "Proposition non adoptée. 7 pour, 4 contre, 2 abstentions.", False),
        (ballots(9, 1), QUORUM, 10, "Proposition adoptée. 9 pour, 1 contre, 0 abstention.", True),
        (
            ballots(9, 1),
            QUORUM,
            11,
            "Proposition non adoptée : le quorum n’est pas atteint. 9 pour, 1 contre, 0 abstention.",
            False,
        ),
        (ballots(0, 0, 10, 1), {}, 0, "Proposition non adoptée. 0 pour, 0 contre, 10 abstentions.", False),
    ],
)
def test_decision_is_said_on_page_projector_pdf_and_data(client, cast, limits, roll, verdict, is_adopted):
    round = seal(cast, method="decision", titles=[PROPOSAL], limits=limits, roll=roll)
    results = publish_results(round.forum)
    base = f"/forums/{round.forum.slug}/"
    whole = text(client.get(base + "resultats/"))
    assert verdict in whole
    assert ">Réponse</th>" in whole
    assert 'id="decisions"' in whole
    assert 'id="priorites"' not in whole
    assert list(results.priorities.all()) == []
    assert verdict in text(client.get(f"{base}tours/{round.number}/resultats/"))
    screen = text(client.get(f"{base}tours/{round.number}/ecran/"))
    assert verdict in screen
    assert ("screen__verdict--not" in screen) is not is_adopted
    assert "Ce que nous avons décidé" in screen
    assert "Ouvrir le samedi" in screen
    printed = pdf_text(client.get(base + "resultats.pdf").content)
    assert verdict in printed
    assert "Réponse Total Part" in printed
    data = json.loads(client.get(base + "resultats.json").content)
    question = data["rounds"][0]["questions"][0]
    assert (question["method"], question["limits"], question["options"]) == ("decision", limits, [])
    found = question["decision"]
    assert found["adopted"] is is_adopted
    assert found["proposal"]["title"] == "Ouvrir le samedi"
    assert found["answers"]["for"]["total"] == sum(each == ("for",) for each in cast)
    table = client.get(base + "resultats.csv").content.decode()
    assert "for" in table
    assert "abstention" in table
    assert data["rounds"][0]["count"]["questions"][0]["detail"]["adopted"] is is_adopted


def test_ballots_that_count_for_the_quorum_are_said_even_when_a_paper_was_lost(client):
    """« Ont voté » counts a paper that was given; the quorum counts those that came back."""
    round = RoundFactory(forum=past_forum())
    decision(round, limits=QUORUM)
    RegistrationFactory.create_batch(4, forum=round.forum)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=1)
    rounds.open_round(round_id=round.pk, by=None)
    voter, holder, *_others = entries(round)
    casting.cast_ballot(round=round, entry_id=voter.pk, choices={1: ["for"]}, idempotency_key="a", receipt="")
    close(round, papers_of=[holder])
    paper_entry.declare_papers_lost(round_id=round.pk, count=1, reason="Laissé sur une chaise.")
    seal_vote(round_id=round.pk, by=None)
    publish_results(round.forum)
    page = text(client.get(f"/forums/{round.forum.slug}/resultats/"))
    assert "2 sur 4" in page
    assert "Proposition non adoptée : le quorum n’est pas atteint." in page
    assert "Pour le quorum : 1 bulletin déposé." in page


def test_tellers_sign_what_was_decided(staff_client):
    round = seal(ballots(8, 4, 2), method="decision", titles=[PROPOSAL], limits=TWO_THIRDS)
    record = pdf_text(staff_client.get(staff_address("round_record", round)).content)
    assert "Ouvrir le samedi" in record
    assert "Adoptée si les pour font au moins les deux tiers des pour et des contre." in record
    assert "Proposition adoptée. 8 pour, 4 contre, 2 abstentions." in record
    assert "Réponse Total Pour 8 Contre 4 Abstention 2" in record


def test_decision_beside_priorities_leaves_them_as_they_were(client):
    """Two questions on one ballot: the priorities retained, and the decision."""
    round = seal(method="approval", limits={"limit": 3})
    opens_at = timezone.now() + timedelta(minutes=1)
    times = {"opens_at": opens_at, "closes_at": opens_at + timedelta(hours=1)}
    other = seal(ballots(11, 1), forum=round.forum, method="decision", titles=[PROPOSAL], **times)
    results = publish_results(round.forum)
    assert [priority.title for priority in results.priorities.all()] == ["Toits abordables", "Navette rurale"]
    page = text(client.get(f"/forums/{other.forum.slug}/resultats/"))
    assert "Proposition adoptée. 11 pour, 1 contre, 0 abstention." in page


def test_decision_reads_in_english(client):
    round = seal(ballots(11, 1, 1), method="decision", titles=[PROPOSAL], limits=TWO_THIRDS)
    publish_results(round.forum)
    page = text(client.get(f"/en/forums/{round.forum.slug}/resultats/"))
    assert "Adopted. 11 for, 1 against, 1 abstention." in page


def test_answers_are_told_apart_on_screen_and_on_paper(client, planned):
    """As for options: from ten ballots of each kind, with a rejected paper among them."""
    round = planned(people=21)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=11)
    open_round(round_id=round.pk, by=None)
    round.refresh_from_db()
    entries = list(RollEntry.objects.filter(round=round).order_by("pk"))
    for number, entry in enumerate(entries[:10]):
        answer = "for" if number < 6 else "against"
        cast_ballot(round=round, entry_id=entry.pk, choices={1: [answer]}, idempotency_key=f"clef-{number}")
    for entry in entries[10:]:
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    rounds.close_round(round_id=round.pk, by=None)
    question = Question.objects.prefetch_related("options").get(round=round)
    typed_marks = ["2"] * 7 + ["1", "3", "3", "1 2 x"]
    for serial, marks in zip(PaperBallot.objects.values_list("serial", flat=True), typed_marks, strict=True):
        for typist in ("user:0", "day:2"):
            type_paper(
                round_id=round.pk,
                serial=serial,
                answers={1: parse_answer(question, marks)},
                typist=typist,
                typist_name=typist,
            )
    seal_vote(round_id=round.pk, by=None)
    publish_results(round.forum)
    data = json.loads(client.get(f"/forums/{round.forum.slug}/resultats.json").content)
    found = data["rounds"][0]["questions"][0]["decision"]["answers"]
    by_channel = {key: (each["online"], each["paper"], each["total"]) for key, each in found.items()}
    assert by_channel == {"for": (6, 1, 7), "against": (4, 7, 11), "abstention": (0, 2, 2)}

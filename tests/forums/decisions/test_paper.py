"""A decision on paper: printed, typed by the number of the answer, read differently by two people."""

from __future__ import annotations

import pytest

from forums.models import PaperBallot, Question, Round
from forums.vote import paper_entry, paper_issue, rounds
from forums.vote.methods.base import BallotFault
from forums.vote.methods.registry import method_of
from forums.vote.paper_entry import parse_answer
from tests.factories import (
    OptionFactory,
    RoundFactory,
)
from tests.forums.decisions.conftest import decision, pdf_text, text
from tests.forums.rounds.conftest import address as staff_address
from tests.forums.rounds.conftest import close, entries, serials

pytestmark = pytest.mark.django_db


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
        "twice": "1 y figure deux fois.",
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

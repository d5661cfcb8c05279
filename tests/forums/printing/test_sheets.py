"""Ballots of several sheets: each says which it is, of which ballot, and no option is split."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.urls import reverse

from forums.models import Forum, PaperBallot, Question, Round
from forums.printing import ballots
from forums.printing.ballots import ballots_pdf
from forums.printing.poster import poster_pdf
from forums.printing.slips import slips_pdf
from forums.vote import rounds
from tests.factories import ForumFactory, OptionFactory, QuestionFactory, RoundFactory
from tests.forums.printing.conftest import claims_ua, read


def long_round(*, questions=4, options=25, title=120, description=0):
    """`title` and `description`: how many signs, between a beginning and an end that tell each option."""
    round = RoundFactory()
    for position in range(1, questions + 1):
        question = QuestionFactory(round=round, position=position, options=0, title=f"Question {position}")
        for number in range(1, options + 1):
            name = f"{position}q{number}"
            OptionFactory(
                question=question,
                number=number,
                title=f"Début{name} " + "mot " * ((title - 24) // 4) + f"fin{name}.",
                description="long " * (description // 5) + f"suite{name}." if description else "",
            )
    return Round.objects.select_related("forum").get(pk=round.pk)


def sheets_of(content):
    reader = read(content)
    assert claims_ua(reader)
    return [page.extract_text().replace("\u00a0", " ") for page in reader.pages]


@pytest.mark.parametrize("is_large_print", [False, True])
def test_every_sheet_says_its_serial_and_its_place(db, is_large_print):
    serials = [f"S{number:04}" for number in range(4)]
    round = long_round()
    found = sheets_of(ballots_pdf(round, serials, is_large_print=is_large_print))
    count = len(found) // len(serials)
    assert count > 2
    assert len(found) == count * len(serials)
    for start, serial in enumerate(serials):
        for place in range(count):
            sheet = found[start * count + place]
            assert serial in sheet
            assert f"Feuille {place + 1} de {count}" in sheet
            assert not [other for other in serials if other != serial and other in sheet]


@pytest.mark.parametrize(("title", "description"), [(120, 0), (160, 900), (40, 300)])
def test_no_option_is_split(db, title, description):
    round = long_round(questions=2, title=title, description=description)
    last = "suite" if description else "fin"
    for is_large_print in (False, True):
        found = sheets_of(ballots_pdf(round, ["ABCDE"], is_large_print=is_large_print))
        begun = [re.findall(r"Début(\dq\d+)", sheet) for sheet in found]
        ended = [re.findall(rf"{last}(\dq\d+)", sheet) for sheet in found]
        assert begun == ended
        assert sum(map(len, begun)) == 50


def test_option_longer_than_a_sheet_goes_on_and_loses_nothing(db):
    round = long_round(questions=1, options=2, description=6000)
    found = sheets_of(ballots_pdf(round, ["ABCDE"], is_large_print=True))
    assert "".join(found).count("long") == 2 * 1200
    assert len(found) > 2
    assert all(f"Feuille {place} de {len(found)}" in sheet for place, sheet in enumerate(found, start=1))


def test_ballot_of_one_sheet_says_no_place(db):
    found = sheets_of(ballots_pdf(long_round(questions=1, options=3), ["ABCDE", "FGHIJ"]))
    assert len(found) == 2
    assert not [sheet for sheet in found if "Feuille" in sheet]


def test_very_many_sheets_are_several_files_and_lose_no_ballot(staff_client, monkeypatch):
    monkeypatch.setattr(ballots, "SHEETS_A_FILE", 7)
    round = long_round(questions=1, options=30)
    rounds.draw_ballot(round_id=round.pk)
    response = staff_client.post(
        reverse("staff:paper_print", args=[round.forum.slug, round.number]), {"count": 7, "seen": 0}
    )
    assert response["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.namelist() == [
            f"bulletins-{round.forum.slug}-{round.number}-0{n}.pdf" for n in (1, 2, 3)
        ]
        found = [sheets_of(archive.read(name)) for name in archive.namelist()]
    assert [len(each) for each in found] == [6, 6, 2]
    sheets = [sheet for each in found for sheet in each]
    printed = PaperBallot.objects.filter(round=round).values_list("serial", flat=True)
    assert sorted(re.findall(r"Série (\w+)", " ".join(sheets))) == sorted([*printed, *printed])


# --- What is too long for its place ---------------------------------------------------------------------------

LONG_WORD = "Anticonstitutionnellement" * 6


@pytest.mark.parametrize("is_large_print", [False, True])
def test_word_that_no_line_holds_does_not_run_off_the_paper(db, is_large_print):
    round = RoundFactory()
    question = QuestionFactory(round=round, options=0, title=LONG_WORD)
    OptionFactory(question=question, number=1, title=LONG_WORD, description=LONG_WORD)
    sheets = "\n".join(sheets_of(ballots_pdf(round, ["ABCDE"], is_large_print=is_large_print)))
    assert "".join(sheets.split()).replace("\u200b", "").count(LONG_WORD) == 3
    assert LONG_WORD not in sheets.replace("\u200b", "")


TITLE = ("Rencontre régionale des entreprises et organismes d’économie sociale " * 3)[:160]


@pytest.mark.parametrize("title", [TITLE, LONG_WORD])
def test_poster_is_one_sheet_however_long_its_words(db, title):
    round = long_round(options=2)
    Forum.objects.update(title=title)
    Question.objects.update(title=(f"{title} " * 8)[:200])
    (sheet,) = sheets_of(poster_pdf(Forum.objects.get()))
    assert f"/forums/{round.forum.slug}/vote" in sheet
    assert sheet.rstrip().splitlines()[-1].startswith("Jusqu’au ")


@pytest.mark.parametrize("title", ["Court", TITLE])
def test_code_stays_on_its_own_slip(db, title):
    """Each slip is 4.9 cm high: what is printed on the first ends before the one below begins."""
    pdf = read(slips_pdf(ForumFactory(title=title), [(number, "0123456789A") for number in (1, 2, 3)]))
    heights = {"Carton": [], "Ce code": []}

    def note(text, matrix, at, _font, _size):
        for words, found in heights.items():
            if text.strip().startswith(words):
                found.append(at[4] * matrix[1] + at[5] * matrix[3] + matrix[5])

    pdf.pages[0].extract_text(visitor_text=note)
    starts, ends = (sorted(found, reverse=True) for found in heights.values())
    assert len(starts) == len(ends) == 3
    assert ends[0] > starts[2] + 10

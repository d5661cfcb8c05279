"""One ballot or two: their totals are the ballots, so nobody sees them, in no table, page nor file."""

from __future__ import annotations

import json

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from forums.dossier.files import build_files
from forums.event.open_and_seal import seal_vote
from forums.models import Results, SealedBox
from forums.results.report import round_reports
from forums.vote import paper_entry, rounds
from forums.vote.paper_entry import Answer
from tests.forums.published.conftest import pdf_text
from tests.forums.rounds.conftest import address, close, entries, fresh, serials, type_twice, vote

NOTICES = (
    "Fewer than 3 ballots were counted. Their totals would say who chose what: only the turnout and the seal are published, and"
    " nothing is retained.",
    "Fewer than 3 ballots: their totals would be the ballots themselves. Nobody sees them, and nothing is retained; turnout and"
    " seal remain.",
    "Fewer than 3 ballots: the totals would say who chose what. Only the turnout is shown.",
)


def says_why(answer):
    with translation.override(settings.LANGUAGE_CODE):
        return any(translation.gettext(notice) in answer.content.decode() for notice in NOTICES)


@pytest.fixture
def sealed(make_round):
    def make(ballots, *, on_paper=False):
        round = make_round("open", people=12, papers=ballots if on_paper else 0)
        voters = entries(round)[:ballots]
        if on_paper:
            close(round, papers_of=voters)
            for serial in serials(round):
                type_twice(round, serial, first=(4,))
        else:
            for entry in voters:
                vote(round, entry, [4])
            rounds.close_round(round_id=round.pk, by=None)
        seal_vote(round_id=round.pk, by=None)
        return fresh(round)

    return make


@pytest.mark.parametrize("on_paper", [False, True])
@pytest.mark.parametrize(("ballots", "questions"), [(0, 2), (1, 0), (2, 0), (3, 2)])
def test_totals_are_kept_from_three_ballots_on(sealed, ballots, questions, on_paper):
    round = sealed(ballots, on_paper=on_paper)
    box = SealedBox.objects.get(round=round)
    assert len(box.outcome["questions"]) == questions
    (report,) = round_reports(type(round).objects.filter(pk=round.pk))
    assert (len(report.questions), report.reconciliation.voted) == (questions, ballots)
    # The seal is of the box all the same.
    assert len(round.seal) == 64


@pytest.mark.parametrize("ballots", [1, 2])
def test_every_page_and_file_gives_turnout_and_says_why(sealed, staff_client, ballots):
    round = sealed(ballots)
    staff_client.post(address("round_publish", round))
    draft = Results.objects.get(forum=round.forum).draft.content
    assert draft["priorities"] == []
    base = f"/forums/{round.forum.slug}/tours/{round.number}"
    visitor = Client()
    seen = {
        name: client.get(path)
        for name, client, path in [
            ("staff", staff_client, address("round", round)),
            ("record", staff_client, address("round_record", round)),
            ("screen", visitor, f"{base}/ecran/"),
            ("page", visitor, f"/forums/{round.forum.slug}/resultats/"),
            ("round", visitor, f"{base}/resultats/"),
            ("pdf", visitor, f"{base}/resultats.pdf"),
            ("csv", visitor, f"{base}/resultats.csv"),
            ("json", visitor, f"{base}/resultats.json"),
        ]
    }
    assert {name: answer.status_code for name, answer in seen.items()} == dict.fromkeys(seen, 200)
    told = {name for name in ("staff", "screen", "page", "round") if says_why(seen[name])}
    assert told == {"staff", "screen", "page", "round"}
    results = Results.objects.for_page().get(forum=round.forum)
    dossier = build_files(results, at=results.published_at)
    documents = [seen["record"].content, seen["pdf"].content, *(file.content for file in dossier[:2])]
    assert [
        number for number, content in enumerate(documents) if "Moins de 3 bulletins" not in pdf_text(content)
    ] == []
    published = json.loads(
        b"".join(seen["json"].streaming_content) if seen["json"].streaming else seen["json"].content
    )
    assert '"total"' not in json.dumps(published)


@pytest.mark.parametrize("outcome", ["blank", "rejected"])
def test_nobody_is_told_that_the_only_paper_was_blank_or_rejected(make_round, staff_client, outcome):
    round = make_round("open", people=12, papers=1)
    close(round, papers_of=entries(round)[:1])
    answers = dict.fromkeys((1, 2), Answer([] if outcome == "blank" else None))
    (serial,) = serials(round)
    for typist in ("user:0", "day:2"):
        paper_entry.type_paper(
            round_id=round.pk, serial=serial, answers=answers, typist=typist, typist_name=typist
        )
    seal_vote(round_id=round.pk, by=None)
    round = fresh(round)
    kept = SealedBox.objects.get(round=round).reconciliation
    assert (kept["papers_counted"], kept["papers_blank"], kept["papers_rejected"]) == (1, 0, 0)
    staff_client.post(address("round_publish", round))
    base = f"/forums/{round.forum.slug}/tours/{round.number}"
    published = json.loads(Client().get(f"{base}/resultats.json").content)
    assert not {"papers_counted", "papers_blank", "papers_rejected"} & set(
        published["rounds"][0]["reconciliation"]
    )
    for text in (
        Client().get(f"{base}/resultats/").content.decode(),
        staff_client.get(address("reconciliation", round)).content.decode(),
        pdf_text(Client().get(f"{base}/resultats.pdf").content),
        pdf_text(staff_client.get(address("round_record", round)).content),
    ):
        assert "Bulletins papier revenus" in text
        assert "blancs en entier" not in text
        assert "rejetés en entier" not in text

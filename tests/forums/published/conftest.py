"""Votes counted for publication: each question has its own ballots, online and on paper."""

from __future__ import annotations

import html
import io
import re

import pypdf

from forums.event.open_and_seal import seal_vote
from forums.models import PaperBallot, RollEntry, Round
from forums.vote import casting, paper_entry, paper_issue, rounds
from forums.vote.paper_entry import Answer
from tests.factories import OptionFactory, QuestionFactory, RegistrationFactory, RoundFactory
from tests.forums.rounds.conftest import address
from tests.forums.sealed import past_forum, publish_results

LIMITS = {"approval": {"limit": 3}, "points": {"points": 10, "points_each": 10}}
TITLES = ("Toits abordables", "Navette rurale", "Cuisine partagée", "Atelier d’outils", "Halte-garderie")
OTHER_TITLES = ("Scierie", "Buanderie", "Verger", "Four à pain", "Fournil")


def asked(title, *, method="approval", titles=TITLES, to_retain=2, **more):
    """A question to ask."""
    return {"title": title, "method": method, "titles": titles, "to_retain": to_retain} | more


def count_vote(questions, ballots, *, papers=(), lost=0, roll=0, at_closing=None, **changes):
    """A sealed round. A ballot, or a paper, has for each question what was chosen; None is an over-marked one.

    `lost` papers are given out and never come back; `roll`: people who do not vote. Options are numbered in order.
    """
    forum = changes.pop("forum", None) or past_forum()
    # Drawn already, so that options keep the numbers with which tests name them.
    round = RoundFactory(forum=forum, number=forum.rounds.count() + 1, drawn_at=forum.starts_at, **changes)
    for position, given in enumerate(questions, start=1):
        _ask(round, position, **given)
    RegistrationFactory.create_batch(len(ballots) + len(papers) + lost + roll, forum=forum)
    if papers or lost:
        paper_issue.print_papers(round_id=round.pk, count=len(papers) + lost)
    rounds.open_round(round_id=round.pk, by=None)
    round = Round.objects.select_related("forum").get(pk=round.pk)
    entries = list(RollEntry.objects.filter(round=round).order_by("pk"))
    for number, ballot in enumerate(ballots):
        casting.cast_ballot(
            round=round,
            entry_id=entries[number].pk,
            choices=dict(enumerate(_lists(ballot), start=1)),
            idempotency_key=f"clef-{number}",
        )
    for entry in entries[len(ballots) : len(ballots) + len(papers) + lost]:
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    rounds.close_round(round_id=round.pk, by=None)
    if at_closing:
        at_closing(round)
    _type_papers(round, papers)
    if lost:
        paper_entry.declare_papers_lost(round_id=round.pk, count=lost, reason="Laissé sur une chaise.")
    seal_vote(round_id=round.pk, by=None)
    if not round.is_trial:
        publish_results(forum)
    return Round.objects.select_related("forum", "box").get(pk=round.pk)


def _ask(round, position, *, titles, method, **more):
    limits = more.pop("limits", LIMITS[method])
    question = QuestionFactory(
        round=round, position=position, options=0, method=method, limits=limits, **more
    )
    for number, title in enumerate(titles, start=1):
        OptionFactory(question=question, number=number, title=title)


def _type_papers(round, papers):
    serials = PaperBallot.objects.filter(round=round).values_list("serial", flat=True)
    for serial, paper in zip(serials, papers, strict=False):
        answers = {position: Answer(chosen) for position, chosen in enumerate(_lists(paper), start=1)}
        for typist in ("user:0", "day:2"):
            paper_entry.type_paper(
                round_id=round.pk, serial=serial, answers=answers, typist=typist, typist_name=typist
            )


def _lists(ballot):
    return [
        None if chosen is None else [list(each) if isinstance(each, tuple) else each for each in chosen]
        for chosen in ballot
    ]


def whole_page(round, place="resultats/"):
    return f"/forums/{round.forum.slug}/{place}"


def own_page(round, place="resultats/"):
    return f"/forums/{round.forum.slug}/tours/{round.number}/{place}"


def text_of(markup):
    main = markup.split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)).replace("\u00a0", " "))


def pdf_text(content):
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = " ".join(each.extract_text() for each in pages)
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def read_everywhere(round, client, staff_client):
    """The text of every place where people read the outcome."""
    pages = {"page": whole_page(round), "page of the vote": own_page(round)}
    pages["projector"] = own_page(round, "ecran/")
    texts = {name: text_of(client.get(where).content.decode()) for name, where in pages.items()}
    texts["PDF"] = pdf_text(client.get(whole_page(round, "resultats.pdf")).content)
    texts["PDF of the vote"] = pdf_text(client.get(own_page(round, "resultats.pdf")).content)
    texts["record"] = pdf_text(staff_client.get(address("round_record", round)).content)
    return texts

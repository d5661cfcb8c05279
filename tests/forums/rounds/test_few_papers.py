"""One to four papers, or few in large print: whoever types them may know whose they are, and the team is told in time."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import translation

from forums.vote import paper_entry, paper_issue
from tests.forums.rounds.conftest import address, close, entries, serials, type_twice

FEW = (
    "%(total)s paper only was given out: whoever types it may know whose it is, and so how that person voted; sealing does"
    " not undo it. Have it typed by two people whom its voter trusts.",
    "%(total)s papers only were given out: whoever types them may know whose they are, and so how those people voted; sealing"
    " does not undo it. Have them typed by two people whom their voters trust.",
)
FEW_LARGE = (
    "A large print shows whose it may be: with fewer than five of them, whoever types one may know how that person voted;"
    " sealing does not undo it. Have them typed by two people whom their voters trust."
)
FEW_LEFT = (
    "Without those that are lost, fewer than five papers are typed: whoever types them may know whose they are, and so how those"
    " people voted; sealing does not undo it. Have them typed by two people whom their voters trust."
)
BEFORE = (
    "Whoever types the papers reads them. If one to four people only take one, or one in large print, the typists may know"
    " who voted what: tell them before you hand it over. From five on, nobody can tell; a lent device is another way to vote."
)


@pytest.fixture
def told(staff_client):
    """What a page of a round says of few papers."""

    def ask(name, round):
        body = staff_client.get(address(name, round)).content.decode()
        with translation.override(settings.LANGUAGE_CODE):
            said = {FEW: [translation.ngettext(*FEW, n) % {"total": n} for n in range(1, 5)]}
            said |= {words: [translation.gettext(words)] for words in (FEW_LARGE, FEW_LEFT, BEFORE)}
        return {words for words, sentences in said.items() if any(one in body for one in sentences)}

    return ask


@pytest.mark.parametrize(
    ("issued", "large_printed", "large_typed", "before_typing", "before_sealing"),
    [
        (0, 0, 0, set(), set()),
        (0, 3, 0, set(), set()),
        (1, 0, 0, {FEW}, {FEW}),
        (4, 0, 0, {FEW}, {FEW}),
        (5, 0, 0, set(), set()),
        (6, 2, 2, {FEW_LARGE}, {FEW_LARGE}),
        (6, 2, 0, {FEW_LARGE}, set()),
        (5, 5, 5, {FEW_LARGE}, set()),
    ],
)
def test_team_is_warned_before_typing_and_before_sealing(
    make_round, told, issued, large_printed, large_typed, before_typing, before_sealing
):
    round = make_round("open", people=8, papers=6)
    ordinary = serials(round)
    large = paper_issue.print_papers(round_id=round.pk, count=large_printed, is_large_print=True)
    close(round, papers_of=entries(round)[:issued])
    assert told("paper_typing", round) == told("round", round) == before_typing
    for serial in [*large[:large_typed], *ordinary[: issued - large_typed]]:
        type_twice(round, serial)
    assert told("round", round) == told("reconciliation", round) == before_sealing


def test_team_is_warned_before_the_first_is_handed_out_until_the_fifth(make_round, told):
    round = make_round("open", people=6, papers=6)
    for entry in entries(round)[:5]:
        assert told("paper_issue", round) == {BEFORE}
        paper_issue.issue_paper(round_id=round.pk, entry_id=entry.pk)
    assert told("paper_issue", round) == set()


@pytest.mark.parametrize(("lost", "said"), [(1, set()), (2, {FEW_LEFT}), (5, {FEW_LEFT}), (6, set())])
def test_team_is_warned_when_few_come_back(make_round, told, lost, said):
    round = make_round("open", people=8, papers=6)
    close(round, papers_of=entries(round)[:6])
    for serial in serials(round)[: 6 - lost]:
        type_twice(round, serial)
    paper_entry.declare_papers_lost(round_id=round.pk, count=lost, reason="Perdus en salle")
    assert told("round", round) == told("reconciliation", round) == said

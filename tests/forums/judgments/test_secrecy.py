"""No ballot of a judgment is anywhere once it is sealed: what a buyer prescribed can't be found again."""

from __future__ import annotations

import json

import pytest
from django.apps import apps
from django.db import connection

from forums.event.open_and_seal import seal_vote
from forums.models import PaperBallot, SealedBox
from forums.tally import box as boxes
from forums.tally import recompter
from forums.tally.outcome import from_json
from forums.vote import casting, paper_issue, rounds
from forums.vote.methods.registry import COUNTING
from tests.factories import RegistrationFactory, RoundFactory
from tests.forums.judgments.conftest import judgment, text
from tests.forums.rounds.conftest import close, entries
from tests.forums.sealed import past_forum, publish_results, seal

pytestmark = pytest.mark.django_db

# Twelve ballots on five options. The fourth is as rare as a signature: it is nobody else's.
SIGNATURE = ((1, 0), (2, 3), (3, 1), (4, 2), (5, 3))
BALLOTS = (
    *[((1, 4), (2, 2)), ((1, 4), (3, 3)), ((1, 3),), SIGNATURE, ((2, 4), (5, 1)), ((1, 2), (4, 4))],
    *[((3, 4),), ((1, 4), (2, 2)), ((4, 1), (5, 4)), ((2, 3), (3, 3)), ((1, 1), (5, 2)), ()],
)
PROFILE = [
    [1, [5, 1, 1, 1, 3]],
    [2, [6, 0, 2, 2, 1]],
    [3, [7, 1, 0, 2, 1]],
    [4, [8, 1, 1, 0, 1]],
    [5, [7, 1, 1, 1, 1]],
]


def sealed(ballots=BALLOTS, **about):
    return seal(ballots, method="judgment", **about)


def test_box_is_the_counts_of_grades_and_strangers_recount_it():
    round = sealed()
    text = SealedBox.objects.get(round=round).text
    question = json.loads(text)["questions"][0]
    assert (question["ballots"], question["blank"], question["limits"]) == (PROFILE, 1, {"grades": 5})
    assert boxes.seal(text) == round.seal
    assert list(recompter.box_faults(text, json.loads(text))) == []
    assert recompter.recount(json.loads(text)) == SealedBox.objects.get(round=round).outcome
    assert boxes.write(boxes.read(text, COUNTING)) == text


def test_who_gave_which_grades_together_leaves_no_trace():
    """The same grades of each option, given by other people together: the box, the outcome and the data are the same."""
    columns = [[dict(ballot).get(number, 0) for ballot in BALLOTS[:-1]] for number in range(1, 6)]
    turned = [column[place:] + column[:place] for place, column in enumerate(columns)]
    mixed = [tuple(enumerate(grades, start=1)) for grades in zip(*turned, strict=True)]
    assert sorted(mixed) != sorted(BALLOTS[:-1])
    found = [SealedBox.objects.get(round=sealed(ballots)) for ballots in (BALLOTS, [*mixed, ()])]
    rows = [json.loads(each.text)["questions"][0]["ballots"] for each in found]
    assert rows[0] == rows[1] == PROFILE
    details = [from_json(each.outcome).questions[0].detail for each in found]
    assert details[0] == details[1]


def test_nothing_published_or_kept_has_a_ballot(client):
    round = sealed()
    publish_results(round.forum)
    base = f"/forums/{round.forum.slug}/"
    paths = ["resultats/", "resultats.json", "resultats.csv", "resultats/urne.json"]
    published = [client.get(base + path) for path in [*paths, f"tours/{round.number}/ecran/"]]
    assert {each.status_code for each in published} == {200}
    compact = "".join(map(str, SIGNATURE)).replace(" ", "")
    forms = [
        json.dumps(SIGNATURE, separators=(",", ":")), json.dumps(SIGNATURE), "1E 2B 3D 4C 5B", compact, "[0,3,1,2,3]",
    ]  # fmt: skip
    for page in published:
        assert not [each for each in forms if each in page.content.decode()]
    for model in apps.get_app_config("forums").get_models():
        table = connection.ops.quote_name(model._meta.db_table)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(each)::text FROM {table} each")
            rows = "\n".join(row for (row,) in cursor.fetchall())
        assert not [each for each in forms if each in rows], model


def test_open_data_give_the_whole_profile(client):
    round = sealed()
    publish_results(round.forum)
    data = json.loads(client.get(f"/forums/{round.forum.slug}/resultats.json").content)
    (question,) = data["rounds"][0]["questions"]
    assert (question["method"], question["limits"], question["filled_in"]) == ("judgment", {"grades": 5}, 11)
    first = next(option for option in question["options"] if option["number"] == 1)
    assert (first["total"], first["share"], first["given_by"], first["rank"]) == (1, "6/11", 6, 1)
    assert (first["online"], first["paper"]) == (None, None)
    assert data["rounds"][0]["count"]["questions"][0]["detail"] == {"profile": PROFILE}


@pytest.mark.parametrize("method", ["judgment", "approval"])
def test_page_says_what_its_box_holds(client, method):
    """No page says that a box of grades has every ballot."""
    round = sealed() if method == "judgment" else seal()
    publish_results(round.forum)
    page = text(client.get(f"/forums/{round.forum.slug}/resultats/"))
    assert ("tous les bulletins, triés" in page) is (method == "approval")
    assert ("ou, pour un jugement, combien" in page) is (method == "judgment")


@pytest.mark.parametrize(("ballots", "has_outcome"), [(9, True), (3, True), (2, False), (1, False)])
def test_few_ballots_have_no_box_and_two_have_no_outcome(ballots, has_outcome):
    box = SealedBox.objects.get(round=sealed(BALLOTS[:ballots]))
    assert box.text == ""
    assert bool(box.outcome["questions"]) is has_outcome


def test_paper_and_screen_are_summed_together_and_never_apart():
    """Ten of each: other methods would publish the totals of each channel, of which a median is no sum."""
    round = RoundFactory(forum=past_forum())
    judgment(round, to_retain=2)
    RegistrationFactory.create_batch(20, forum=round.forum)
    rounds.draw_ballot(round_id=round.pk)
    paper_issue.print_papers(round_id=round.pk, count=10)
    rounds.open_round(round_id=round.pk, by=None)
    voters = entries(round)
    for voter in voters[:10]:
        casting.cast_ballot(
            round=round, entry_id=voter.pk, choices={1: [[1, 4], [2, 1]]}, idempotency_key="a", receipt=""
        )
    close(round, papers_of=voters[10:])
    papers = PaperBallot.objects.filter(round=round)
    papers.update(outcome=PaperBallot.Outcome.TYPED, choices={"1": [[1, 1], [3, 3]]})
    box = seal_vote(round_id=round.pk, by=None)
    assert json.loads(box.text)["questions"][0]["ballots"] == [
        [1, [0, 10, 0, 0, 10]],
        [2, [10, 10, 0, 0, 0]],
        [3, [10, 0, 0, 10, 0]],
    ]
    assert box.reconciliation["channels"] == []
    assert from_json(box.outcome).questions[0].retained == (1, 3)

"""Staff prepare a ranking, are warned of its secrecy, and publish its stages."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.utils import timezone

from forums.models import Option, Round, SealedBox
from forums.vote.methods.registry import METHODS
from tests.factories import ForumFactory, RegistrationFactory
from tests.forums.decisions.conftest import text
from tests.forums.rounds.conftest import address
from tests.forums.rounds.test_preparing import form, new, question
from tests.forums.sealed import publish_results, seal

pytestmark = pytest.mark.django_db

BALLOTS = ((1, 2), (1, 2), (1, 2, 3), (1,), (2, 1), (2, 3), (3, 2, 1), (3, 4), (4, 3), (4,), (5, 4), ())
TITLES = ("Un", "Deux", "Trois", "Quatre", "Cinq")


def test_ranking_is_prepared_with_its_ranks(staff_client):
    forum = ForumFactory()
    staff_client.post(new(forum), form(question(method="ranking", limit="", ranks=4)))
    prepared = Round.objects.get().questions.get()
    assert (prepared.method, prepared.limits, prepared.to_retain) == ("ranking", {"ranks": 4}, 1)


@pytest.mark.parametrize("ranks", ["", 0, -1, 61, "x"])
def test_ranks_that_can_t_be_are_said(staff_client, ranks):
    response = staff_client.post(new(ForumFactory()), form(question(method="ranking", limit="", ranks=ranks)))
    assert response.context["forms"].questions[0].errors["ranks"]
    assert not Round.objects.exists()


def test_form_proposes_five_ranks(staff_client):
    page = text(staff_client.get(new(ForumFactory())))
    assert "Nombre d’options qu’une personne classe, au plus" in page
    assert METHODS["ranking"].limit_fields()["ranks"].initial == 5


@pytest.mark.parametrize(
    ("people", "options", "ranks", "said"),
    [
        (3, 5, 3, "85 ordres différents sont possibles, pour 3 personnes sur la liste."),
        (1, 3, 3, "15 ordres différents sont possibles, pour 1 personne sur la liste."),
        (0, 2, 1, "2 ordres différents sont possibles, et personne n’est encore sur la liste."),
        (9, 5, 3, ""),
        # Nobody reads eighty-three digits.
        (3, 12, 12, "Plus d’un milliard d’ordres différents sont possibles, pour 3 personnes sur la liste."),
        # Ten for each: 90 of 9 people, and 15 of two.
        (2, 3, 3, ""),
    ],
)
def test_staff_are_warned_when_an_order_may_sign(staff_client, planned, people, options, ranks, said):
    round = planned(people, options=options, limits={"ranks": ranks})
    for name in ("round", "round_open"):
        page = text(staff_client.get(address(name, round)))
        assert ("comme une signature" in page) is bool(said)
        assert said in page


def test_warning_says_how_many_ranks_would_do(staff_client, planned):
    round = planned(3)
    page = text(staff_client.get(address("round", round)))
    assert "Avec au plus 2 rangs, il y en aurait assez peu." in page
    RegistrationFactory.create_batch(6, forum=round.forum)
    assert "signature" not in text(staff_client.get(address("round", round)))


def test_nothing_is_said_once_it_is_open(staff_client, round):
    assert "signature" not in text(staff_client.get(address("round", round)))


def test_stages_are_published_as_data(client):
    round = seal(BALLOTS, method="ranking", titles=TITLES, to_retain=2)
    publish_results(round.forum)
    base = f"/forums/{round.forum.slug}/"
    data = json.loads(client.get(base + "resultats.json").content)["rounds"][0]
    asked = data["questions"][0]
    assert (asked["method"], asked["limits"]) == ("ranking", {"ranks": 3})
    first = asked["stages"][0]
    assert (first["kind"], first["votes"]) == ("first", {"1": "4", "2": "2", "3": "2", "4": "2", "5": "1"})
    counted = data["count"]["questions"][0]
    assert [each["elected"] for each in asked["stages"]] == [
        each["elected"] for each in counted["detail"]["stages"]
    ]
    assert sorted(each["place"] for each in asked["options"] if each["place"]) == [1, 2]
    table = client.get(base + "resultats.csv").content.decode("utf-8-sig")
    lines = {row["title"]: row for row in csv.DictReader(io.StringIO(table), delimiter=";")}
    assert lines["Un"]["unit"] == "first choices"
    assert lines["Un"]["votes_by_stage"].startswith("4;")
    assert len({row["votes_by_stage"].count(";") for row in lines.values()}) == 1


def test_stages_of_few_ballots_are_not_published(client):
    """What passes on at each stage would tell the second choices of one or two people."""
    round = seal(BALLOTS[:8], method="ranking", titles=TITLES, to_retain=2)
    publish_results(round.forum)
    data = json.loads(client.get(f"/forums/{round.forum.slug}/resultats.json").content)["rounds"][0]
    assert data["count"] is None
    assert data["questions"][0]["stages"] == []


def test_first_choices_alone_are_told_by_channel():
    round = seal(BALLOTS, method="ranking", titles=TITLES, to_retain=2)
    box = SealedBox.objects.get(round=round)
    assert box.reconciliation["channels"] is None
    found = METHODS["ranking"]
    assert [list(found.amounts(list(ballot))) for ballot in BALLOTS[:1]] == [[(1, 1)]]


def test_results_say_how_it_was_counted(client):
    round = seal(BALLOTS, method="ranking", titles=TITLES, to_retain=2)
    publish_results(round.forum)
    page = text(client.get(f"/forums/{round.forum.slug}/resultats/"))
    assert "vote unique transférable" in page
    assert "celle des totaux" not in page
    assert "avec 4 voix; il en fallait 4." in page
    assert Option.objects.filter(question__round=round).count() == 5
    assert timezone.now() > round.sealed_at

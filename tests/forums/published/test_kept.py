"""Reports of sealed rounds are made once, and never of what another round, language or name of a track gave."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from forums.models import Question, Round, Track
from forums.results import sealed_rounds
from forums.results.report import round_reports
from tests.forums.sealed import publish_results, seal

pytestmark = [pytest.mark.django_db, pytest.mark.any_hour("counts what is kept")]


def reports():
    return round_reports(Round.objects.sealed().order_by("pk"))


def test_a_report_is_made_once(client, django_assert_num_queries):
    round = seal()
    (first,) = reports()
    # The rounds, their keys, their questions, options and log; not the box.
    with django_assert_num_queries(5):
        (second,) = reports()
    assert second is first
    publish_results(round.forum)
    address = f"/forums/{round.forum.slug}/resultats/"
    assert client.get(address).content == client.get(address).content
    # Its figures, and who voted.
    assert len(first.drawn) == 2
    client.get(f"/forums/{round.forum.slug}/tours/1/resultats/")
    assert len(first.drawn) == 3


def test_each_language_has_its_own():
    seal(titles=({"title": "Toits", "title_en": "Roofs"}, "Navette", "C", "D"))
    (french,) = reports()
    with override("en"):
        (english,) = reports()
    titles = [{str(row.title) for row in each.questions[0].rows} for each in (french, english)]
    assert titles == [{"Toits", "Navette", "C", "D"}, {"Roofs", "Navette", "C", "D"}]


def test_what_others_may_change_makes_another(monkeypatch):
    round = seal()
    track = Track.objects.create(forum=round.forum, position=1, title="Avant")
    # As a question that had its track before the vote opened: a trigger refuses it afterwards.
    asked = list(sealed_rounds._questions([round.pk])[0])
    place = sealed_rounds.QUESTION.columns.index("track__id")

    def questions(_keys):
        track.refresh_from_db()
        named = [track.pk, track.forum_id, track.position, track.title, track.title_en]
        return [tuple(asked[:place] + named)]

    monkeypatch.setattr(sealed_rounds, "_questions", questions)
    (before,) = reports()
    Track.objects.update(title="Après")
    (after,) = reports()
    assert [each.questions[0].question.track.title for each in (before, after)] == ["Avant", "Après"]


def test_those_of_two_rounds_never_mix():
    first, second = seal(titles=("A", "B", "C", "D")), seal(titles=("E", "F", "G", "H"))
    assert [each.round.pk for each in reports()] == sorted([first.pk, second.pk])
    kept = {each.round.pk: {str(row.title) for row in each.questions[0].rows} for each in reports()}
    assert kept == {first.pk: set("ABCD"), second.pk: set("EFGH")}
    assert Question.objects.count() == 2


def test_they_are_bounded(monkeypatch):
    monkeypatch.setattr(sealed_rounds._kept, "_limit", 1)
    seal(), seal()
    reports()
    assert len(sealed_rounds._kept) == 1
    assert len(reports()) == 2

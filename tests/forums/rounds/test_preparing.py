"""Staff prepare rounds: what is typed is kept, what can't be is said, nobody overwrites anybody."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from forums.models import Option, PaperBallot, Question, Round
from forums.vote import preparation
from forums.vote.methods.registry import METHODS
from forums.vote.rounds import close_round, open_round
from tests.factories import ForumFactory, QuestionFactory, RoundFactory
from tests.forums.rounds.conftest import address, fresh
from tests.forums.typed import rows
from tests.moments import as_typed, typeable


def question(**changes):
    typed = {"title": "Que faire d’abord?", "method": "approval", "limit": 2, "to_retain": 1}
    return typed | {"options": "Café\nThé\n", "options_en": "", "ORDER": 1} | changes


def form(*questions, **changes):
    opens = typeable(timezone.now() + timedelta(days=30))
    typed = {
        "fingerprint": "",
        "title": "Vote d'essai",
        "is_trial": "on",
        "public": "checked_in",
        "reading": "most_supported",
        "opens_at": as_typed(opens),
        "closes_at": as_typed(typeable(opens + timedelta(hours=2))),
    }
    return typed | rows("questions", list(questions or (question(),))) | changes


def new(forum):
    return reverse("staff:round_new", args=[forum.slug])


def text_of(response):
    return html.unescape(response.content.decode()).replace("\u00a0", " ")


def mark_on(staff_client, round):
    return staff_client.get(address("round_edit", round)).context["forms"].round["fingerprint"].value()


def test_trial_is_prepared_with_its_options(staff_client):
    forum = ForumFactory()
    points = question(title="Où aller?", method="points", limit="", points=10, points_each=4, ORDER=2)
    points |= {"options": "Ici\nLà", "options_en": "Here\nThere"}
    response = staff_client.post(new(forum), form(question(), points))
    round = Round.objects.get()
    assert response.url == address("round", round)
    assert (round.number, round.title, round.is_trial, round.state_at(timezone.now())) == (
        1, "Vote d’essai", True, Round.State.PLANNED,
    )  # fmt: skip
    first, second = round.questions.order_by("position")
    assert (first.limits, first.to_retain) == ({"limit": 2}, 1)
    assert second.limits == {"points": 10, "points_each": 4}
    assert [option.title for option in first.options.all()] == ["Café", "Thé"]
    assert [(o.title, o.title_en) for o in second.options.all()] == [("Ici", "Here"), ("Là", "There")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"limit": ""}, "Indiquez combien d’options une personne peut cocher."),
        (
            {"method": "points", "points": "", "points_each": 3},
            "Indiquez combien de points chaque personne répartit.",
        ),
        (
            {"method": "points", "points": 3, "points_each": ""},
            "Indiquez combien de points une personne peut donner à une même option.",
        ),
        ({"method": "points", "points": 3, "points_each": 4}, "Pas plus que les points à répartir."),
        ({"options": "Café\ncafé"}, "La même option y est deux fois."),
        ({"options_en": "Coffee"}, "Tapez autant de lignes en anglais qu’en français, ou aucune."),
        ({"options": "x" * 161}, "Une option a au plus 160 caractères"),
        ({"to_retain": 0}, "questions-0-to_retain_error"),
    ],
)
def test_bad_question_is_said_and_nothing_is_lost(staff_client, changes, said):
    forum = ForumFactory()
    response = staff_client.post(new(forum), form(question(**changes)))
    assert (response.status_code, Round.objects.count()) == (200, 0)
    text = text_of(response)
    assert said in text
    assert "Que faire d’abord?" in text


def test_closing_before_opening_is_said(staff_client):
    forum = ForumFactory()
    response = staff_client.post(new(forum), form(closes_at=as_typed(typeable(timezone.now()))))
    assert "Le vote doit fermer après avoir ouvert." in text_of(response)


def test_overlapping_times_name_the_other_round(staff_client):
    other = RoundFactory(number=4, opens_at=timezone.now() + timedelta(days=30, minutes=30),
                         closes_at=timezone.now() + timedelta(days=31))  # fmt: skip
    response = staff_client.post(new(other.forum), form())
    assert response.status_code == 409
    assert "Ces heures chevauchent celles du scrutin 4" in text_of(response)
    assert Round.objects.count() == 1


def test_rounds_that_touch_do_not_overlap(staff_client):
    begins = typeable(timezone.now() + timedelta(days=30))
    other = RoundFactory(opens_at=begins - timedelta(hours=1), closes_at=begins)
    staff_client.post(
        new(other.forum),
        form(opens_at=as_typed(begins), closes_at=as_typed(typeable(begins + timedelta(hours=2)))),
    )
    assert Round.objects.count() == 2


def test_annulled_round_is_in_nobodys_way(make_round, staff_client):
    annulled = make_round("annulled")
    opens = typeable(annulled.opens_at)
    times = {"opens_at": as_typed(opens), "closes_at": as_typed(typeable(opens + timedelta(hours=1)))}
    staff_client.post(new(annulled.forum), form(**times))
    assert Round.objects.count() == 2


def test_second_writer_is_told_and_keeps_what_was_typed(make_round, staff_client):
    round = make_round("planned")
    mark = mark_on(staff_client, round)
    times = {"opens_at": as_typed(round.opens_at), "closes_at": as_typed(round.closes_at)}
    first = form(fingerprint=mark, title="La première", **times)
    second = form(fingerprint=mark, title="La seconde", **times)
    assert staff_client.post(address("round_edit", round), first).status_code == 302
    response = staff_client.post(address("round_edit", round), second)
    assert response.status_code == 409
    assert "Quelqu’un d’autre a changé ce scrutin entre-temps." in text_of(response)
    assert "La seconde" in text_of(response)
    assert fresh(round).title == "La première"


def test_description_of_an_option_survives_an_edit(make_round, staff_client):
    round = make_round("planned")
    kept = Option.objects.filter(question__round=round).first()
    typed = question(options=f"{kept.title}\nUne autre")
    times = {"opens_at": as_typed(round.opens_at), "closes_at": as_typed(round.closes_at)}
    staff_client.post(
        address("round_edit", round), form(typed, fingerprint=mark_on(staff_client, round), **times)
    )
    options = Option.objects.filter(question__round=round)
    assert {o.title: o.description for o in options} == {kept.title: kept.description, "Une autre": ""}


def test_drawn_ballot_lets_only_the_times_change(make_round, staff_client):
    round = make_round("drawn", papers=2)
    before = list(Option.objects.filter(question__round=round).values_list("pk", "number").order_by("pk"))
    closes = typeable(timezone.now() + timedelta(hours=5))
    changes = {"opens_at": as_typed(round.opens_at), "closes_at": as_typed(closes), "title": "Autre titre"}
    mark = mark_on(staff_client, round)
    response = staff_client.post(
        address("round_edit", round), form(fingerprint=mark, public="accounts", **changes)
    )
    assert response.status_code == 302
    round = fresh(round)
    assert (round.title, round.public, round.closes_at) == ("", "checked_in", closes)
    options = Option.objects.filter(question__round=round).values_list("pk", "number").order_by("pk")
    assert (list(options), PaperBallot.objects.count()) == (before, 2)


@pytest.mark.parametrize("state", ["open", "closed", "sealed", "annulled"])
def test_opened_round_is_neither_changed_nor_deleted(make_round, staff_client, state):
    round = make_round(state)
    times = {"opens_at": as_typed(round.opens_at), "closes_at": as_typed(round.closes_at)}
    staff_client.post(address("round_edit", round), form(title="Piège", **times))
    response = staff_client.post(address("round_delete", round), follow=True)
    assert "Un scrutin ouvert ne se supprime pas" in text_of(response)
    assert fresh(round).title == ""


def test_planned_round_is_deleted_once(make_round, staff_client):
    round = make_round("drawn", papers=2)
    first = staff_client.post(address("round_delete", round))
    assert (first.url, Round.objects.count()) == (reverse("staff:round_list", args=[round.forum.slug]), 0)
    assert staff_client.post(address("round_delete", round)).status_code == 404


def test_copy_brings_typed_options_and_not_copied_ones(make_round, staff_client):
    round = make_round("annulled")
    Question.objects.get(round=round, position=1)
    response = staff_client.post(address("round_copy", round), {"seen": 1})
    made = Round.objects.get(number=2)
    assert response.url == address("round_edit", made)
    assert made.questions.count() == 2
    assert made.questions.get(position=1).options.count() == 5
    assert made.closes_at - made.opens_at >= timedelta(minutes=1)
    again = staff_client.post(address("round_copy", round), {"seen": 1}, follow=True)
    assert "Quelqu’un d’autre a changé ce scrutin entre-temps." in text_of(again)
    assert Round.objects.count() == 2


def planned_now(forum, length):
    """A round planned through the form's own function, to open at this minute."""
    opens_at = typeable(timezone.now())
    values = {
        "title": "",
        "title_en": "",
        "is_trial": True,
        "public": "checked_in",
        "reading": "most_supported",
        "tellers_add": False,
    }
    values |= {"opens_at": opens_at, "closes_at": opens_at + length}
    asked = {"title": "Café ou thé?", "title_en": "", "method": "approval", "limits": {"limit": 1}}
    asked |= {"to_retain": 1, "track_id": None, "options": [("Café", ""), ("Thé", "")]}
    return preparation.create_round(forum=forum, values=values, questions=[asked])


@pytest.mark.parametrize(("minutes", "warns"), [(60, False), (10, False), (9, True)])
def test_copy_of_a_vote_closed_early_lasts_as_planned_and_follows_it(staff_client, minutes, warns):
    round = planned_now(ForumFactory(), timedelta(minutes=minutes))
    open_round(round_id=round.pk, by=None)
    close_round(round_id=round.pk, by=None)
    text = text_of(staff_client.post(address("round_copy", round), {"seen": 1}, follow=True))
    made, closed = Round.objects.get(number=2), fresh(round)
    assert made.closes_at - made.opens_at == timedelta(minutes=minutes)
    assert closed.closed_at <= made.opens_at <= closed.closed_at + timedelta(minutes=1)
    assert ("moins de 10 minutes" in text) == warns
    # The form shows minutes: saved as it is, it still follows the round just closed.
    times = {"opens_at": as_typed(made.opens_at), "closes_at": as_typed(made.closes_at)}
    saved = staff_client.post(
        address("round_edit", made), form(fingerprint=mark_on(staff_client, made), **times)
    )
    assert saved.url == address("round", made)
    assert fresh(made).opens_at == made.opens_at


def test_copy_of_a_vote_prepared_before_its_length_was_kept_lasts_as_planned(staff_client):
    round = planned_now(ForumFactory(), timedelta(hours=1))
    Round.objects.update(planned_length=None)
    open_round(round_id=round.pk, by=None)
    close_round(round_id=round.pk, by=None)
    staff_client.post(address("round_copy", round), {"seen": 1})
    made = Round.objects.get(number=2)
    assert made.closes_at - made.opens_at == timedelta(hours=1)


def test_copy_of_a_copy_lasts_as_planned(staff_client):
    round = planned_now(ForumFactory(), timedelta(hours=1))
    for number in (1, 2):
        round = Round.objects.get(number=number)
        open_round(round_id=round.pk, by=None)
        close_round(round_id=round.pk, by=None)
        staff_client.post(address("round_copy", round), {"seen": number})
    assert Round.objects.get(number=3).planned_length == timedelta(hours=1)


def test_new_round_is_proposed_after_the_one_just_closed(staff_client):
    now = timezone.now()
    forum = ForumFactory(starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=5))
    round = planned_now(forum, timedelta(hours=1))
    open_round(round_id=round.pk, by=None)
    close_round(round_id=round.pk, by=None)
    shown = staff_client.get(new(round.forum)).context["forms"].round["opens_at"].value()
    assert fresh(round).closed_at <= timezone.make_aware(shown)
    assert (shown.second, shown.microsecond) == (0, 0)


@pytest.mark.parametrize(("minutes", "warns"), [(12, False), (9, True)])
def test_opening_shortly_before_the_closing_time_warns(staff_client, minutes, warns):
    round = RoundFactory(
        opens_at=timezone.now() - timedelta(hours=1), closes_at=timezone.now() + timedelta(minutes=minutes)
    )
    QuestionFactory(round=round)
    assert ("moins de 10 minutes" in text_of(staff_client.get(address("round_open", round)))) == warns


def test_page_warns_beyond_fifteen_options(staff_client):
    round = RoundFactory()
    QuestionFactory(round=round, position=1, options=16)
    text = text_of(staff_client.get(address("round", round)))
    assert "Une question a plus de 15 options" in text
    QuestionFactory(round=(other := RoundFactory()), position=1, options=15)
    assert "plus de 15 options" not in text_of(staff_client.get(address("round", other)))


def test_drawing_twice_keeps_the_first_draw(make_round, staff_client):
    round = make_round("drawn", papers=2)
    before = fresh(round).drawn_at
    staff_client.post(address("round_draw", round))
    assert (fresh(round).drawn_at, PaperBallot.objects.count()) == (before, 2)
    staff_client.post(address("round_undraw", round))
    assert (fresh(round).drawn_at, PaperBallot.objects.count()) == (None, 0)
    staff_client.post(address("round_draw", round))
    assert fresh(round).drawn_at is not None


def test_question_with_one_option_is_named(staff_client):
    round = RoundFactory()
    QuestionFactory(round=round, position=1, title="Une seule?", options=1)
    response = staff_client.post(address("round_draw", round), follow=True)
    assert "La question « Une seule? » a moins de deux options." in text_of(response)
    assert METHODS["approval"].min_options == 2


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_the_same_queries_for_1_and_3_rows(staff_client, django_assert_num_queries, count):
    forum = ForumFactory()
    for number in range(1, count + 1):
        times = {"opens_at": timezone.now() + timedelta(days=number)}
        round = RoundFactory(
            forum=forum, number=number, closes_at=times["opens_at"] + timedelta(hours=1), **times
        )
        QuestionFactory(round=round, position=1)
    address = reverse("staff:round_list", args=[forum.slug])
    staff_client.get(address)
    with django_assert_num_queries(8):
        staff_client.get(address)


def test_ballot_takes_more_options_than_one_may_type(db):
    """Recommendations are as many as people made."""
    round = RoundFactory()
    QuestionFactory(round=round, position=1, options=70)
    assert open_round(round_id=round.pk, by=None).opened_at

"""Proposing, typing, rewording, reviewing."""

from __future__ import annotations

import threading
import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from forums.models import Recommendation, RecommendationEvent, Track
from forums.recommendations import editing, rules
from forums.recommendations.editing import RecommendationChanged, RecommendationRefused
from forums.recommendations.erasure import anonymise_author
from forums.recommendations.rules import Actor
from tests.factories import ForumFactory, RecommendationFactory, UserFactory
from tests.forums.recommendations.conftest import content
from tests.refusals import assert_statement_refused, refused_by
from tests.seen import seen

NOW = timezone.now()


def propose(forum, author, **changes):
    arguments = {
        "content": content(), "author_name": "", "is_person_named": False, "idempotency_key": uuid.uuid4(), "now": timezone.now(),
    }  # fmt: skip
    return editing.propose(forum=forum, author=author, **arguments | changes)


def add_accepted(forum, by, **changes):
    arguments = {"content": content(), "idempotency_key": uuid.uuid4(), "now": timezone.now()}
    return editing.add_accepted(forum=forum, by=by, **arguments | changes)


def history(row):
    return list(row.events.values_list("action", flat=True))


def test_proposal_awaits_review(forum, citizen):
    row = propose(forum, citizen)
    assert (row.state, row.author, history(row)) == ("proposed", citizen, ["proposed"])
    assert not row.is_public(timezone.now())


def test_same_submission_makes_one_proposal(forum, citizen):
    number = uuid.uuid4()
    first = propose(forum, citizen, idempotency_key=number)
    assert propose(forum, citizen, idempotency_key=number, content=content("Autre chose")) == first
    assert Recommendation.objects.count() == 1


def test_submission_of_someone_else_is_refused(forum, citizen):
    number = uuid.uuid4()
    propose(forum, citizen, idempotency_key=number)
    with pytest.raises(RecommendationRefused) as refusal:
        propose(forum, UserFactory(), idempotency_key=number)
    assert refusal.value.code == "proposal_form_reused"


@pytest.mark.django_db(transaction=True)
def test_double_click_makes_one_with_real_connections():
    forum, author, number = ForumFactory(), UserFactory(), uuid.uuid4()
    made, barrier = [], threading.Barrier(6)

    def click():
        try:
            barrier.wait()
            made.append(propose(forum, author, idempotency_key=number).pk)
        finally:
            connection.close()

    run(click, 6)
    assert len(made) == 6
    assert len(set(made)) == 1


@pytest.mark.django_db(transaction=True)
def test_daily_limit_holds_against_parallel_proposals():
    forum, author = ForumFactory(), UserFactory()
    for _ in range(rules.MAX_PROPOSALS - 1):
        propose(forum, author)
    refused, barrier = [], threading.Barrier(4)

    def send():
        try:
            barrier.wait()
            propose(forum, author)
        except RecommendationRefused as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    run(send, 4)
    assert refused == ["too_many_proposals"] * 3
    assert Recommendation.objects.count() == rules.MAX_PROPOSALS


@pytest.mark.django_db(transaction=True)
def test_one_entry_sent_twice_by_the_board_is_one_with_real_connections():
    forum, by, number = ForumFactory(), Actor(UserFactory(is_staff=True)), uuid.uuid4()
    made, barrier = [], threading.Barrier(6)

    def send():
        try:
            barrier.wait()
            made.append(add_accepted(forum, by, idempotency_key=number).pk)
        finally:
            connection.close()

    run(send, 6)
    assert len(made) == 6
    assert len(set(made)) == 1


def run(target, times):
    threads = [threading.Thread(target=target) for _ in range(times)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_limit_ends_after_a_day(forum, citizen):
    for _ in range(rules.MAX_PROPOSALS):
        propose(forum, citizen)
    first = Recommendation.objects.earliest("created_at").created_at
    last = Recommendation.objects.latest("created_at").created_at
    with pytest.raises(RecommendationRefused, match="too_many"):
        propose(forum, citizen, now=first + rules.PROPOSALS_PERIOD - timedelta(seconds=1))
    assert propose(forum, citizen, now=last + rules.PROPOSALS_PERIOD).pk


def test_closed_forum_refuses(citizen, db):
    forum = ForumFactory(cancelled_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(RecommendationRefused) as refusal:
        propose(forum, citizen)
    assert refusal.value.code == "proposals_closed"


def test_track_of_another_forum_is_an_error(forum, citizen):
    foreign = Track.objects.create(forum=ForumFactory(), position=1, title="Ailleurs")
    with pytest.raises(ValueError, match="another forum"):
        propose(forum, citizen, content=content(track=foreign))


def test_what_the_board_takes_is_accepted_at_once(forum, team):
    row = add_accepted(forum, team, table_number=4)
    assert (row.state, row.table_number, row.author) == ("accepted", 4, None)
    assert row.shown_author == "Table 4"


def test_board_refuses_a_citizen(forum, citizen):
    with pytest.raises(RecommendationRefused, match="closed"):
        add_accepted(forum, Actor(citizen))


def test_board_does_not_return_a_proposal_under_its_number(forum, citizen, team):
    row = propose(forum, citizen)
    with pytest.raises(RecommendationRefused, match="changed"):
        add_accepted(forum, team, idempotency_key=row.idempotency_key)


# --- Rewording ---------------------------------------------------------------------------------


def reword(row, by, **changes):
    arguments = {"content": content("Un autre titre"), "seen_version": row.version, "now": timezone.now()}
    return editing.edit(recommendation=row, by=by, **arguments | changes)


def test_rewording_keeps_the_words_before(team, db):
    row = RecommendationFactory(title="Avant", description="Le même texte")
    reword(row, team, content=content("Après", description="Le même texte"))
    event = row.events.get()
    assert (event.action, event.before, event.shows_before) == ("edited", {"title": "Avant"}, True)


def test_rewording_nothing_leaves_no_trace(team, db):
    row = RecommendationFactory(title="Pareil")
    reword(row, team, content=content("Pareil"))
    assert history(row) == []


@pytest.mark.parametrize(
    ("state", "withheld", "shown"), [("accepted", True, False), ("proposed", False, False)]
)
def test_words_never_published_or_withheld_stay_with_the_team(team, db, state, withheld, shown):
    row = RecommendationFactory(state=state)
    reword(row, team, withholds_before=withheld)
    assert row.events.get().shows_before is shown


def test_rewording_over_someone_else_is_a_conflict_with_what_is_stored(team, db):
    row = RecommendationFactory()
    reword(row, team, content=content("Le premier arrivé"))
    with pytest.raises(RecommendationChanged) as conflict:
        reword(row, team, content=content("Le second"))
    assert conflict.value.stored.title == "Le premier arrivé"
    row.refresh_from_db()
    assert row.title == "Le premier arrivé"


def test_author_can_not_reword_once_reviewed(citizen, team, forum):
    row = propose(forum, citizen)
    editing.accept(recommendation=row, seen=seen(row), by=team, now=timezone.now())
    row.refresh_from_db()
    with pytest.raises(RecommendationRefused, match="recommendation_reviewed"):
        reword(row, Actor(citizen))


# --- Review --------------------------------------------------------------------------------------


def test_acceptance_publishes_and_tells_the_author_once(forum, citizen, team, mailoutbox):
    row = propose(forum, citizen)
    editing.accept(recommendation=row, seen=seen(row), by=team, now=timezone.now())
    with pytest.raises(RecommendationRefused, match="decided"):
        editing.accept(recommendation=row, seen=seen(row), by=team, now=timezone.now())
    row.refresh_from_db()
    assert row.is_public(timezone.now())
    assert history(row) == ["proposed", "accepted"]
    assert [mail.to for mail in mailoutbox] == [[citizen.email]]


def test_refusal_gives_its_reason_to_the_author_in_their_language(forum, team, mailoutbox):
    author = UserFactory(language="en")
    row = propose(forum, author, content=content("Une piste cyclable", title_en="A bike path"))
    editing.refuse(
        recommendation=row, seen=seen(row), reason="Cela relève de la MRC.", by=team, now=timezone.now()
    )
    row.refresh_from_db()
    assert (row.state, row.refusal_reason) == ("refused", "Cela relève de la MRC.")
    body = mailoutbox[0].body
    assert "Cela relève de la MRC." in body
    assert "A bike path" in body
    assert f"/en/forums/{forum.slug}/recommandations/{row.pk}/" in body


def test_refusal_needs_a_reason_in_the_database(db):
    with refused_by("recommendation_refused_with_reason"):
        RecommendationFactory(state="refused", refusal_reason="")
    with pytest.raises(ValidationError) as told:
        RecommendationFactory.build(forum=None, state="refused").validate_constraints(exclude={"forum"})
    assert told.value.messages == ["Indiquez pourquoi la recommandation est refusée."]


def test_refusing_takes_off_the_ballot(team, db):
    row = RecommendationFactory(is_on_ballot=True)
    editing.refuse(recommendation=row, seen=seen(row), reason="Non.", by=team, now=timezone.now())
    row.refresh_from_db()
    assert not row.is_on_ballot


def test_second_refusal_changes_nothing(team, mailoutbox):
    row = RecommendationFactory(author=UserFactory())
    editing.refuse(recommendation=row, seen=seen(row), reason="Première raison.", by=team, now=timezone.now())
    with pytest.raises(RecommendationRefused, match="changed"):
        editing.refuse(
            recommendation=row, seen=seen(row), reason="Autre raison.", by=team, now=timezone.now()
        )
    row.refresh_from_db()
    assert row.refusal_reason == "Première raison."
    assert len(mailoutbox) == 1


def test_day_team_reviews_nothing(forum, citizen):
    row, helper = propose(forum, citizen), Actor(helper_id=1)
    now = timezone.now()
    for act in (
        lambda: editing.accept(recommendation=row, seen=seen(row), by=helper, now=now),
        lambda: editing.refuse(recommendation=row, seen=seen(row), reason="Non.", by=helper, now=now),
        lambda: editing.set_hidden(recommendation=row, seen=seen(row), is_hidden=True, by=helper, now=now),
    ):
        with pytest.raises(RecommendationRefused, match="changed"):
            act()
    row.refresh_from_db()
    assert (row.state, row.is_hidden) == ("proposed", False)


def test_only_accepted_ones_go_on_the_ballot(forum, citizen, team):
    row = propose(forum, citizen)
    with pytest.raises(RecommendationRefused, match="changed"):
        editing.set_on_ballot(recommendation=row, seen=seen(row), is_on_ballot=True, by=team, now=NOW)
    with refused_by("recommendation_on_ballot_accepted"):
        Recommendation.objects.filter(pk=row.pk).update(is_on_ballot=True)


def test_ballot_is_chosen_by_value_so_that_twice_is_once(team, db):
    row = RecommendationFactory()
    editing.set_on_ballot(recommendation=row, seen=seen(row), is_on_ballot=True, by=team, now=NOW)
    with pytest.raises(RecommendationRefused, match="decided"):
        editing.set_on_ballot(recommendation=row, seen=seen(row), is_on_ballot=True, by=team, now=NOW)
    assert history(row) == ["on_ballot"]
    assert list(Recommendation.objects.for_ballot()) == [row]


def test_hiding_leaves_the_ballot_and_showing_does_not_return_to_it(team, db):
    row = RecommendationFactory(is_on_ballot=True)
    for is_hidden in (True, False):
        editing.set_hidden(recommendation=row, seen=seen(row), is_hidden=is_hidden, by=team, now=NOW)
    row.refresh_from_db()
    assert (row.is_hidden, row.is_on_ballot, history(row)) == (False, False, ["hidden", "shown"])


# --- History and erasure ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE forums_recommendationevent SET reason = 'autre'",
        "UPDATE forums_recommendationevent SET before = '{}'",
        "UPDATE forums_recommendationevent SET at = now()",
        "UPDATE forums_recommendationevent SET by_id = (SELECT max(id) FROM accounts_user)",
        "DELETE FROM forums_recommendationevent",
    ],
)
def test_history_is_written_once(forum, citizen, team, statement):
    reword(propose(forum, citizen), team)
    UserFactory()
    assert_statement_refused("the history of a recommendation is written once", statement)
    assert RecommendationEvent.objects.count() == 2


def test_person_may_be_emptied_from_history(forum, citizen):
    propose(forum, citizen)
    RecommendationEvent.objects.update(by=None)
    assert RecommendationEvent.objects.get().by is None


def test_history_is_never_truncated(db):
    assert_statement_refused(
        "forums_recommendationevent is never truncated", "TRUNCATE forums_recommendationevent CASCADE"
    )


def test_forgetting_an_author_takes_their_name_and_leaves_the_organisations(forum, citizen):
    signed = propose(forum, citizen, author_name="Camille Roy", is_person_named=True)
    for_coop = propose(forum, citizen, author_name="Coop du Fleuve")
    assert anonymise_author(user=citizen) == 2
    signed.refresh_from_db()
    for_coop.refresh_from_db()
    assert (signed.author, signed.author_name) == (None, "")
    assert (for_coop.author, for_coop.author_name) == (None, "Coop du Fleuve")
    assert not RecommendationEvent.objects.filter(by=citizen).exists()


def test_deleting_an_account_keeps_what_it_proposed(forum, citizen):
    row = propose(forum, citizen)
    citizen.delete()
    row.refresh_from_db()
    assert (row.author, row.events.get().by) == (None, None)

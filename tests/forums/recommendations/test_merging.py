"""Bringing together and separating, alone and against others."""

from __future__ import annotations

import threading
import uuid

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from forums.models import Recommendation
from forums.recommendations import editing, merging
from forums.recommendations.editing import RecommendationChanged, RecommendationContent, RecommendationRefused
from forums.recommendations.history import genealogy_of, origin_counts
from forums.recommendations.rules import Actor
from pole.hooks.moderation import ChangedMeanwhile
from tests.factories import ForumFactory, RecommendationFactory, UserFactory
from tests.forums.recommendations.conftest import content
from tests.seen import seen, seen_merge, seen_separation

JOINT = content("Un texte commun", description="Qui dit tout.")


def merge(rows, by, joint=JOINT):
    return merging.merge(
        forum=rows[0].forum,
        ids=[row.pk for row in rows],
        seen=seen_merge([row.pk for row in rows]),
        content=joint,
        by=by,
        now=timezone.now(),
    )


def separate(row, by, **changes):
    return merging.separate(
        recommendation=row, seen=seen_separation(row), by=by, now=timezone.now(), **changes
    )


def fresh(*rows):
    return [Recommendation.objects.get(pk=row.pk) for row in rows]


def three(forum, **fields):
    return [RecommendationFactory(forum=forum, title=f"Idée {n}", **fields) for n in (1, 2, 3)]


def test_the_oldest_stays_with_the_joint_text_and_the_others_point_to_it(forum, team):
    rows = three(forum)
    survivor = merge(rows, team)
    first, second, third = fresh(*rows)
    assert survivor == first
    assert (first.title, first.description, first.state) == ("Un texte commun", "Qui dit tout.", "accepted")
    assert [(row.state, row.survivor, row.title) for row in (second, third)] == [
        ("merged", first, "Idée 2"),
        ("merged", first, "Idée 3"),
    ]


def test_history_says_who_when_and_the_words_before(forum, team, staff):
    rows = three(forum)
    merge(rows, team)
    first, second, _third = fresh(*rows)
    assert [(e.action, e.other, e.by) for e in second.events.all()] == [("merged", first, staff)]
    told = [(e.action, e.before) for e in first.events.all()]
    assert told == [("edited", {"title": "Idée 1", "description": ""}), ("gathered", {}), ("gathered", {})]


def test_what_already_gathers_stays_then_what_is_on_the_ballot(forum, team):
    a, b, c = three(forum)
    d = RecommendationFactory(forum=forum, is_on_ballot=True)
    assert merge([b, d], team) == d
    assert merge([a, c], team) == a
    e = RecommendationFactory(forum=forum, created_at=a.created_at)
    assert merge([e, a], team) == a


def test_group_is_on_the_ballot_when_one_of_them_was(forum, team):
    a, b, c = three(forum)
    Recommendation.objects.filter(pk=c.pk).update(is_on_ballot=True)
    merge([a, c], team)
    d = RecommendationFactory(forum=forum)
    merge([d, c], team)
    rows = fresh(a, b, c, d)
    assert [row.is_on_ballot for row in rows] == [False, False, True, False]


@pytest.mark.parametrize(
    "fields",
    [{"state": "refused", "refusal_reason": "Non."}, {"is_hidden": True}],
    ids=["refused", "hidden"],
)
def test_refused_and_hidden_ones_are_not_merged(forum, team, fields):
    row, other = RecommendationFactory(forum=forum, **fields), RecommendationFactory(forum=forum)
    with pytest.raises(RecommendationRefused) as refusal:
        merge([row, other], team)
    assert refusal.value.code == "recommendation_changed"


def test_one_is_too_few_and_one_twice_too(forum, team):
    row = RecommendationFactory(forum=forum)
    for ids in ([row.pk], [row.pk, row.pk], []):
        with pytest.raises(RecommendationRefused) as refusal:
            merging.merge(
                forum=forum, ids=ids, seen=seen_merge(ids), content=JOINT, by=team, now=timezone.now()
            )
        assert refusal.value.code == "too_few_to_merge"


def test_forums_are_not_mixed(forum, team):
    with pytest.raises(RecommendationRefused) as refusal:
        merge([RecommendationFactory(forum=forum), RecommendationFactory()], team)
    assert refusal.value.code == "recommendation_changed"


def test_day_team_merges_what_is_accepted_only(forum):
    member = forum.day_team.create(name="Lou", token_hash="x", valid_until=timezone.now())
    helper = Actor(helper_id=member.pk)
    a, b, _c = three(forum)
    waiting = RecommendationFactory(forum=forum, state="proposed")
    with pytest.raises(RecommendationRefused, match="changed"):
        merge([a, waiting], helper)
    assert merge([a, b], helper) == a
    assert b.events.get().helper == member


def test_merging_a_proposal_tells_its_author(forum, team, mailoutbox):
    author = UserFactory()
    waiting = RecommendationFactory(forum=forum, state="proposed", author=author, title="La mienne")
    merge([RecommendationFactory(forum=forum), waiting], team)
    (mail,) = mailoutbox
    assert mail.to == [author.email]
    assert "La mienne" in mail.body
    assert "Un texte commun" in mail.body


def test_groups_merged_in_turn_stay_walkable(forum, team):
    a, b, c = three(forum)
    d, e = RecommendationFactory(forum=forum), RecommendationFactory(forum=forum)
    merge([a, b], team)
    merge([c, d], team)
    merge([e, c], team)
    merge([a, c], team)
    assert genealogy_of(fresh(e)[0]).survivors == (c, a)
    tree = genealogy_of(fresh(a)[0])
    assert tree.total == 5
    assert [s.recommendation for s in tree.sources] == [b, c]
    assert [s.recommendation for s in tree.sources[1].sources] == [d, e]
    assert origin_counts([a.pk, b.pk, c.pk]) == {a.pk: 5, b.pk: 1, c.pk: 3}


def test_separating_gives_back_state_and_place_on_the_ballot(forum, team):
    a, b, c = three(forum)
    Recommendation.objects.filter(pk__in=[a.pk, b.pk]).update(is_on_ballot=True)
    Recommendation.objects.filter(pk=c.pk).update(state="proposed")
    merge(fresh(a, b, c), team)
    for row in fresh(b, c):
        separate(row, team)
    assert [(row.state, row.survivor, row.is_on_ballot) for row in fresh(a, b, c)] == [
        ("accepted", None, True),
        ("accepted", None, True),
        ("proposed", None, False),
    ]


def test_separating_a_group_takes_its_own_sources_along(forum, team):
    a, b, c = three(forum)
    d = RecommendationFactory(forum=forum)
    merge([b, c], team)
    merge([a, d], team)
    merge(fresh(a, b), team)
    separate(fresh(b)[0], team)
    assert [row.survivor for row in fresh(a, b, c, d)] == [None, None, b, a]


def test_separating_gives_back_the_words_before_when_that_undoes_this_merge_alone(forum, team):
    a, b, _c = three(forum)
    merge([a, b], team)
    assert merging.content_before_merge(fresh(b)[0]).title == "Idée 1"
    separate(fresh(b)[0], team, restores_content=True)
    assert [row.title for row in fresh(a, b)] == ["Idée 1", "Idée 2"]
    assert a.events.filter(action="edited").count() == 2


def test_words_before_keep_the_kind_and_the_track(forum, team):
    track = forum.tracks.create(position=1, title="Les moyens")
    a, b, _c = three(forum, track=track, kind="issue")
    merge([a, b], team, RecommendationContent(kind="opportunity", title="Un texte commun", track=track))
    row = forum.recommendations.for_page().get(pk=b.pk)
    before = merging.content_before_merge(row)
    assert (before.title, before.kind, before.track) == ("Idée 1", "issue", track)


def test_words_are_not_given_back_while_others_joined_at_the_same_time_or_after_a_rewording(forum, team):
    a, b, c = three(forum)
    merge([a, b, c], team)
    assert merging.content_before_merge(fresh(b)[0]) is None
    separate(fresh(b)[0], team, restores_content=True)
    assert fresh(a)[0].title == "Un texte commun"
    assert merging.content_before_merge(fresh(c)[0]).title == "Idée 1"
    row = fresh(a)[0]
    editing.edit(
        recommendation=row,
        content=content("Reformulé"),
        seen_version=row.version,
        by=team,
        now=timezone.now(),
    )
    assert merging.content_before_merge(fresh(c)[0]) is None


def test_separating_twice_is_refused_and_merging_again_works(forum, team):
    a, b, _c = three(forum)
    merge([a, b], team)
    separate(fresh(b)[0], team)
    with pytest.raises(RecommendationRefused, match="changed"):
        separate(fresh(b)[0], team)
    assert merge(fresh(a, b), team) == a


# --- Races, with real connections --------------------------------------------------------------------

race = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Runs each act in its own connection at the same moment; what each raised, or None, in order."""
    outcomes, barrier = [None] * len(acts), threading.Barrier(len(acts))

    def run(index, act):
        try:
            barrier.wait()
            act()
        except (RecommendationRefused, RecommendationChanged, ChangedMeanwhile) as error:
            outcomes[index] = type(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return outcomes


@race
def test_overlapping_merges_leave_one_group_and_no_deadlock():
    forum, by = ForumFactory(), Actor(UserFactory(is_staff=True))
    for _ in range(8):
        a, b, c = three(forum)
        outcomes = at_once(lambda a=a, b=b: merge([a, b], by), lambda c=c, b=b: merge([c, b], by))
        # Both when b stayed in the first of the two, and the second saw it as it was then: it gathers, and stays in
        # the second.
        assert None in outcomes
        assert set(outcomes) <= {None, RecommendationRefused, ChangedMeanwhile}
        rows = fresh(a, b, c)
        merged = [row for row in rows if row.state == "merged"]
        assert all(row.survivor_id in {a.pk, b.pk, c.pk} - {row.pk} for row in merged)
        assert len(merged) == outcomes.count(None)
        assert len([row for row in rows if row.survivor_id is None]) == 3 - len(merged)


@race
def test_accepting_while_merging_never_revives_what_was_merged():
    forum, by = ForumFactory(), Actor(UserFactory(is_staff=True))
    for _ in range(8):
        a = RecommendationFactory(forum=forum)
        waiting = RecommendationFactory(forum=forum, state="proposed")
        merged, accepted = at_once(
            lambda a=a, w=waiting: merge([a, w], by),
            lambda w=waiting: editing.accept(recommendation=w, seen=seen(w), by=by, now=timezone.now()),
        )
        row = fresh(waiting)[0]
        if merged is ChangedMeanwhile:
            # It was accepted once its state had been seen, and before it was merged.
            assert (accepted, row.state, row.survivor) == (None, "accepted", None)
        else:
            assert (merged, row.state, row.survivor) == (None, "merged", a)


@race
def test_rewording_while_merging_is_a_conflict_or_is_in_the_history():
    forum, by = ForumFactory(), Actor(UserFactory(is_staff=True))
    for _ in range(8):
        a, b, _c = three(forum)
        merged, reworded = at_once(
            lambda a=a, b=b: merge([a, b], by),
            lambda a=a: editing.edit(
                recommendation=a, content=content("Reformulée"), seen_version=1, by=by, now=timezone.now()
            ),
        )
        row = fresh(a)[0]
        if merged is ChangedMeanwhile:
            assert (reworded, row.title, row.state) == (None, "Reformulée", "accepted")
            continue
        assert merged is None
        assert row.title == "Un texte commun"
        before = [event.before["title"] for event in row.events.filter(action="edited")]
        assert before == (["Idée 1"] if reworded else ["Idée 1", "Reformulée"])


@race
def test_refusing_while_merging_leaves_one_of_the_two():
    forum, by = ForumFactory(), Actor(UserFactory(is_staff=True))
    for _ in range(8):
        a, b, _c = three(forum)
        outcomes = at_once(
            lambda a=a, b=b: merge([a, b], by),
            lambda b=b: editing.refuse(
                recommendation=b, seen=seen(b), reason="Non.", by=by, now=timezone.now()
            ),
        )
        assert outcomes.count(None) == 1
        assert fresh(b)[0].state == ("merged" if outcomes[0] is None else "refused")


# --- Genealogy ---------------------------------------------------------------------------------------


def said(moments):
    return [(entry.action, [other.title for other in entry.others], entry.actor) for entry in moments]


def test_genealogy_tells_dates_names_as_agreed_and_words_before(forum, team, staff):
    rows = three(forum)
    typed = editing.add_accepted(
        forum=forum, by=team, content=content("De la table 3"), idempotency_key=uuid.uuid4(), now=timezone.now(), table_number=3,
    )  # fmt: skip
    with time_machine.travel("2030-05-20T14:00:00Z", tick=False):
        merge([typed, rows[1], rows[2]], team)
    tree = genealogy_of(fresh(rows[1])[0])
    assert said(tree.entries) == [("gathered", ["Idée 3", "De la table 3"], staff.name)]
    assert tree.entries[0].before == (("Titre", "Idée 2", "fr"),)
    source = genealogy_of(fresh(typed)[0])
    assert said(source.entries) == [("proposed", [], "Table 3"), ("merged", ["Un texte commun"], staff.name)]


def test_genealogy_never_names_an_author_who_did_not_agree(forum, team, citizen):
    row = RecommendationFactory(forum=forum, author=citizen, state="proposed")
    editing.record_event(row, "proposed", by=Actor(citizen), at=timezone.now())
    editing.edit(recommendation=row, content=content(), seen_version=1, by=Actor(citizen), now=timezone.now())
    editing.accept(recommendation=row, seen=seen(row), by=team, now=timezone.now())
    tree = genealogy_of(fresh(row)[0])
    assert citizen.name not in repr(tree)
    assert [entry.before for entry in tree.entries] == [(), (), ()]
    for_team = genealogy_of(fresh(row)[0], for_team=True)
    assert citizen.name in repr(for_team.entries)
    assert for_team.entries[1].before != ()


def test_genealogy_leaves_out_hidden_sources_and_keeps_theirs(forum, team):
    a, b, c = three(forum)
    d = RecommendationFactory(forum=forum, title="Idée 4")
    merge([a, d], team)
    merge([b, c], team)
    merge(fresh(a, b), team)
    editing.set_hidden(recommendation=b, seen=seen(b), is_hidden=True, by=team, now=timezone.now())
    tree = genealogy_of(fresh(a)[0])
    assert [source.recommendation for source in tree.sources] == [c, d]
    assert tree.total == 3
    assert [entry.others for entry in tree.entries] == [(d,), ()]
    assert (
        tree.entries[1].label == "Regroupe aussi\N{NO-BREAK SPACE}: une recommandation qui n’est pas affichée"
    )


@pytest.mark.parametrize("size", [1, 3])
def test_genealogies_cost_three_queries_whatever_their_number(forum, team, size, django_assert_num_queries):
    from forums.recommendations.history import genealogies

    roots = [merge(three(forum), team) for _ in range(size)]
    with django_assert_num_queries(3):
        trees = genealogies([root.pk for root in roots])
        assert [len(trees[root.pk][1].sources) for root in roots] == [2] * size
        assert [tree.entries[-1].others[0].get_absolute_url() for _root, tree in trees.values()]

"""Review by the team, and the room board by the team and the day team."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from forums.hooks.moderation import queue as moderation_queue
from forums.models import MANY_OPTIONS, Recommendation
from forums.recommendations import merging
from forums.views.day import day_access
from tests.factories import ForumFactory, RecommendationFactory, UserFactory
from tests.forums.recommendations.conftest import content
from tests.seen import seen, seen_merge, seen_separation


def page(response, status=200):
    assert response.status_code == status
    return response.content.decode().replace("\N{NO-BREAK SPACE}", " ")


def act(client, name, row, data=None):
    url = reverse(f"staff:recommendation_{name}", args=[row.forum.slug, row.pk])
    return client.post(url, {"seen": seen(row)} | (data or {}))


def address(row):
    return reverse("staff:recommendation", args=[row.forum.slug, row.pk])


def sent(row, **changes):
    return {"kind": row.kind, "title": row.title, "version": row.version} | changes


@pytest.fixture
def waiting(forum):
    return RecommendationFactory(forum=forum, state="proposed", author=UserFactory(), title="À lire")


# --- Review ------------------------------------------------------------------------------------------


def test_queue_begins_with_what_waits(staff_client, forum, waiting):
    RecommendationFactory(forum=forum, title="Déjà acceptée")
    url = reverse("staff:recommendation_list", args=[forum.slug])
    assert "À lire" in page(staff_client.get(url))
    assert "Déjà acceptée" not in page(staff_client.get(url))
    assert "Déjà acceptée" in page(staff_client.get(url + "?etat=acceptees"))


@pytest.mark.parametrize("size", [1, 3])
def test_queue_costs_the_same_whatever_its_length(staff_client, forum, size, django_assert_num_queries):
    for _ in range(size):
        RecommendationFactory(forum=forum, state="proposed", author=UserFactory())
    url = reverse("staff:recommendation_list", args=[forum.slug])
    staff_client.get(url)
    with django_assert_num_queries(9):
        assert page(staff_client.get(url)).count('class="entry recommendation"') == size


def test_staff_home_counts_what_waits(staff_client, forum, waiting):
    assert "proposition à lire – Forum du fleuve" in page(staff_client.get(reverse("staff:home")))


def test_accepting_refusing_choosing_and_hiding(staff_client, waiting):
    act(staff_client, "accept", waiting)
    act(staff_client, "choose", waiting, {"bulletin": "1"})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.is_on_ballot) == ("accepted", True)
    act(staff_client, "refuse", waiting, {"reason": "Hors du territoire."})
    waiting.refresh_from_db()
    assert (waiting.state, waiting.refusal_reason, waiting.is_on_ballot) == (
        "refused",
        "Hors du territoire.",
        False,
    )
    act(staff_client, "hide", waiting)
    waiting.refresh_from_db()
    assert waiting.is_hidden
    act(staff_client, "hide", waiting, {"montrer": "1"})
    waiting.refresh_from_db()
    assert not waiting.is_hidden


def test_refusal_without_reason_says_so(staff_client, waiting):
    shown = page(act(staff_client, "refuse", waiting, {"reason": " "}), 400)
    assert "Indiquez pourquoi la recommandation est refusée." in shown
    waiting.refresh_from_db()
    assert waiting.state == "proposed"


def test_team_rewords_and_signs(staff_client, waiting):
    response = staff_client.post(
        address(waiting), sent(waiting, title="Mieux dit", author_name="Coop du Fleuve", table_number=7)
    )
    assert response.status_code == 302
    waiting.refresh_from_db()
    assert (waiting.title, waiting.author_name, waiting.table_number) == ("Mieux dit", "Coop du Fleuve", 7)


def test_retyped_name_is_no_longer_the_accounts_own(staff_client, forum, citizen):
    row = RecommendationFactory(forum=forum, author=citizen, author_name="Camille Roy", is_person_named=True)
    staff_client.post(address(row), sent(row, author_name="Camille Roy"))
    row.refresh_from_db()
    assert row.is_person_named
    staff_client.post(address(row), sent(row, author_name=""))
    row.refresh_from_db()
    assert (row.author_name, row.is_person_named) == ("", False)


def test_conflict_shows_what_is_stored_and_keeps_what_was_typed(staff_client, waiting):
    staff_client.post(address(waiting), sent(waiting, title="Le premier"))
    shown = page(staff_client.post(address(waiting), sent(waiting, title="Le second", version=1)), 409)
    assert "Le premier" in shown
    assert 'value="Le second"' in shown
    assert 'name="version" value="2"' in shown


def test_history_shows_the_team_what_readers_do_not_see(staff_client, client, forum):
    row = RecommendationFactory(forum=forum, title="Un propos blessant")
    staff_client.post(address(row), sent(row, title="Un propos corrigé", withholds_before="on"))
    url = reverse("staff:recommendation_history", args=[forum.slug, row.pk])
    assert "Un propos blessant" in page(staff_client.get(url))
    assert "Un propos blessant" not in page(client.get(row.get_absolute_url()))


def test_addresses_of_another_forum_are_404(staff_client, waiting):
    other = ForumFactory()
    for name in ("accept", "refuse", "hide", "choose", "separate"):
        url = reverse(f"staff:recommendation_{name}", args=[other.slug, waiting.pk])
        assert staff_client.post(url, {"reason": "x"}).status_code == 404


# --- The room board ------------------------------------------------------------------------------------


@pytest.fixture
def helper_client(forum):
    member = forum.day_team.create(
        name="Lou Tremblay", token_hash="a" * 64, valid_until=timezone.now() + timedelta(hours=9)
    )
    response, client = HttpResponse(), Client()
    day_access.set_access_cookie(response, member)
    client.cookies = response.cookies
    return client


def room(forum, name="room", *more):
    return reverse(f"staff:{name}", args=[forum.slug, *more])


def entry(**changes):
    return {
        "kind": "opportunity", "title": "Une cuisine partagée", "description": "", "table_number": "4",
        "submission": str(uuid.uuid4()),
    } | changes  # fmt: skip


@pytest.mark.parametrize("who", ["staff_client", "helper_client"])
def test_entry_is_noted_and_the_table_stays(request, forum, who):
    client = request.getfixturevalue(who)
    response = client.post(room(forum), entry())
    row = Recommendation.objects.get()
    assert (row.state, row.table_number) == ("accepted", 4)
    assert response.url == f"{room(forum)}?table=4&type=opportunity"
    shown = page(client.get(response.url))
    assert 'name="table_number" value="4"' in shown
    assert "Une cuisine partagée" in shown
    event = row.events.get()
    assert (event.helper is None) is (who == "staff_client")


def test_day_team_sees_neither_the_queue_nor_staff_pages(helper_client, forum, waiting):
    shown = page(helper_client.get(room(forum)))
    assert "À lire" not in shown
    assert "/gestion/personnes/" not in shown
    for name in ("recommendation_list",):
        assert helper_client.get(room(forum, name)).url.startswith("/compte/connexion/?next=")
    for name in ("accept", "refuse", "hide"):
        assert act(helper_client, name, waiting, {"reason": "x"}).url.startswith("/compte/connexion/?next=")
    waiting.refresh_from_db()
    assert (waiting.state, waiting.is_hidden) == ("proposed", False)


def test_day_team_of_another_forum_is_kept_out(helper_client, db):
    other = ForumFactory()
    assert helper_client.post(room(other), entry()).status_code == 403
    assert Recommendation.objects.count() == 0


def test_script_is_answered_201_once_stored_and_422_with_what_is_wrong(staff_client, forum):
    json = {"headers": {"accept": "application/json"}}
    same = entry()
    answers = [staff_client.post(room(forum), same, **json) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json() == {"id": Recommendation.objects.get().pk}
    wrong = staff_client.post(room(forum), entry(title=""), **json)
    assert wrong.status_code == 422
    assert wrong.json() == {"errors": ["Donnez un titre à votre recommandation."]}


def test_error_keeps_what_was_typed(staff_client, forum):
    shown = page(staff_client.post(room(forum), entry(title="", description="Tout ce qui a été dit")), 400)
    assert "Tout ce qui a été dit" in shown


def test_list_is_answered_304_until_something_changes(staff_client, forum):
    url = room(forum, "room_list")
    tag = staff_client.get(url).headers["ETag"]
    assert staff_client.get(url, headers={"if-none-match": tag}).status_code == 304
    staff_client.post(room(forum), entry())
    fresh = staff_client.get(url, headers={"if-none-match": tag})
    assert "Une cuisine partagée" in page(fresh)
    assert fresh.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("size", [1, 3])
def test_refreshed_list_costs_the_same_whatever_its_length(
    staff_client, forum, size, django_assert_num_queries
):
    for n in range(size):
        RecommendationFactory(forum=forum, table_number=n + 1)
    url = room(forum, "room_list")
    staff_client.get(url)
    with django_assert_num_queries(8):
        assert page(staff_client.get(url)).count('class="room-row"') == size


def test_board_warns_beyond_fifteen_options(staff_client, forum):
    for _ in range(MANY_OPTIONS):
        RecommendationFactory(forum=forum, is_on_ballot=True)
    assert "difficile à lire" not in page(staff_client.get(room(forum)))
    extra = RecommendationFactory(forum=forum)
    staff_client.post(room(forum, "room_choose", extra.pk), {"bulletin": "1", "seen": seen(extra)})
    shown = page(staff_client.get(room(forum)))
    assert "16 options" in shown
    assert "difficile à lire" in shown


@pytest.mark.parametrize("who", ["staff_client", "helper_client"])
def test_two_ticked_are_brought_together_then_separated(request, forum, who):
    client = request.getfixturevalue(who)
    a, b = (
        RecommendationFactory(forum=forum, title="Alpha"),
        RecommendationFactory(forum=forum, title="Bravo"),
    )
    url = room(forum, "recommendation_merge")
    shown = page(client.get(url, {"r": [a.pk, b.pk]}))
    assert "Alpha" in shown
    assert "Bravo" in shown
    typed = {"r": [a.pk, b.pk], "kind": "issue", "title": "Alpha et Bravo", "retour": ""}
    response = client.post(url, typed | {"seen": seen_merge([a.pk, b.pk])})
    assert response.url == room(forum)
    b.refresh_from_db()
    assert (b.state, b.survivor) == ("merged", a)
    apart = room(forum, "recommendation_separate", b.pk)
    assert "Alpha" in page(client.get(apart))
    client.post(apart, {"texte": "1", "seen": seen_separation(b)})
    a.refresh_from_db()
    b.refresh_from_db()
    assert (a.title, b.state, b.survivor) == ("Alpha", "accepted", None)


@pytest.mark.parametrize("ticked", [[], ["1"], ["x", "²", "-1", "9" * 30], ["1", "1"]])
def test_fewer_than_two_ticked_says_what_to_do(staff_client, forum, ticked):
    response = staff_client.get(room(forum, "recommendation_merge"), {"r": ticked}, follow=True)
    assert "Cochez deux recommandations ou plus" in page(response)


def test_joint_text_survives_an_error_and_a_merge_lost_to_another_is_said(staff_client, forum, team):
    a, b, c = (RecommendationFactory(forum=forum) for _ in range(3))
    url = room(forum, "recommendation_merge")
    shown = page(
        staff_client.post(
            url, {"r": [a.pk, b.pk], "kind": "issue", "title": "", "description": "Le texte commun"}
        ),
        400,
    )
    assert "Le texte commun" in shown
    merging.merge(
        forum=forum,
        ids=[b.pk, c.pk],
        seen=seen_merge([b.pk, c.pk]),
        content=content(),
        by=team,
        now=timezone.now(),
    )
    response = staff_client.post(url, {"r": [a.pk, c.pk], "kind": "issue", "title": "Trop tard"})
    shown = page(response, 400)
    assert "entre-temps" in shown
    assert 'value="Trop tard"' in shown
    a.refresh_from_db()
    assert a.state == "accepted"


def test_board_of_an_event_without_recommendations_is_a_404(staff_client, db):
    forum = ForumFactory(has_participation=False)
    assert staff_client.get(room(forum)).status_code == 404


# --- The team's queue ------------------------------------------------------------------------------------


def test_what_waits_is_in_the_teams_queue_and_accepting_leads_back_to_it(staff_client, forum, waiting):
    RecommendationFactory(forum=forum, title="Masquée", state="proposed", is_hidden=True)
    queue = moderation_queue(10)
    assert (queue.total, [item.key for item in queue.items]) == (1, [f"recommandation-{waiting.pk}"])
    (item,) = queue.items
    assert (
        staff_client.post(item.approve_url, {"next": "/gestion/moderation/", "seen": item.version}).url
        == "/gestion/moderation/"
    )
    assert moderation_queue(10).total == 0


@pytest.mark.parametrize(
    "back", ["//mechant.example", "https://mechant.example/", "javascript:alert(1)", "ailleurs", "é"]
)
def test_way_back_never_leads_elsewhere(staff_client, waiting, back):
    assert act(staff_client, "accept", waiting, {"next": back}).url == address(waiting)

"""What visitors read: forums, results, priorities, and what they must not read yet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from forums.hooks import search as hooks
from forums.hooks.sitemap import sections
from forums.models import Attendance, Forum, Priority, PriorityUpdate, ProgrammeItem, Track
from pole.models import Hub
from pole.search import best_rows_in_database, query_words
from tests.factories import ForumFactory, ResultsFactory
from tests.searching import searched

SECOND = timedelta(seconds=1)
MOMENT = datetime(2026, 11, 7, 14, 0, tzinfo=UTC)


def mapped_paths():
    now = timezone.now()
    return {
        entry.path
        for section in sections()
        for number in section.parts(now)
        for entry in section.of_part(number, now)
    }


def page(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def full_forum(n=1, **changes):
    """A past forum with everything that a page can show."""
    starts = timezone.now() - timedelta(days=40)
    forum = ForumFactory(starts_at=starts, ends_at=starts + timedelta(hours=6), **changes)
    tracks = [Track.objects.create(forum=forum, position=p, title=f"Axe {p}") for p in range(n)]
    for position in range(n):
        ProgrammeItem.objects.create(forum=forum, starts_at="09:00", title=f"Point {position}")
    for kind in ("enterprise", "citizen", "partner")[:n]:
        Attendance.objects.create(forum=forum, kind=kind, count=3)
    results = ResultsFactory(forum=forum)
    for position in range(1, n + 1):
        priority = Priority.objects.create(
            results=results, position=position, title=f"Priorité {position}", track=tracks[position - 1]
        )
        for day in range(1, n + 1):
            PriorityUpdate.objects.create(priority=priority, dated_on=date(2026, 5, day), text=f"Pas {day}")
    return forum


# --- What is not public ---------------------------------------------------------------------------


@pytest.mark.parametrize("shift", [-SECOND, timedelta(), SECOND])
def test_scheduled_forum_appears_at_its_instant(client, db, shift):
    forum = ForumFactory(
        title="Grand rassemblement", announced_at=MOMENT, starts_at=MOMENT + timedelta(days=9)
    )
    with time_machine.travel(MOMENT + shift, tick=False):
        listed = forum.title in page(client, "/forums/")
        status = client.get(forum.get_absolute_url()).status_code
        found = searched(hooks.search_forums, "rassemblement", 5).total
        mapped = forum.get_absolute_url() in mapped_paths()
    is_public = shift >= timedelta()
    assert (listed, status, found, mapped) == (
        (True, 200, 1, True) if is_public else (False, 404, 0, False)
    )  # fmt: skip


@pytest.mark.parametrize("shift", [-SECOND, timedelta(), SECOND])
def test_scheduled_results_appear_at_their_instant(client, db, shift):
    starts = MOMENT - timedelta(days=9)
    forum = ForumFactory(starts_at=starts, announced_at=starts - timedelta(days=9))
    results = ResultsFactory(forum=forum, published_at=MOMENT)
    Priority.objects.create(results=results, position=1, title="La mutualisation")
    with time_machine.travel(MOMENT + shift, tick=False):
        seen = (
            "La mutualisation" in page(client, "/forums/"),
            "La mutualisation" in page(client, "/priorites/"),
            f"{forum.get_absolute_url()}resultats/" in page(client, forum.get_absolute_url()),
            client.get(f"/forums/{forum.slug}/resultats/").status_code,
            searched(hooks.search_priorities, "mutualisation", 5).total,
            results.get_absolute_url() in mapped_paths(),
        )
    is_public = shift >= timedelta()
    assert seen == ((True, True, True, 200, 1, True) if is_public else (False, False, False, 404, 0, False))


def test_results_of_a_forum_taken_back_are_hidden_too(client, db):
    forum = full_forum()
    Forum.objects.update(announced_at=None)
    assert client.get(f"/forums/{forum.slug}/resultats/").status_code == 404
    assert "Priorité 1" not in page(client, "/priorites/")
    assert searched(hooks.search_priorities, "priorite", 5).total == 0
    assert mapped_paths() == {"/agenda/", "/forums/", "/priorites/"}


def test_unchanged_page_answers_304_until_something_changes(client, db):
    forum = full_forum()
    path = f"/forums/{forum.slug}/resultats/"
    first = client.get(path)
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    Priority.objects.update(state="done")
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", ["/forums/", "/forums/{}/", "/forums/{}/resultats/", "/priorites/"])
def test_reading_pages_leave_no_cookie(client, db, path):
    response = client.get(path.format(full_forum().slug))
    assert response.status_code == 200
    assert not response.cookies
    assert response["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert "csrf" not in response.content.decode()


# --- The list --------------------------------------------------------------------------------------


def test_list_shows_what_comes_before_what_is_past(client, db):
    full_forum(title="Le passé")
    ForumFactory(title="Le plus tard", starts_at=timezone.now() + timedelta(days=60))
    ForumFactory(title="Le prochain", starts_at=timezone.now() + timedelta(days=6))
    text = page(client, "/forums/")
    order = [text.index(title) for title in ("Le prochain", "Le plus tard", "Le passé")]
    assert order == sorted(order)


def test_empty_list_says_where_to_go(client, db):
    assert 'href="/priorites/"' in page(client, "/forums/").split("<main")[1]


def test_past_forums_go_by_pages(client, db):
    for n in range(21):
        starts = timezone.now() - timedelta(days=10 + n)
        ForumFactory(title=f"Ancien {n:02}", starts_at=starts, ends_at=starts + timedelta(hours=1))
    first, second = page(client, "/forums/"), page(client, "/forums/?page=2")
    assert ("Ancien 19" in first, "Ancien 20" in first) == (True, False)
    assert ("Ancien 19" in second, "Ancien 20" in second) == (False, True)


# --- The event ---------------------------------------------------------------------------------------


def test_event_page_shows_when_and_where(client, db):
    starts = timezone.make_aware(datetime(2026, 11, 7, 9, 0))  # noqa: DTZ001 - made aware here
    forum = ForumFactory(
        starts_at=starts,
        ends_at=starts + timedelta(hours=7, minutes=30),
        venue="Manoir d’Youville",
        municipality_id="67050",
        announced_at=starts - timedelta(days=90),
        capacity=1200,
        hosts="Le Pôle",
        guests="Un organisme de passage",
    )
    ProgrammeItem.objects.create(forum=forum, starts_at="10:30", title="Tables de travail")
    text = page(client, forum.get_absolute_url())
    for shown in (
        "Le 7 novembre 2026, de 9\u00a0h à 16\u00a0h\u00a030",
        "Samedi 7 novembre 2026",
        "Manoir d’Youville",
        "Châteauguay",
        "1\u00a0200",
        "Le Pôle",
        "Un organisme de passage",
        "10\u00a0h\u00a030",
        "Tables de travail",
    ):
        assert shown in text


@pytest.fixture
def hub(db):
    return Hub.objects.create(
        name="Pôle", short_name="Pôle", phone="+14505550100", email="bonjour@pole.example"
    )


def test_open_registration_gives_the_form_and_the_hubs_telephone(client, hub):
    forum = ForumFactory(registration_opens_at=timezone.now() - timedelta(days=1))
    text = page(client, forum.get_absolute_url())
    main = text.split("<main")[1].split("</main>")[0]
    assert f'href="/forums/{forum.slug}/inscription/"' in main
    assert 'href="tel:+14505550100"' in main


def test_registration_to_come_gives_no_way_in_yet(client, hub):
    forum = ForumFactory(registration_opens_at=timezone.now() + timedelta(days=1))
    main = page(client, forum.get_absolute_url()).split("<main")[1].split("</main>")[0]
    assert "/inscription/" not in main
    assert "tel:" not in main


def test_cancelled_forum_says_so(client, db):
    forum = ForumFactory(cancelled_at=timezone.now())
    text = page(client, forum.get_absolute_url())
    assert "Annulé" in text
    assert 'id="inscription"' not in text


def test_english_page_shows_english_and_marks_french(client, db):
    forum = ForumFactory(title="Forum régional", title_en="Regional Forum", summary="Une journée.")
    text = page(client, f"/en{forum.get_absolute_url()}")
    assert "<h1>Regional Forum</h1>" in text
    assert '<p class="lead quiet" lang="fr">Une journée.</p>' in text


def test_search_speaks_the_language_of_the_page(db):
    forum = ForumFactory(title="Forum régional", title_en="Regional Forum", summary="Une journée.")
    [hit] = searched(hooks.search_forums, "regional", 5).hits
    assert (hit.title, hit.language, hit.url, hit.dated) == (
        "Forum régional", "fr", forum.get_absolute_url(), forum.starts_at,
    )  # fmt: skip


def test_found_priority_leads_to_its_place(db):
    forum = full_forum(2)
    hits = {hit.title: hit.url for hit in searched(hooks.search_priorities, "priorite", 5).hits}
    assert hits == {
        "Priorité 1": f"/forums/{forum.slug}/resultats/#priorite-1",
        "Priorité 2": f"/forums/{forum.slug}/resultats/#priorite-2",
    }


# --- Priorities ----------------------------------------------------------------------------------------


def test_priorities_go_from_the_newest_forum(client, db):
    old, new = full_forum(title="Forum de 2020"), full_forum(title="Forum de 2025")
    Forum.objects.filter(pk=old.pk).update(starts_at=timezone.now() - timedelta(days=2000))
    text = page(client, "/priorites/")
    assert text.index("Forum de 2025") < text.index("Forum de 2020")
    assert text.index(f'id="{new.slug}"') < text.index(f'id="{old.slug}"')


def test_priority_shows_its_state_in_words_and_its_dated_updates(client, db):
    full_forum()
    Priority.objects.update(state="in_progress")
    PriorityUpdate.objects.create(priority=Priority.objects.get(), dated_on=date(2026, 3, 1), text="Un pas")
    text = page(client, "/priorites/")
    assert "En cours" in text
    assert ">1<sup>er</sup> mars 2026<" in text
    assert text.index("Pas 1") < text.index("Un pas")


def test_no_priority_yet_says_so(client, db):
    ResultsFactory()
    assert 'href="/forums/"' in page(client, "/priorites/").split("<main")[1]


# --- Constant queries -----------------------------------------------------------------------------------

# One of each is the content versions; the rest is the page's own.
QUERIES = {
    "/forums/": 1 + 3,
    "/forums/{}/": 1 + 7,
    "/forums/{}/resultats/": 1 + 5 + 2,
    "/priorites/": 1 + 6,
}


@pytest.mark.parametrize("path", QUERIES)
@pytest.mark.parametrize("rows", [1, 3])
def test_pages_ask_the_same_queries_for_1_and_3_rows(client, db, django_assert_num_queries, path, rows):
    forums = [full_forum(rows) for _n in range(rows)]
    for _n in range(rows):
        ForumFactory()
    # What a process asks once, it has asked: the hub, the next instant.
    client.get("/forums/")
    with django_assert_num_queries(QUERIES[path]):
        client.get(path.format(forums[0].slug))


def test_search_names_the_kind_of_an_activity_and_finds_by_it(client, db):
    training = ForumFactory(
        title="Lire un bilan", kind="training", has_participation=False, trainer="Rosalie Chartrand",
        to_bring="une calculatrice", to_bring_en="a calculator", online_link="https://reunion.example/salle",
    )  # fmt: skip
    for typed in ("bilan", "rosalie chartrand", "calculatrice", "formation"):
        [hit] = searched(hooks.search_forums, typed).hits
        assert (hit.title, hit.label) == ("Lire un bilan", "Formation"), typed
    assert searched(hooks.search_forums, "calculator", language="en").total == 1
    assert searched(hooks.search_forums, "reunion salle").total == 0
    html = page(client, "/recherche/?q=bilan")
    assert "Formation ·" in html
    assert "reunion.example" not in html
    Forum.objects.filter(pk=training.pk).update(trainer="Ali Benali")
    assert searched(hooks.search_forums, "benali").total == 1
    assert searched(hooks.search_forums, "chartrand").total == 0


def test_while_the_index_is_made_the_database_searches_the_same(db):
    ForumFactory(
        title="Lire un bilan", kind="training", has_participation=False, trainer="Rosalie Chartrand",
        to_bring="une calculatrice", to_bring_en="a calculator", online_link="https://reunion.example/salle",
    )  # fmt: skip
    for typed, found in (("chartrand", 1), ("calculatrice", 1), ("calculator", 1), ("reunion", 0)):
        rows = best_rows_in_database(Forum.objects.all(), query_words(typed), 5, tie="-starts_at")
        assert rows[0] == found, typed


@pytest.mark.parametrize("rows", [1, 3])
def test_searches_ask_the_same_queries_for_1_and_3_rows(db, django_assert_num_queries, rows):
    for _n in range(rows):
        full_forum(rows)
    # What a process asks once, it has asked: the documents of its index.
    for kind in (hooks.search_forums, hooks.search_priorities):
        searched(kind, "forum")
    # The content versions, which may be shown, those of the page: of each.
    with django_assert_num_queries(3 + 3):
        assert len(searched(hooks.search_forums, "forum", 5).hits) == rows
        assert searched(hooks.search_priorities, "priorite", 50).total == rows * rows

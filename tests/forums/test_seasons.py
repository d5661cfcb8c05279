"""Seasons: what staff gather, what visitors read of it, when it is announced."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from forums.agenda.kinds import KIND_OF_WORD
from forums.agenda.seasons import copy_to_next_year, held_within, save_season
from forums.forms.season import SeasonForm
from forums.hooks.sitemap import sections
from forums.models import Season
from pole.text.slugs import reserved_slugs
from tests.factories import ForumFactory

NEW = "/gestion/agenda/temps-forts/nouveau/"
# In November, at noon in Montréal.
NOW = datetime(2026, 11, 10, 17, tzinfo=UTC)


def at(day, hour=9, month=11, year=2026):
    return datetime(year, month, day, hour, tzinfo=timezone.get_default_timezone())


def activity(day, title, **changes):
    changes.setdefault("kind", "visit")
    starts = at(day, changes.pop("hour", 9))
    changes.setdefault("ends_at", starts + timedelta(hours=2))
    return ForumFactory(
        title=title, starts_at=starts, has_participation=False, announced_at=at(1, month=1), **changes
    )


def month(**changes):
    days = {"first_day": date(2026, 11, 1), "last_day": date(2026, 11, 30)}
    fields = {"slug": "mois-2026", "title": "Mois de l’économie sociale 2026"} | days
    return Season.objects.create(**fields | changes)


def typed(**changes):
    return {
        "title": "Mois de l’économie sociale 2026", "title_en": "", "summary": "", "summary_en": "", "slug": "",
        "first_day": "2026-11-01", "last_day": "2026-11-30", "version": "1",
    } | changes  # fmt: skip


def edit(season):
    return f"/gestion/agenda/temps-forts/{season.pk}/"


def page(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


# --- Staff ----------------------------------------------------------------------------------------


def test_a_season_is_written_then_gathers_activities_of_its_days(staff_client, client):
    inside, outside = activity(7, "La visite"), ForumFactory(title="Ailleurs", starts_at=at(2, month=12))
    staff_client.post(NEW, typed())
    season = Season.objects.get()
    assert season.slug == "mois-de-l-economie-sociale-2026"
    shown = page(staff_client, edit(season))
    assert "La visite" in shown
    assert "Ailleurs" not in shown
    staff_client.post(edit(season), typed(slug=season.slug, forums=[inside.pk]))
    assert list(season.forums.all()) == [inside]
    refused = staff_client.post(edit(season), typed(slug=season.slug, version="2", forums=[outside.pk]))
    assert refused.status_code == 422
    assert "La visite" in page(client, season.get_absolute_url())


def test_days_that_are_typed_offer_their_activities_at_once(staff_client):
    season, later = month(), ForumFactory(title="En décembre", starts_at=at(2, month=12))
    answer = staff_client.post(
        edit(season), typed(slug="mois-2026", last_day="2026-12-03", forums=[later.pk])
    )
    assert answer.status_code == 302
    assert list(season.forums.all()) == [later]


def test_an_activity_that_moved_out_of_the_days_stays_until_it_is_unticked(staff_client):
    season, moved = month(), ForumFactory(title="Reportée", starts_at=at(2, month=12))
    season.forums.add(moved)
    assert "Reportée" in page(staff_client, edit(season))
    staff_client.post(edit(season), typed(slug="mois-2026"))
    assert not season.forums.exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"last_day": "2026-10-31"}, "Le dernier jour ne peut pas précéder le premier."),
        ({"first_day": ""}, "Premier jour"),
        ({"title": ""}, "Titre"),
        ({"slug": "Mois"}, "minuscules"),
        ({"slug": "formations"}, "formations-2"),
        ({"slug": "mois-2026"}, "Un autre temps fort a déjà cette adresse."),
    ],
)
def test_what_is_refused_is_said_in_words(staff_client, changes, said):
    month()
    answer = staff_client.post(NEW, typed(**changes))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Season.objects.count() == 1


def test_two_officers_do_not_write_over_each_other(staff_client):
    season = month()
    assert staff_client.post(edit(season), typed(slug="mois-2026", title="Un")).status_code == 302
    late = staff_client.post(edit(season), typed(slug="mois-2026", title="Deux"))
    assert late.status_code == 409
    season.refresh_from_db()
    assert season.title == "Un"
    assert "Deux" in late.content.decode()
    assert (
        staff_client.post(edit(season), typed(slug="mois-2026", title="Deux", version="2")).status_code == 302
    )


def test_an_address_that_another_took_in_between_is_refused_in_words(db):
    built = []

    def build(stored):
        form = SeasonForm(typed(slug="mois-2026"), instance=stored)
        if not built:
            # The other commits once this one is validated; what this one did is undone, and it tries again.
            form.is_valid()
        month()
        built.append(form)
        return form

    form = save_season(build, key=None)
    assert len(built) == 2
    assert "slug" in form.errors


@pytest.mark.parametrize(
    ("first", "last", "copied"),
    [
        (date(2026, 11, 1), date(2026, 11, 30), (date(2027, 11, 1), date(2027, 11, 30))),
        (date(2028, 2, 1), date(2028, 2, 29), (date(2029, 2, 1), date(2029, 2, 28))),
        (date(2026, 12, 20), date(2027, 1, 6), (date(2027, 12, 20), date(2028, 1, 6))),
    ],
)
def test_a_copy_has_the_same_days_of_the_next_year(db, first, last, copied):
    season = month(first_day=first, last_day=last, title=f"Mois {first.year}", summary="Depuis 2009")
    season.forums.add(activity(3, "La visite"))
    copy = copy_to_next_year(key=season.pk)
    assert (copy.first_day, copy.last_day) == copied
    assert (copy.title, copy.summary, copy.slug) == (
        f"Mois {first.year + 1}", "Depuis 2009", f"mois-{first.year + 1}",
    )  # fmt: skip
    assert not copy.forums.exists()


def test_copying_and_deleting_by_buttons(staff_client):
    season = month()
    kept = activity(7, "La visite")
    season.forums.add(kept)
    answer = staff_client.post(edit(season) + "copie/")
    copy = Season.objects.exclude(pk=season.pk).get()
    assert answer.url == edit(copy)
    staff_client.post(edit(season) + "suppression/")
    assert list(Season.objects.all()) == [copy]
    kept.refresh_from_db()
    # Someone else deleted it: nothing breaks.
    for act in ("", "copie/", "suppression/"):
        assert staff_client.post(edit(season) + act, typed()).status_code == 404


def test_days_begin_and_end_at_midnight_here(db):
    """In Montréal, whatever the clock of the database: the last minute of a day belongs to it."""
    first = activity(1, "La veille au soir", hour=0, ends_at=at(1, 1))
    eve = ForumFactory(starts_at=at(31, 22, month=10), ends_at=at(1, 0))
    last = ForumFactory(starts_at=at(30, 23), ends_at=at(1, 1, month=12))
    after = ForumFactory(starts_at=at(1, 0, month=12))
    found = set(held_within(date(2026, 11, 1), date(2026, 11, 30)))
    assert found == {first, last}
    assert eve not in found
    assert after not in found


@pytest.mark.any_hour("reads addresses")
def test_no_season_takes_the_word_of_a_list():
    assert {*KIND_OF_WORD, "mrc", "mois"} <= reserved_slugs(Season)


# --- Visitors -------------------------------------------------------------------------------------


def test_activities_stand_under_their_days_in_order(client, db):
    season = month(title_en="Social Economy Month")
    with time_machine.travel(NOW, tick=False):
        for day, title in ((20, "Troisième"), (7, "Première"), (20, "Quatrième")):
            season.forums.add(activity(day, title, hour=10 if title == "Quatrième" else 9))
        series = activity(3, "Commencée avant", ends_at=at(12))
        series.starts_at = at(28, month=10)
        series.save()
        season.forums.add(series, ForumFactory(title="Brouillon", starts_at=at(8), announced_at=None))
        season.forums.add(activity(15, "Annulée là", cancelled_at=NOW))
        html = page(client, "/agenda/mois-2026/")
        english = page(client, "/en/agenda/mois-2026/")
    order = ["Dimanche 1", "Commencée avant", "Samedi 7", "Première", "Dimanche 15", "Annulée là", "Vendredi 20",
             "Troisième", "Quatrième"]  # fmt: skip
    body = html[html.index("</header>", html.index("event-head")) :]
    places = [body.find(words) for words in order]
    assert -1 not in places
    assert places == sorted(places)
    assert "Brouillon" not in html
    assert body.count("Annulée</span>") == 1
    assert body.count("Passée</span>") == 1
    assert "De 9\u00a0h à 11\u00a0h" in html
    assert "Social Economy Month" in english
    assert "Visit" in english


def test_a_link_to_take_part_is_never_on_the_page(client, db):
    season = month()
    secret = "https://reunion.example/salle-9"
    season.forums.add(activity(28, "Webinaire", kind="webinar", mode="online", online_link=secret))
    for path in ("/", "/agenda/", "/agenda/mois-2026/"):
        assert "reunion.example" not in page(client, path)


@pytest.mark.parametrize(
    ("day", "is_on_agenda", "is_on_home"),
    [
        (datetime(2026, 9, 19, 16, tzinfo=UTC), False, False),
        (datetime(2026, 9, 20, 16, tzinfo=UTC), True, False),
        (datetime(2026, 10, 31, 16, tzinfo=UTC), True, False),
        # Midnight is that of Montréal.
        (datetime(2026, 11, 1, 3, 59, tzinfo=UTC), True, False),
        (datetime(2026, 11, 1, 4, 1, tzinfo=UTC), True, True),
        (datetime(2026, 12, 1, 4, 59, tzinfo=UTC), True, True),
        (datetime(2026, 12, 1, 5, 1, tzinfo=UTC), False, False),
    ],
)
def test_it_is_announced_six_weeks_ahead_and_at_home_while_it_lasts(
    client, db, day, is_on_agenda, is_on_home
):
    month()
    ForumFactory(starts_at=at(2, year=2027), announced_at=at(1, month=1))
    with time_machine.travel(day, tick=False):
        shown = ['href="/agenda/mois-2026/"' in page(client, path) for path in ("/agenda/", "/")]
    assert shown == [is_on_agenda, is_on_home]


def test_a_change_is_read_at_once(client, staff_client, db):
    with time_machine.travel(NOW, tick=False):
        season = month()
        season.forums.add(activity(12, "La visite"))
        assert "La visite" in page(client, "/agenda/mois-2026/")
        Season.objects.filter(pk=season.pk).update(title="Novembre autrement")
        season.forums.clear()
        html = page(client, "/agenda/mois-2026/")
        assert "Novembre autrement" in html
        assert "La visite" not in html
        assert "Novembre autrement" in page(client, "/")


def test_many_activities_are_read_by_pages(client, db, django_assert_max_num_queries):
    season = month()
    for n in range(61):
        season.forums.add(activity(1 + n % 28, f"Visite {n}"))
    page(client, "/agenda/")
    with django_assert_max_num_queries(5):
        first = page(client, "/agenda/mois-2026/")
    assert first.count('class="coming"') == 60
    assert page(client, "/agenda/mois-2026/?page=2").count('class="coming"') == 1
    assert client.get("/agenda/mois-2026/?page=3").status_code == 404
    assert client.get("/agenda/rien/").status_code == 404


def test_search_engines_are_told_of_it_and_of_the_agenda(client, db):
    month()
    listed = [
        entry.path
        for section in sections()
        for number in section.parts(NOW)
        for entry in section.of_part(number, NOW)
    ]
    assert {"/agenda/", "/agenda/mois-2026/"} <= {*listed}
    assert all(client.get(path).status_code == 200 for path in listed)

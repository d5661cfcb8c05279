"""The agenda as visitors read it: filters in its address, the list, the table of a month, what it never says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from forums.models import Forum, Kind, Session
from tests.factories import ForumFactory

pytestmark = [pytest.mark.django_db, pytest.mark.any_hour("its clock is set")]
HERE = ZoneInfo("America/Toronto")
NOW = datetime(2026, 11, 10, 12, tzinfo=HERE)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def activity(title, after, hours=2, **more):
    starts_at = NOW + after
    given = {"kind": Kind.TRAINING, "has_participation": False} | more
    return ForumFactory(
        title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours),
        announced_at=NOW - timedelta(days=300), **given,
    )  # fmt: skip


def main(client, path):
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode().split("<main")[1].split("</main>")[0]


def listed(text):
    found = re.findall(r'<h4 class="activity__title"><a href="[^"]+"[^>]*>(.*?)</a>', text)
    return [re.sub(r"<[^>]+>", "", each) for each in found]


def chips(text):
    found = re.findall(r'<a class="tags__link chip" href="([^"]+)">([^<]+)<', text)
    return {words: address.replace("&amp;", "&") for address, words in found}


def test_the_list_goes_by_months_and_days(client):
    activity("Ce soir", timedelta(hours=6))
    activity("Demain", timedelta(days=1))
    activity("En décembre", timedelta(days=25))
    activity("Commencée hier", -timedelta(days=1), hours=72)
    text = main(client, "/agenda/")
    assert re.findall(r'agenda-month__name">([^<]+)<', text) == ["Novembre 2026", "Décembre 2026"]
    days = re.findall(r'agenda-day__name"><time datetime="([^"]+)">([^<]+)<', text)
    assert days == [
        ("2026-11-10", "Mardi 10 novembre 2026"), ("2026-11-11", "Mercredi 11 novembre 2026"),
        ("2026-12-05", "Samedi 5 décembre 2026"),
    ]  # fmt: skip
    assert listed(text) == ["Commencée hier", "Ce soir", "Demain", "En décembre"]
    assert "aujourd’hui" in text
    assert "<strong>4 activités à venir</strong>" in text


def test_a_line_says_what_one_needs_to_choose(client):
    made = activity(
        "Tenir ses livres", timedelta(days=2), price="25.5", venue="Maison de l’économie", municipality_id="67050",
        summary="Trois soirs.", is_full=True,
    )  # fmt: skip
    for position in (1, 2, 3):
        starts_at = made.starts_at + timedelta(days=7 * (position - 1))
        Session.objects.create(
            forum=made, position=position, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)
        )
    Forum.objects.filter(pk=made.pk).update(ends_at=starts_at + timedelta(hours=2))
    activity("Webinaire", timedelta(days=3), kind=Kind.WEBINAR, mode="online", price=0)
    activity("Les deux", timedelta(days=4), mode="both", venue="Salle A")
    text = main(client, "/agenda/")
    for words in (
        "Formation", "Complet", "Maison de l’économie, Châteauguay", "25,50\u00a0$", "3 séances, du 12 au 26 novembre 2026",
        ">De 12\u00a0h à 14\u00a0h<", "Trois soirs.", "Webinaire", "En ligne", "Gratuit", "Salle A, ou en ligne",
        "activite-formation", "activite-webinaire",
    ):  # fmt: skip
        assert words in text, words
    english = main(client, "/en/agenda/")
    for words in (
        "Training",
        "Full",
        "$25.50",
        "3 sessions",
        "Online",
        "Free",
        "3 activities to come",
        "November 2026",
    ):
        assert words in english, words


def test_the_session_that_comes_has_its_own_place(client):
    made = activity("Visites", timedelta(days=1), venue="Au bureau")
    Session.objects.create(
        forum=made, position=1, starts_at=made.starts_at, ends_at=made.ends_at, venue="À la ferme"
    )
    text = main(client, "/agenda/")
    assert "À la ferme" in text
    assert "Au bureau" not in text


def test_what_is_cancelled_is_struck_until_its_date(client, clock):
    made = activity("Dégustation", timedelta(days=1), kind=Kind.OPEN_DAY, cancelled_at=NOW)
    for path in ("/agenda/", "/agenda/?vue=mois"):
        text = main(client, path)
        assert "<s>Dégustation</s>" in text
        assert "Annulée" in text
    clock.move_to(made.ends_at)
    for path in ("/agenda/", "/agenda/?vue=mois", "/agenda/?passees=1"):
        assert "Dégustation" not in main(client, path), path


def test_filters_are_told_and_undone_one_by_one(client):
    activity("Oui", timedelta(days=1), price=0, mode="both", municipality_id="67050")
    activity("Non", timedelta(days=2), kind=Kind.VISIT)
    text = main(client, "/agenda/?genre=formations&mrc=67&mois=2026-11&gratuit=1&en-ligne=1")
    assert listed(text) == ["Oui"]
    assert "1 activité à venir en novembre 2026" in text
    assert chips(text) == {
        "Formations": "/agenda/?mrc=67&mois=2026-11&gratuit=1&en-ligne=1",
        "MRC de Roussillon": "/agenda/?genre=formations&mois=2026-11&gratuit=1&en-ligne=1",
        "gratuites": "/agenda/?genre=formations&mrc=67&mois=2026-11&en-ligne=1",
        "à suivre en ligne": "/agenda/?genre=formations&mrc=67&mois=2026-11&gratuit=1",
        "en novembre 2026": "/agenda/?genre=formations&mrc=67&gratuit=1&en-ligne=1",
    }
    assert all(client.get(address).status_code == 200 for address in chips(text).values())
    assert chips(main(client, "/en/agenda/?gratuit=1")) == {"free of charge": "/en/agenda/"}


@pytest.mark.parametrize(
    "query",
    [
        "genre=inconnu", "genre=training", "mrc=9999", "mois=2026-13", "mois=novembre", "gratuit=oui", "en-ligne=0",
        "passees=2025", "vue=semaine", "page=2", "mois=2026-11&page=9",
    ],
)  # fmt: skip
def test_what_names_nothing_is_not_there(client, query):
    activity("Une", timedelta(days=1))
    assert client.get(f"/agenda/?{query}").status_code == 404


def test_empty_parameters_of_the_form_ask_for_everything(client):
    activity("Une", timedelta(days=1))
    assert listed(main(client, "/agenda/?genre=&mrc=&mois=&gratuit=&en-ligne=&vue=liste")) == ["Une"]


def test_the_table_has_each_session_on_its_day(client):
    made = activity("Série", timedelta(days=1))
    for position, after in enumerate((1, 8, 40), 1):
        starts_at = NOW + timedelta(days=after)
        Session.objects.create(
            forum=made, position=position, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2),
            cancelled_at=NOW if position == 2 else None,
        )  # fmt: skip
    Forum.objects.filter(pk=made.pk).update(ends_at=starts_at + timedelta(hours=2))
    text = main(client, "/agenda/?vue=mois")
    assert '<caption class="month__name">Novembre 2026</caption>' in text
    assert re.findall(r'<th scope="col" role="columnheader">([^<]+)<', text) == [
        "Dimanche", "Lundi", "Mardi", "Mercredi", "Jeudi", "Vendredi", "Samedi",
    ]  # fmt: skip
    cells = {
        day: "Série" in cell
        for day, cell in re.findall(
            r'<td class="month__day[^"]*"[^>]*>.*?datetime="([^"]+)">(.*?)</td>', text
        )
    }
    assert len(cells) == 30
    assert [day for day, has_it in cells.items() if has_it] == ["2026-11-11", "2026-11-18"]
    assert text.count("<s>Série</s>") == 1
    assert 'aria-current="date"' in text
    assert re.findall(r'rel="(prev|next)" href="([^"]+)"', text) == [
        ("next", "/agenda/?mois=2026-12&amp;vue=mois")
    ]
    december = main(client, "/agenda/?mois=2026-12&vue=mois")
    assert 'datetime="2026-12-20"' in december
    assert 'href="/agenda/?mois=2026-11&amp;vue=mois">Aujourd’hui<' in december


def test_past_activities_go_by_pages_the_latest_first(client):
    for n in range(21):
        activity(f"Ancienne {n:02}", -timedelta(days=10 + n))
    first, second = main(client, "/agenda/?passees=1"), main(client, "/agenda/?passees=1&page=2")
    assert listed(first) == [f"Ancienne {n:02}" for n in range(20)]
    assert listed(second) == ["Ancienne 20"]
    assert "21 activités passées" in first
    assert client.get("/agenda/?passees=1&page=3").status_code == 404
    assert listed(main(client, "/agenda/?mois=2026-10&passees=1"))[0] == "Ancienne 20"
    assert "Ancienne 00" in main(client, "/agenda/?mois=2026-10&page=2")


def test_an_empty_agenda_says_so_and_what_to_do(client):
    assert "Aucune activité n’est annoncée pour le moment." in main(client, "/agenda/")
    assert "Aucune activité ne correspond à ce choix." in main(client, "/agenda/?gratuit=1")
    assert "Rien n’est annoncé pour ce mois." in main(client, "/agenda/?vue=mois")


def test_the_list_of_forums_has_forums_alone(client):
    activity("Formation", timedelta(days=1))
    activity("Un forum", timedelta(days=2), kind=Kind.FORUM)
    activity("Vieille formation", -timedelta(days=9))
    text = main(client, "/forums/")
    assert "Un forum" in text
    assert "ormation</a>" not in text


SECRET = "https://visio.example/salle-secrete"


@pytest.mark.parametrize(
    "path",
    [
        "/agenda/",
        "/agenda/?vue=mois",
        "/agenda/?passees=1",
        "/en/agenda/",
        "/forums/{}/",
        "/forums/{}/programme.ics",
    ],
)
def test_the_link_of_registrants_is_on_no_public_page(client, path):
    made = activity("En ligne", timedelta(days=1), mode="online", online_link=SECRET, slug="en-ligne")
    Session.objects.create(
        forum=made, position=1, starts_at=made.starts_at, ends_at=made.ends_at, online_link=f"{SECRET}-1"
    )
    activity("Hier", -timedelta(days=3), mode="online", online_link=SECRET)
    response = client.get(path.format(made.slug))
    assert response.status_code == 200
    assert "visio.example" not in response.content.decode()


def test_the_page_changes_when_a_session_ends_though_nobody_wrote(client, clock):
    made = activity("Série", -timedelta(hours=1), hours=2)
    later = NOW + timedelta(days=7)
    for position, starts_at in enumerate((made.starts_at, later), 1):
        Session.objects.create(
            forum=made, position=position, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2)
        )
    Forum.objects.filter(pk=made.pk).update(ends_at=later + timedelta(hours=2))
    response = client.get("/agenda/")
    assert 'datetime="2026-11-10T11:00:00-05:00"' in response.content.decode()
    clock.move_to(NOW + timedelta(minutes=59))
    assert client.get("/agenda/", headers={"If-None-Match": response["ETag"]}).status_code == 304
    clock.move_to(NOW + timedelta(hours=1))
    again = client.get("/agenda/", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 200
    assert 'datetime="2026-11-17T12:00:00-05:00"' in again.content.decode()


@pytest.mark.parametrize(
    ("path", "queries"),
    [("/agenda/", 3), ("/agenda/?vue=mois", 3), ("/agenda/?passees=1", 3), ("/agenda/?genre=formations", 3)],
)
@pytest.mark.parametrize("rows", [1, 7])
def test_pages_ask_the_same_queries_for_1_and_7_rows(client, django_assert_num_queries, path, queries, rows):
    for n in range(rows):
        activity(f"À venir {n}", timedelta(days=n + 1))
        made = activity(f"Passée {n}", -timedelta(days=n + 1))
        Session.objects.create(forum=made, position=1, starts_at=made.starts_at, ends_at=made.ends_at)
    # What a process asks once, it has asked: the hub, its territory, the next instant, what is counted.
    client.get(path)
    with django_assert_num_queries(queries):
        client.get(path)


def test_a_page_of_the_agenda_has_its_title_and_its_one_address(client):
    activity("Une", timedelta(days=1), municipality_id="67050")
    page = client.get("/agenda/?mrc=67&genre=formations&utm_source=x").content.decode()
    assert "<title>Agenda – Formations – MRC de Roussillon – " in page
    [canonical] = re.findall(r'rel="canonical" href="([^"]+)"', page)
    assert canonical.endswith("/agenda/?genre=formations&amp;mrc=67")

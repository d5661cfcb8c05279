"""The page of an activity, for each kind: what it says, and what it does not say of a forum."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine

from forums.models import ActivityProposal, Forum, Kind, Session
from tests.factories import ForumFactory, ListingFactory
from tests.project.test_neighbours import titles

pytestmark = [pytest.mark.django_db, pytest.mark.any_hour("its clock is set")]
HERE = ZoneInfo("America/Toronto")
NOW = datetime(2026, 11, 10, 12, tzinfo=HERE)
OTHERS = [kind for kind in Kind if kind is not Kind.FORUM]


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def activity(kind=Kind.TRAINING, after=timedelta(days=5), **more):
    starts_at = NOW + after
    given = {
        "title": "Une activité",
        "ends_at": starts_at + timedelta(hours=2),
        "has_participation": False,
    } | more
    return ForumFactory(kind=kind, starts_at=starts_at, announced_at=NOW - timedelta(days=300), **given)


def main(client, activity, before=""):
    response = client.get(f"{before}{activity.get_absolute_url()}")
    assert response.status_code == 200
    return response.content.decode().split("<main")[1].split("</main>")[0]


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize("after", [timedelta(days=5), timedelta(hours=-1), timedelta(days=-5)])
def test_nothing_of_a_forum_is_said_of_another_activity(client, kind, after):
    made = activity(kind, after, registration_opens_at=NOW - timedelta(days=1))
    text = main(client, made)
    assert str(kind.label) in text
    assert 'href="/agenda/"' in text
    words = re.sub(r"<[^>]+>", " ", text).lower()
    for unsaid in ("forum", "vote", "recommandation", "résultats seront", "priorités", "axes"):
        assert unsaid not in words, unsaid


def test_a_forum_stays_as_it_was(client):
    text = main(
        client, activity(Kind.FORUM, has_participation=True, registration_opens_at=NOW - timedelta(days=1))
    )
    assert "Réserver ma place" in text
    assert 'href="/forums/"' in text
    assert "Langue" not in text


def test_what_one_needs_to_come_is_said(client):
    made = activity(
        price=40, price_note="20 $ pour les membres", price_note_en="$20 for members", level="beginner",
        trainer="Camille Roy", to_bring="Un ordinateur", spoken_language="both", mode="both", venue="Salle A",
        capacity=12, municipality_id="67050",
    )  # fmt: skip
    text = main(client, made)
    for words in (
        "40\u00a0$", "20 $ pour les membres", "Débutant", "Camille Roy", "Un ordinateur", "En français et en anglais", "Salle A",
        "ou en ligne (le lien est donné aux personnes inscrites)", "Châteauguay", ">12<",
    ):  # fmt: skip
        assert words in text, words
    english = main(client, made, "/en")
    assert "$40" in english
    assert "$20 for members" in english
    assert '<dd lang="fr">Un ordinateur</dd>' in english


def test_an_activity_online_has_no_place(client):
    text = main(client, activity(Kind.WEBINAR, mode="online", venue="Bureau", price=0))
    assert "En ligne (le lien est donné aux personnes inscrites)" in text
    assert "Gratuit" in text
    assert "Bureau" not in text


def test_sessions_are_in_a_table_with_their_own_place_and_state(client):
    made = activity(after=-timedelta(days=7), registration_opens_at=NOW - timedelta(days=20))
    for position, (after, title, dropped) in enumerate(
        [(-7, "Passée", False), (1, "Annulée elle", True), (8, "", False)], 1
    ):
        starts_at = NOW + timedelta(days=after)
        Session.objects.create(
            forum=made, position=position, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2), title=title,
            venue="À la ferme" if position == 3 else "", trainer="Sam Côté" if position == 3 else "",
            cancelled_at=NOW if dropped else None,
        )  # fmt: skip
    Forum.objects.filter(pk=made.pk).update(ends_at=starts_at + timedelta(hours=2))
    text = main(client, made)
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", text.split('class="sessions"')[1], re.DOTALL)[1:]
    said = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in rows]
    assert said == [
        "Le 3 novembre 2026, de 12\u00a0h à 14\u00a0h passée Passée".replace("\u00a0", " "),
        "Le 11 novembre 2026, de 12 h à 14 h Annulée Annulée elle",
        "Le 18 novembre 2026, de 12 h à 14 h Séance 3 À la ferme avec Sam Côté",
    ]
    assert "<s><time" in rows[1]


@pytest.mark.parametrize(
    ("chooses", "said"), [(False, "Une seule inscription vaut"), (True, "vous choisissez les séances")]
)
def test_a_series_says_how_one_registers(client, chooses, said):
    made = activity(registration_opens_at=NOW - timedelta(days=1), chooses_sessions=chooses)
    Session.objects.create(forum=made, position=1, starts_at=made.starts_at, ends_at=made.ends_at)
    assert said in main(client, made)


def test_who_takes_registrations_elsewhere_is_where_one_registers(client, clock):
    made = activity(
        registration_link="https://billets.example/a", registration_opens_at=NOW - timedelta(days=1)
    )
    text = main(client, made)
    assert text.count('href="https://billets.example/a" rel="noopener external"') == 2
    assert "/inscription/" not in text
    clock.move_to(made.ends_at)
    assert "billets.example" not in main(client, made)
    Forum.objects.update(cancelled_at=NOW)
    clock.move_to(NOW)
    assert "billets.example" not in main(client, made)


def test_an_activity_without_registration_promises_none(client):
    assert 'id="inscription"' not in main(client, activity(Kind.OPEN_DAY))
    assert 'id="inscription"' in main(client, activity(Kind.FORUM))


def propose(activity, listing, state="accepted"):
    return ActivityProposal.objects.create(
        forum=activity, listing=listing, key=uuid4(), state=state, answered_at=NOW
    )


def test_an_activity_says_whose_it_is_as_long_as_the_listing_is_read(client):
    made, listing = activity(), ListingFactory(name="L’Atelier du Rayon", slug="atelier")
    propose(made, listing)
    text = main(client, made)
    assert '<a href="/repertoire/atelier/">L’Atelier du Rayon</a>' in text
    assert '<a href="/en/repertoire/atelier/">' in main(client, made, "/en")
    etag = client.get(made.get_absolute_url())["ETag"]
    type(listing).objects.filter(pk=listing.pk).update(state="archived")
    again = client.get(made.get_absolute_url(), headers={"If-None-Match": etag})
    assert again.status_code == 200
    assert "Atelier du Rayon" not in again.content.decode()


@pytest.mark.parametrize("state", ["awaiting", "refused", "withdrawn"])
def test_whose_it_would_be_is_not_said_before_it_is_accepted(client, state):
    made = activity()
    propose(made, ListingFactory(name="Atelier"), state)
    assert "Atelier" not in main(client, made)


def test_what_stands_before_and_after_is_of_the_same_family(client):
    for days, title, kind in (
        (1, "f1", Kind.FORUM), (2, "a1", Kind.TRAINING), (3, "f2", Kind.FORUM), (4, "a2", Kind.VISIT), (5, "f3", Kind.FORUM),
    ):  # fmt: skip
        activity(kind, timedelta(days=days), title=title, slug=title)
    assert titles(client, "/forums/f2/") == ("f1", "f3")
    assert titles(client, "/forums/a2/") == ("a1", None)


@pytest.mark.parametrize(
    ("kind", "said"), [(Kind.VISIT, "Cette activité est annulée."), (Kind.FORUM, "Ce forum est annulé.")]
)
def test_what_is_cancelled_says_so_in_its_own_words(client, kind, said):
    assert said in main(client, activity(kind, cancelled_at=NOW))


@pytest.mark.parametrize("owned", [False, True])
def test_a_page_asks_for_sessions_and_an_owner_where_there_are(client, django_assert_num_queries, owned):
    made = activity()
    if owned:
        propose(made, ListingFactory(slug="atelier"))
        Session.objects.create(forum=made, position=1, starts_at=made.starts_at, ends_at=made.ends_at)
    client.get("/forums/")
    # Content versions, the activity, its tracks, who came, its programme, its documents, what is beside it.
    with django_assert_num_queries(7 + 2 * owned):
        client.get(made.get_absolute_url())


@pytest.mark.parametrize(
    ("kind", "word"), [(Kind.TRAINING, "Annulée"), (Kind.VISIT, "Annulée"), (Kind.FORUM, "Annulé")]
)
def test_a_cancelled_one_says_it_as_the_agenda_does_and_offers_no_date_to_keep(client, kind, word):
    text = main(client, activity(kind, cancelled_at=NOW - timedelta(days=1)))
    assert f">{word}</span>" in text
    assert "programme.ics" not in text


@pytest.mark.parametrize(("kind", "address"), [(Kind.TRAINING, "/agenda/"), (Kind.FORUM, "/forums/")])
@pytest.mark.parametrize("before", ["", "/en"])
def test_the_menu_shows_where_it_is(client, kind, address, before):
    text = client.get(f"{before}{activity(kind).get_absolute_url()}").content.decode()
    menu = text.split('class="site-menu__list"')[1].split("</ul>")[0]
    assert re.findall(r'href="([^"]+)" aria-current="page"', menu) == [before + address]

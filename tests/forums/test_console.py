"""Staff prepare a forum: its page, its lists, its announcement; two writers; bad input."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from django.utils import timezone

from desk.pictures import StillInUse, remove, store_document
from forums.event.duplication import duplicate
from forums.hooks.staff_home import forums_card as staff_card
from forums.models import Attendance, Forum, Priority
from tests.conftest import signed_in
from tests.factories import ForumFactory, RecommendationFactory, ResultsFactory
from tests.forums.typed import event_form, rows
from tests.moments import as_typed, typeable

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\n%%EOF\n"
NEW = "/gestion/forums/nouveau/"


def edit(forum):
    return f"/gestion/forums/{forum.slug}/"


def test_new_forum_keeps_all_that_was_typed(staff_client, client):
    response = staff_client.post(NEW, event_form())
    forum = Forum.objects.get()
    assert response.url == edit(forum)
    assert forum.slug == "forum-regional-de-l-economie-sociale"
    assert timezone.localtime(forum.starts_at).strftime("%Y-%m-%d %H:%M") == "2023-11-07 09:00"
    assert (forum.venue, str(forum.municipality)) == ("Manoir d’Youville", "Châteauguay")
    assert [track.title for track in forum.tracks.all()] == [
        "Enjeux territoriaux",
        "Enjeux régionaux et transversaux de l’écosystème",
    ]
    assert [(item.starts_at, item.title) for item in forum.programme.all()] == [
        (time(9), "Accueil"),
        (time(13), "Priorisation"),
    ]
    assert dict(forum.attendance.values_list("kind", "count")) == {
        "enterprise": 18,
        "citizen": None,
        "collaborator": None,
        "partner": 7,
    }
    assert client.get(forum.get_absolute_url()).status_code == 404


def test_saved_page_shows_what_was_saved_and_saves_the_same_again(staff_client):
    staff_client.post(NEW, event_form())
    forum = Forum.objects.get()
    text = staff_client.get(edit(forum)).content.decode()
    assert 'value="Enjeux territoriaux"' in text
    assert 'name="presences-enterprise" value="18"' in text
    assert 'value="2023-11-07T09:00"' in text
    tracks = list(forum.tracks.values_list("pk", "title"))
    kept = [{"id": pk, "title": title, "ORDER": n} for n, (pk, title) in enumerate(tracks)]
    response = staff_client.post(edit(forum), event_form(slug=forum.slug) | rows("axes", kept))
    assert response.status_code == 302
    assert list(forum.tracks.values_list("pk", "title")) == tracks
    assert Attendance.objects.count() == 4
    assert forum.programme.count() == 2


def test_tracks_are_reordered_removed_and_added_by_numbers_alone(staff_client):
    staff_client.post(NEW, event_form())
    forum = Forum.objects.get()
    first, second = forum.tracks.all()
    priority = Priority.objects.create(
        results=ResultsFactory(forum=forum), position=1, title="Toits", track=second
    )
    lines = [
        {"id": first.pk, "title": "Enjeux territoriaux", "ORDER": 3},
        {"id": second.pk, "title": "Enjeux régionaux", "ORDER": 1},
        {"id": "", "title": "Relève", "ORDER": 2},
        {"id": "", "title": "Oubli", "ORDER": 4, "DELETE": "on"},
        {"id": "", "title": "", "ORDER": 5},
    ]
    staff_client.post(edit(forum), event_form(slug=forum.slug) | rows("axes", lines))
    assert [track.title for track in forum.tracks.all()] == [
        "Enjeux régionaux",
        "Relève",
        "Enjeux territoriaux",
    ]
    priority.refresh_from_db()
    assert priority.track == second


def test_track_of_another_forum_is_not_taken(staff_client):
    staff_client.post(NEW, event_form())
    forum = Forum.objects.get()
    other = ForumFactory().tracks.create(position=1, title="À l’autre")
    lines = [{"id": other.pk, "title": "Pris", "ORDER": 1}]
    staff_client.post(edit(forum), event_form(slug=forum.slug) | rows("axes", lines))
    other.refresh_from_db()
    assert other.title == "À l’autre"
    assert [track.title for track in forum.tracks.all()] == ["Pris"]


def test_attendance_of_zero_is_nobody(staff_client):
    staff_client.post(NEW, event_form(**{"presences-enterprise": "0"}))
    assert not Attendance.objects.filter(kind="enterprise").exists()


# --- Announcing ------------------------------------------------------------------------------------


def test_announced_forum_is_read_at_once_and_taken_back(staff_client, client):
    forum = ForumFactory(announced_at=None)
    staff_client.post(f"{edit(forum)}annonce/", {"at": ""})
    assert client.get(forum.get_absolute_url()).status_code == 200
    staff_client.post(f"{edit(forum)}retrait/")
    assert client.get(forum.get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    ("opens", "closes", "said"),
    [
        (None, None, "personne ne peut s’inscrire"),
        (-3, -1, "la période d’inscription est terminée"),
        (3, None, "les inscriptions s’ouvriront d’elles-mêmes"),
        (-3, None, "les inscriptions arrivent à la page"),
    ],
)
@pytest.mark.parametrize("at", [None, 2])
def test_announcing_says_at_once_whether_anybody_can_register(staff_client, opens, closes, said, at):
    now = timezone.now()

    def day(days):
        return None if days is None else now + timedelta(days=days)

    forum = ForumFactory(
        announced_at=None, starts_at=day(30), ends_at=day(31),
        registration_opens_at=day(opens), registration_closes_at=day(closes),
    )  # fmt: skip
    before = staff_client.get(edit(forum)).content.decode()
    assert ("personne ne peut s’inscrire" in before) == (opens is None)
    moment = as_typed(typeable(day(at))) if at else ""
    page = staff_client.post(f"{edit(forum)}annonce/", {"at": moment}, follow=True)
    assert said in page.content.decode()


def test_announcing_a_past_forum_says_nothing_of_registration(staff_client):
    now = timezone.now()
    forum = ForumFactory(
        announced_at=None, starts_at=now - timedelta(days=9), ends_at=now - timedelta(days=8)
    )
    page = staff_client.post(f"{edit(forum)}annonce/", {"at": ""}, follow=True)
    assert "personne ne peut s’inscrire" not in page.content.decode()


def test_announcement_is_scheduled_to_the_second(staff_client, client):
    forum = ForumFactory(announced_at=None, starts_at=datetime(2031, 5, 1, tzinfo=UTC))
    page = staff_client.post(f"{edit(forum)}annonce/", {"at": "2031-01-15T08:00"}, follow=True)
    assert "15 janvier 2031" in page.content.decode()
    moment = datetime(2031, 1, 15, 13, 0, tzinfo=UTC)
    for shift, status in ((-1, 404), (0, 200), (1, 200)):
        with time_machine.travel(moment + timedelta(seconds=shift), tick=False):
            assert client.get(forum.get_absolute_url()).status_code == status


def test_announcement_at_a_date_that_is_none_changes_nothing(staff_client):
    forum = ForumFactory(announced_at=None)
    answer = staff_client.post(f"{edit(forum)}annonce/", {"at": "demain"})
    assert (answer.status_code, "error-summary" in answer.content.decode()) == (422, True)
    forum.refresh_from_db()
    assert forum.announced_at is None


def test_cancelled_forum_is_restored(staff_client, client):
    forum = ForumFactory()
    staff_client.post(f"{edit(forum)}annulation/")
    assert "Annulé" in client.get(forum.get_absolute_url()).content.decode()
    staff_client.post(f"{edit(forum)}retablissement/")
    assert "Annulé" not in client.get(forum.get_absolute_url()).content.decode()


def test_saving_the_page_leaves_the_announcement(staff_client):
    forum = ForumFactory()
    announced_at = forum.announced_at
    staff_client.post(edit(forum), event_form(slug=forum.slug))
    forum.refresh_from_db()
    assert (forum.title, forum.announced_at) == ("Forum régional de l’économie sociale", announced_at)


@pytest.mark.parametrize(
    ("opens", "held", "warned"), [(None, 30, True), (-1, 30, False), (5, 30, False), (None, -30, False)]
)
def test_announcing_says_at_once_that_nobody_can_register(staff_client, opens, held, warned):
    now = timezone.now()
    forum = ForumFactory(
        announced_at=None,
        starts_at=now + timedelta(days=held),
        registration_opens_at=None if opens is None else now + timedelta(days=opens),
    )
    words = "Aucune date d’ouverture des inscriptions n’est fixée\u00a0: personne ne peut s’inscrire."
    assert (words in staff_client.get(edit(forum)).content.decode()) == warned
    answer = staff_client.post(f"{edit(forum)}annonce/", {"at": ""}, follow=True)
    assert any(words in str(message) for message in answer.context["messages"]) == warned


# --- After the fact -----------------------------------------------------------------------------------


def test_forum_of_which_only_the_day_is_known_needs_and_shows_no_hours(staff_client, client, db):
    typed = event_form(starts_at="", ends_at="", day="2023-11-07")
    assert staff_client.post(NEW, typed).status_code == 302
    forum = Forum.objects.get()
    assert staff_client.post(edit(forum) + "annonce/").status_code == 302
    shown = staff_client.get(edit(forum)).content.decode()
    assert 'name="day" value="2023-11-07"' in shown
    assert 'name="starts_at" value=' not in shown
    # What the page shows is saved again as it is.
    assert staff_client.post(edit(forum), typed | {"slug": forum.slug}).status_code == 302
    forum.refresh_from_db()
    page = client.get(forum.get_absolute_url()).content.decode()
    assert "Le 7 novembre 2023<" in page
    assert '"startDate": "2023-11-07"' in page.replace('":"', '": "')
    assert not re.search(
        r"(?<![:\d])(0|9|16|23)\s?h\b", re.sub(r'(?s)<ol class="timetable">.*?</ol>', "", page)
    )
    calendar = client.get(f"{forum.get_absolute_url()}programme.ics").content
    assert b"DTSTART;VALUE=DATE:20231107\r\nDTEND;VALUE=DATE:20231108\r\n" in calendar
    # What browsers and search engines read says no hour either.
    for path in (forum.get_absolute_url(), "/forums/", "/"):
        assert re.findall(r'datetime="(2023[^"]*)"', client.get(path).content.decode()) in (
            [],
            ["2023-11-07"],
        )
    assert 'datetime="2023-11-07"' in client.get("/forums/").content.decode()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"starts_at": "", "ends_at": ""}, 'id="id_starts_at_error"'),
        ({"ends_at": ""}, 'id="id_ends_at_error"'),
        ({"day": "2023-11-07"}, "Indiquez les heures, ou le jour seul\u00a0: pas les deux."),
        ({"starts_at": "", "ends_at": "", "day": "0001-01-01"}, 'id="id_day_error"'),
        ({"starts_at": "", "ends_at": "", "day": "bientôt"}, 'id="id_day_error"'),
    ],
)
def test_forum_takes_hours_or_the_day_alone(staff_client, changes, said):
    response = staff_client.post(NEW, event_form(**changes))
    assert said in response.content.decode()
    assert not Forum.objects.exists()


@pytest.mark.parametrize(("days", "proposed", "offered"), [(-900, 0, False), (-900, 1, True), (30, 0, True)])
def test_page_offers_recommendations_to_make_or_to_read(client, db, days, proposed, offered):
    forum = ForumFactory(starts_at=timezone.now() + timedelta(days=days))
    RecommendationFactory.create_batch(proposed, forum=forum)
    assert ("/recommandations/" in client.get(forum.get_absolute_url()).content.decode()) == offered


# --- Bad input ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slug": "deja-pris"}, "Une autre activité a déjà cette adresse."),
        (
            {"slug": "nouveau"},
            "Le portail répond lui-même à cette adresse. Prenez-en une autre, comme «\u00a0nouveau-2\u00a0».",
        ),
        ({"slug": "Pas Une Adresse"}, 'id="id_slug_error"'),
        ({"ends_at": "2023-11-07T09:00"}, "L’activité doit finir après avoir commencé."),
        (
            {"registration_opens_at": "2023-10-01T09:00", "registration_closes_at": "2023-09-01T09:00"},
            "La fin des inscriptions doit venir après leur ouverture.",
        ),
        ({"starts_at": "0001-01-01T00:00"}, "Indiquez une année entre 1990 et 2100."),
        ({"starts_at": "9999-12-31T23:59"}, "Indiquez une année entre 1990 et 2100."),
        ({"starts_at": "2023-03-12T02:30"}, "Cette heure n’existe pas"),
        ({"capacity": "0"}, "Une activité compte au moins une place."),
        ({"capacity": "99999999999999999999"}, 'id="id_capacity_error"'),
        ({"title": "x" * 1_000_000}, 'id="id_title_error"'),
        ({"body": "<p>" + "x" * 1_000_000}, 'id="id_body_error"'),
        ({"body": "a\x00b"}, 'id="id_body_error"'),
        ({"municipality": "00000"}, 'id="id_municipality_error"'),
        ({"presences-enterprise": "-1"}, 'id="id_presences-enterprise_error"'),
        ({"programme-0-starts_at": "25:00"}, 'id="id_programme-0-starts_at_error"'),
        ({"programme-1-title": ""}, 'id="id_programme-1-title_error"'),
        ({"axes-TOTAL_FORMS": "100000"}, "field__error"),
        ({"axes-TOTAL_FORMS": "beaucoup"}, "field__error"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(staff_client, changes, said):
    ForumFactory(slug="deja-pris")
    response = staff_client.post(NEW, event_form(**changes))
    assert response.status_code == 422
    text = response.content.decode()
    assert said in text
    assert 'value="Manoir d’Youville"' in text
    assert Forum.objects.count() == 1


def test_title_with_nul_and_invisible_characters_is_cleaned(staff_client):
    staff_client.post(NEW, event_form(title="Forum\x00 ré\u200bgional\u202e"))
    assert Forum.objects.get().title == "Forum régional"


def test_same_title_twice_gets_another_address(staff_client):
    staff_client.post(NEW, event_form(title="Forum"))
    staff_client.post(NEW, event_form(title="Forum"))
    assert set(Forum.objects.values_list("slug", flat=True)) == {"forum", "forum-2"}


def test_title_without_letters_gets_an_address(staff_client):
    staff_client.post(NEW, event_form(title="!!!"))
    assert Forum.objects.get().slug == "forum"


def test_script_typed_by_staff_is_never_markup(staff_client, client):
    payload = '"><script>alert(1)</script>'
    hostile = event_form(
        title=payload, summary=payload, venue=payload, hosts=payload, guests=payload, attendance_note=payload,
        slug="essai", body=f"<p onclick=alert(1)>ici{payload}<img src=x onerror=alert(1)></p>",
        **{"axes-0-title": payload, "programme-0-title": payload},
    )  # fmt: skip
    staff_client.post(NEW, hostile)
    forum = Forum.objects.get()
    staff_client.post(f"{edit(forum)}annonce/", {"at": ""})
    for text in (
        client.get("/forums/").content.decode(),
        client.get(forum.get_absolute_url()).content.decode(),
        staff_client.get(edit(forum)).content.decode(),
        staff_client.get("/gestion/forums/").content.decode(),
    ):
        assert "<script>alert" not in text
        assert "onclick" not in text
        assert "onerror" not in text


def test_fields_that_the_page_has_not_are_ignored(staff_client):
    staff_client.post(
        NEW, event_form(announced_at="2020-01-01T00:00", cancelled_at="2020-01-01T00:00", id="2147483647")
    )
    forum = Forum.objects.get()
    assert (forum.announced_at, forum.cancelled_at) == (None, None)
    assert forum.pk != 2147483647


# --- Two writers ---------------------------------------------------------------------------------------


def test_second_writer_sees_both_texts_then_saves_knowingly(staff_client, staff):
    staff_client.post(NEW, event_form(slug="essai"))
    forum = Forum.objects.get()
    colleague = signed_in(staff, second_factor=True)
    colleague.post(edit(forum), event_form(slug="essai", title="Titre de l’une", version=1))
    response = staff_client.post(edit(forum), event_form(slug="essai", title="Titre de l’autre", version=1))
    assert response.status_code == 409
    text = response.content.decode()
    assert "Titre de l’une</textarea>" in text
    assert 'value="Titre de l’autre"' in text
    forum.refresh_from_db()
    assert (forum.title, forum.version) == ("Titre de l’une", 2)
    assert 'name="version" value="2"' in text
    again = staff_client.post(edit(forum), event_form(slug="essai", title="Titre de l’autre", version=2))
    assert again.status_code == 302
    forum.refresh_from_db()
    assert (forum.title, forum.version) == ("Titre de l’autre", 3)


def test_conflict_shows_the_lists_of_the_other_writer_too(staff_client):
    staff_client.post(NEW, event_form(slug="essai"))
    forum = Forum.objects.get()
    theirs = event_form(slug="essai", version=1, **{"presences-partner": "9"})
    staff_client.post(edit(forum), theirs | rows("axes", [{"title": "Axe de l’une", "ORDER": 1}]))
    text = staff_client.post(edit(forum), event_form(slug="essai", version=1)).content.decode()
    conflict = text.split('id="conflit"')[1].split("</section>")[0]
    assert "Axe de l’une" in conflict
    assert ": 9" in conflict


# --- Roles, and the staff home ---------------------------------------------------------------------------

PAGES = [
    ("get", ""), ("get", "nouveau/"), ("get", "{}/"), ("get", "{}/resultats/"), ("get", "{}/suivi/"),
    ("post", "nouveau/"), ("post", "{}/"), ("post", "{}/annonce/"), ("post", "{}/retrait/"),
    ("post", "{}/annulation/"), ("post", "{}/retablissement/"), ("post", "{}/resultats/"),
    ("post", "{}/resultats/apercu/"), ("post", "{}/suivi/1/"), ("post", "{}/suivi/nouvelles/1/"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), PAGES)
def test_console_is_for_staff_with_a_second_factor(client, citizen_client, staff, method, path):
    forum = ForumFactory(announced_at=None)
    address = "/gestion/forums/" + path.format(forum.slug)
    assert getattr(client, method)(address).url.startswith("/compte/")
    assert getattr(citizen_client, method)(address).status_code == 403
    assert getattr(signed_in(staff), method)(address).url.startswith("/compte/")
    forum.refresh_from_db()
    assert (forum.announced_at, forum.version) == (None, 1)


@pytest.mark.parametrize(
    "path",
    [path for method, path in PAGES if method == "post" and path not in {"nouveau/", "{}/", "{}/resultats/"}],
)
def test_get_changes_nothing(staff_client, path):
    assert staff_client.get("/gestion/forums/" + path.format(ForumFactory().slug)).status_code == 405


@pytest.mark.parametrize(("method", "path"), [page for page in PAGES if "{}" in page[1]])
def test_unknown_forum_is_a_404(staff_client, method, path):
    assert getattr(staff_client, method)("/gestion/forums/" + path.format("inconnu")).status_code == 404


def test_card_says_what_waits(db):
    ForumFactory(announced_at=None)
    over = {"starts_at": timezone.now() - timedelta(days=9)}
    ForumFactory(**over)
    ForumFactory(**over)
    ForumFactory(**over, cancelled_at=timezone.now())
    ResultsFactory()
    ResultsFactory(published_at=None)
    card = staff_card()
    assert [line.count for line in card.lines] == [1, 3]
    assert card.new_url == NEW


@pytest.mark.parametrize("count", [1, 3])
def test_console_list_asks_the_same_queries_for_1_and_3_rows(staff_client, django_assert_num_queries, count):
    for _n in range(count):
        ResultsFactory()
    staff_client.get("/gestion/forums/")
    with django_assert_num_queries(2 + 1 + 2):
        staff_client.get("/gestion/forums/")


# --- Documents -----------------------------------------------------------------------------------------


def test_documents_of_the_library_are_on_the_page_and_in_the_copy(staff_client, client):
    programme, other = (
        store_document(io.BytesIO(PDF), title=title, by=None) for title in ("Programme", "Autre")
    )
    forum = ForumFactory()
    assert "Documents à télécharger" not in client.get(forum.get_absolute_url()).content.decode()
    before = client.get(forum.get_absolute_url())["ETag"]
    assert "Autre" in staff_client.get(edit(forum)).content.decode()
    form = event_form(slug=forum.slug, version=forum.version, documents=[programme.pk])
    assert staff_client.post(edit(forum), form).status_code == 302
    answer = client.get(forum.get_absolute_url())
    assert answer["ETag"] != before
    page = answer.content.decode()
    assert f'<a href="{programme.file.url}" download>Programme</a>' in page
    assert "Autre" not in page
    assert list(duplicate(forum=forum, now=timezone.now()).documents.all()) == [programme]
    with pytest.raises(StillInUse):
        remove(programme)
    remove(other)


def test_documents_that_someone_else_chose_meanwhile_are_named(staff_client):
    document = store_document(io.BytesIO(PDF), title="Cahier du soir", by=None)
    forum = ForumFactory()
    forum.documents.add(document)
    Forum.objects.filter(pk=forum.pk).update(version=forum.version + 1)
    answer = staff_client.post(edit(forum), event_form(slug=forum.slug, version=forum.version))
    assert answer.status_code == 409
    # Among the choices, and in what is stored.
    assert answer.content.decode().count("Cahier du soir") == 2
    assert list(forum.documents.all()) == [document]

"""Staff write activities of any kind: what the form asks, sessions, publishing at once, two writers, bad input."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from forums.agenda.kinds import KINDS
from forums.event.checklist import build_checklist
from forums.event.kinds import TRAITS, usual_values
from forums.models import Forum, Kind, Session, SessionAttendance, SessionChoice
from tests.conftest import signed_in
from tests.factories import ForumFactory, RecommendationFactory, RegistrationFactory
from tests.forums.registering import run_jobs
from tests.forums.typed import event_form, rows
from tests.moments import at_nine

pytestmark = pytest.mark.django_db
LIST = "/gestion/forums/"
NEW = f"{LIST}nouveau/"
KIND = pytest.mark.parametrize("kind", list(Kind))
OTHERS = pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.FORUM])


def new(kind=Kind.TRAINING):
    return f"{NEW}?genre={KINDS[kind].word}"


def edit(forum):
    return f"{LIST}{forum.slug}/"


def line(days, begins="09:00", ends="12:00", **more):
    day = timezone.localdate() + timedelta(days=days)
    return {"id": "", "day": f"{day}", "begins": begins, "ends": ends} | more


def stored_lines(forum, **changes):
    """As the page sends them back."""
    found = []
    for each in forum.sessions.all():
        first, last = timezone.localtime(each.starts_at), timezone.localtime(each.ends_at)
        found.append(
            {"id": each.pk, "day": f"{first:%Y-%m-%d}", "begins": f"{first:%H:%M}", "ends": f"{last:%H:%M}",
             "title": each.title, "venue": each.venue, "trainer": each.trainer} | changes
        )  # fmt: skip
    return found


def typed(*lines, **changes):
    """What the form of a training sends."""
    form = {
        "kind": "training", "title": "Lire des états financiers", "summary": "Trois matinées pour comprendre.",
        "mode": "in_person", "venue": "Salle du Quai", "municipality": "67050", "spoken_language": "fr",
        "level": "beginner", "price": "25,50 $", "trainer": "Jeanne Roy", "version": 1,
    }  # fmt: skip
    return form | rows("seances", [*lines] or [line(7)]) | rows("programme", []) | changes


def posted(client, *lines, **changes):
    response = client.post(new(), typed(*lines, **changes))
    assert response.status_code == 302, re.findall(r'class="field__error".*?</ul>', response.content.decode())
    return Forum.objects.latest("pk")


def span_of(forum):
    return forum.sessions.order_by("starts_at").first().starts_at, forum.sessions.order_by(
        "ends_at"
    ).last().ends_at


# --- Kinds ------------------------------------------------------------------------------------------------


def test_a_new_activity_begins_by_its_kind(staff_client):
    page = staff_client.get(NEW).content.decode()
    for kind in Kind:
        assert f'href="?genre={KINDS[kind].word}"' in page
        assert str(TRAITS[kind].sentence) in page
    assert "<form" not in page[page.index("<main") :]


def test_an_unknown_kind_leads_to_the_choice(staff_client):
    assert "?genre=formations" in staff_client.get(f"{NEW}?genre=bals").content.decode()


def test_every_kind_of_activity_has_its_traits():
    assert set(TRAITS) == set(Kind)


@KIND
def test_the_form_of_a_kind_asks_what_it_has_and_nothing_else(staff_client, kind):
    page = staff_client.get(new(kind)).content.decode()
    asked = set(re.findall(r'name="([a-z_]+)"', page[page.index('id="evenement"') :]))
    traits = TRAITS[kind]
    assert ("day" in asked) == (kind is Kind.FORUM)
    assert ("has_participation" in asked) == (kind is Kind.FORUM)
    assert ("trainer" in asked) == (kind in {Kind.TRAINING, Kind.WEBINAR})
    assert ("attestation_share" in asked) == (kind in {Kind.TRAINING, Kind.WEBINAR})
    assert ("axes-TOTAL_FORMS" in page) == traits.has_tracks
    assert ("seances-TOTAL_FORMS" in page) == traits.has_sessions
    assert ("starts_at" in asked) != traits.has_sessions
    assert ("presences-partner" in page) == traits.has_attendance


@OTHERS
def test_what_is_proposed_is_a_working_day_of_next_week_and_open_registration(kind):
    for days in range(14):
        now = timezone.now() + timedelta(days=days)
        usual = usual_values(kind, now)
        starts, ends = timezone.localtime(usual["starts_at"]), timezone.localtime(usual["ends_at"])
        assert starts.weekday() < 5
        assert 7 <= (starts.date() - timezone.localdate(now)).days <= 9
        assert ends - starts == TRAITS[kind].lasts
        assert ("registration_opens_at" in usual) == TRAITS[kind].takes_registrations
        assert usual.get("registration_opens_at", now) <= now


@OTHERS
def test_any_kind_goes_from_nothing_to_published_with_what_is_proposed(staff_client, client, kind):
    """A title and a sentence are typed; the rest is sent as the page shows it."""
    shown = staff_client.get(new(kind)).context["forms"]
    sent = {f"{field.html_name}": field.value() for field in shown.event if field.value() is not None}
    sent |= {name: field.field.widget.format_value(field.field.prepare_value(field.value())) for field in shown.event
             if (name := field.html_name) in {"registration_opens_at", "starts_at", "ends_at"} and field.value()}  # fmt: skip
    sent |= rows("axes", []) | rows("programme", []) | {"publish": "1"}
    if shown.sessions:
        sent |= {f"{field.html_name}": field.field.widget.format_value(field.value()) for field in shown.sessions.forms[0]
                 if field.value() is not None}  # fmt: skip
        sent |= {"seances-TOTAL_FORMS": "1", "seances-INITIAL_FORMS": "0"}
    sent = {
        name: value
        for name, value in sent.items()
        if value is not False and value != [] and value is not None
    }
    sent |= {"title": "Une rencontre", "summary": "En une phrase.", "venue": "Au Quai"}
    response = staff_client.post(new(kind), sent)
    assert response.status_code == 302, [part.errors for part in response.context["forms"].parts()]
    forum = Forum.objects.get()
    assert (forum.kind, forum.has_participation, forum.sessions.count()) == (kind, False, 0)
    assert forum.announced_at
    assert client.get(forum.get_absolute_url()).status_code == 200
    stage = forum.stage_at(timezone.now())
    assert (stage == Forum.Stage.REGISTRATION) == TRAITS[kind].takes_registrations


def test_a_kind_changes_until_there_are_recommendations(staff_client):
    staff_client.post(NEW, event_form())
    forum = Forum.objects.get()
    staff_client.post(edit(forum), event_form(slug=forum.slug, kind="assembly"))
    forum.refresh_from_db()
    assert (forum.kind, forum.has_participation) == ("assembly", False)
    Forum.objects.update(kind="forum", has_participation=True)
    forum.refresh_from_db()
    RecommendationFactory(forum=forum)
    response = staff_client.post(
        edit(forum), event_form(slug=forum.slug, kind="assembly", version=forum.version)
    )
    assert response.status_code == 422
    assert 'id="id_kind_error"' in response.content.decode()
    forum.refresh_from_db()
    assert forum.kind == "forum"


def test_what_another_kind_shows_stays_when_a_kind_changes(staff_client):
    forum = posted(staff_client)
    staff_client.post(edit(forum), typed(line(7), slug=forum.slug, kind="visit"))
    forum.refresh_from_db()
    assert (forum.kind, forum.trainer, forum.level) == ("visit", "Jeanne Roy", "beginner")


def test_a_page_opened_before_kinds_existed_still_saves(staff_client):
    forum = ForumFactory(mode="both", spoken_language="en", announced_at=None)
    sent = event_form(slug=forum.slug)
    assert not {"kind", "mode", "spoken_language"} & set(sent)
    assert staff_client.post(edit(forum), sent).status_code == 302
    forum.refresh_from_db()
    assert (forum.mode, forum.spoken_language, forum.kind) == ("both", "en", "forum")


def test_the_list_is_filtered_by_kind_and_keeps_it_in_a_search(staff_client):
    ForumFactory(title="Forum du printemps")
    ForumFactory(title="Formation du printemps", kind="training", has_participation=False)
    page = staff_client.get(f"{LIST}?genre=formations&q=printemps").content.decode()
    assert "Formation du printemps" in page
    assert "Forum du printemps" not in page
    assert '<input type="hidden" name="genre" value="formations">' in page
    assert "Forum du printemps" in staff_client.get(f"{LIST}?genre=bals").content.decode()


@OTHERS
def test_the_console_of_an_activity_never_calls_it_a_forum(staff_client, kind):
    forum = ForumFactory(kind=kind, has_participation=False, title="Une journée")
    Session.objects.create(forum=forum, position=1, starts_at=forum.starts_at, ends_at=forum.ends_at)
    for path in ("", "report/"):
        page = staff_client.get(edit(forum) + path).content.decode()
        main = re.sub(
            r"<select.*?</select>|<[^>]*>",
            " ",
            page[page.index("<main") : page.index("</main>")],
            flags=re.DOTALL,
        )
        assert not re.search(r"\bforums?\b", main, re.IGNORECASE), re.findall(r".{40}\bforums?\b.{20}", main)
    page = staff_client.get(edit(forum)).content.decode()
    for absent in ("scrutins/", "resultats/", "dossier/", "suivi/", "recommandations/"):
        assert f'href="{edit(forum)}{absent}"' not in page


@OTHERS
@pytest.mark.parametrize("days", [30, -30])
def test_the_checklist_of_an_activity_has_only_what_its_kind_has(kind, days):
    starts = at_nine(days=days)
    forum = ForumFactory(
        kind=kind, has_participation=False, starts_at=starts, ends_at=starts + timedelta(hours=3)
    )
    labels = [str(step.label) for part in build_checklist(forum, timezone.now()).parts for step in part.steps]
    for absent in ("vote", "résultats", "recommand", "priorités"):
        assert not [label for label in labels if absent in label.lower()]


def test_the_checklist_asks_for_the_link_of_what_is_online_and_not_for_a_venue():
    forum = ForumFactory(kind="webinar", mode="online", has_participation=False, venue="")
    labels = {
        str(step.label): step.is_done
        for part in build_checklist(forum, timezone.now()).parts
        for step in part.steps
    }
    assert labels["Lien pour participer en ligne"] is False
    assert "Lieu et municipalité" not in labels


# --- Publishing from the form --------------------------------------------------------------------------------


def test_saved_and_published_in_one_press(staff_client, client):
    forum = posted(staff_client, publish="1")
    assert client.get(forum.get_absolute_url()).status_code == 200
    assert forum.price == Decimal("25.50")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"summary": ""}, "summary"),
        ({"venue": "", "municipality": ""}, "venue"),
        ({"venue": "", "municipality": "", "mode": "both"}, "venue"),
        ({"title": ""}, "title"),
        ({"seances-0-day": ""}, "seances-0-day"),
        ({"price": "à voir"}, "price"),
    ],
)
def test_what_lacks_to_publish_is_said_beside_its_field_and_nothing_is_lost(staff_client, changes, field):
    sent = typed(line(7, title="Le bilan"), publish="1") | changes
    response = staff_client.post(new(), sent)
    page = response.content.decode()
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in page
    assert 'value="Le bilan"' in page
    assert 'value="Jeanne Roy"' in page
    assert not Forum.objects.exists()


def test_online_needs_no_venue(staff_client):
    assert posted(staff_client, venue="", municipality="", mode="online", publish="1").announced_at


def test_a_draft_lacks_what_it_likes(staff_client):
    assert posted(staff_client, summary="", venue="", municipality="").announced_at is None


def test_publishing_from_the_page_of_a_draft_saves_first(staff_client, client):
    forum = posted(staff_client)
    staff_client.post(edit(forum), typed(line(7), slug=forum.slug, title="Autre titre", publish="1"))
    assert "Autre titre" in client.get(forum.get_absolute_url()).content.decode()


# --- Sessions --------------------------------------------------------------------------------------------------


def test_one_line_is_no_series(staff_client):
    forum = posted(staff_client)
    assert forum.sessions.count() == 0
    first, last = timezone.localtime(forum.starts_at), timezone.localtime(forum.ends_at)
    assert (first.hour, last.hour, (first.date() - timezone.localdate()).days) == (9, 12, 7)


def test_one_line_that_has_something_of_its_own_is_a_session(staff_client):
    assert posted(staff_client, line(7, title="Le bilan")).sessions.get().title == "Le bilan"


def test_a_series_begins_with_its_first_line_in_any_order_and_ends_with_its_last(staff_client):
    forum = posted(
        staff_client,
        line(21),
        line(7),
        {"id": "", "day": "", "begins": "", "ends": ""},
        line(14, "13:00", "16:30"),
    )
    assert [each.position for each in forum.sessions.all()] == [1, 2, 3]
    assert (forum.starts_at, forum.ends_at) == span_of(forum)
    assert timezone.localtime(forum.sessions.all()[1].ends_at).strftime("%H:%M") == "16:30"


def test_a_session_may_end_on_another_day(staff_client):
    last = timezone.localdate() + timedelta(days=8)
    forum = posted(staff_client, line(7, "20:00", "01:00", last_day=f"{last}"))
    assert forum.ends_at - forum.starts_at == timedelta(hours=5) or abs(
        forum.ends_at - forum.starts_at - timedelta(hours=5)
    ) == timedelta(hours=1)
    page = staff_client.get(edit(forum)).content.decode()
    assert f'name="seances-0-last_day" value="{last}"' in page


def test_what_the_page_shows_of_a_series_is_saved_again_as_it_is(staff_client):
    forum = posted(staff_client, line(7, title="Un"), line(14, venue="Ailleurs", trainer="Marc Hébert"))
    # To the microsecond: what factories and imports write.
    moment = at_nine(days=9).replace(second=7, microsecond=42)
    forum.sessions.filter(title="Un").update(starts_at=moment, ends_at=moment + timedelta(hours=2))
    before = list(forum.sessions.values())
    forum.refresh_from_db()
    response = staff_client.post(
        edit(forum), typed(*stored_lines(forum), slug=forum.slug, version=forum.version)
    )
    assert response.status_code == 302
    assert list(forum.sessions.values()) == before


def test_lines_are_removed_and_added_and_the_others_keep_their_rows(staff_client):
    forum = posted(staff_client, line(7), line(14), line(21))
    first, second, third = stored_lines(forum)
    sent = [first, second | {"DELETE": "on"}, third | {"title": "La fin"}, line(28)]
    staff_client.post(edit(forum), typed(*sent, slug=forum.slug))
    assert [each.pk for each in forum.sessions.all()][:2] == [first["id"], third["id"]]
    assert forum.sessions.count() == 3
    forum.refresh_from_db()
    assert (forum.starts_at, forum.ends_at) == span_of(forum)


def test_a_series_becomes_one_meeting_again(staff_client):
    forum = posted(staff_client, line(7), line(14))
    staff_client.post(edit(forum), typed(line(9, "10:00", "11:00"), slug=forum.slug))
    forum.refresh_from_db()
    assert forum.sessions.count() == 0
    assert timezone.localtime(forum.starts_at).strftime("%H") == "10"
    assert forum.ends_at - forum.starts_at == timedelta(hours=1)


def test_session_of_another_activity_is_not_taken(staff_client):
    other = posted(staff_client, line(7), line(14))
    pk = other.sessions.first().pk
    forum = posted(staff_client, line(7), line(14))
    staff_client.post(edit(forum), typed(line(30, title="Prise") | {"id": pk}, line(31), slug=forum.slug))
    assert Session.objects.get(pk=pk).forum == other
    assert Session.objects.get(pk=pk).title == ""
    assert forum.sessions.filter(title="Prise").exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"ends": "09:00"}, "ends"), ({"ends": "08:00"}, "ends"), ({"day": "0001-01-01"}, "day"), ({"day": "9999-12-31"}, "day"),
        ({"day": "bientôt"}, "day"), ({"begins": "25:00"}, "begins"), ({"begins": ""}, "begins"), ({"ends": ""}, "ends"),
        ({"day": "2027-03-14", "begins": "02:30", "ends": "04:00"}, "begins"), ({"online_link": "javascript:alert(1)"}, "online_link"),
        ({"title": "x" * 100_000}, "title"), ({"last_day": "2020-01-01"}, "ends"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_line_is_said_beside_it(staff_client, wrong, field):
    response = staff_client.post(new(), typed(line(7), line(14) | wrong))
    assert response.status_code == 422
    assert f'id="id_seances-1-{field}_error"' in response.content.decode()


@pytest.mark.parametrize("total", ["100000", "beaucoup", "", "-1"])
def test_a_count_of_lines_that_is_none_is_refused(staff_client, total):
    response = staff_client.post(new(), typed(line(7)) | {"seances-TOTAL_FORMS": total})
    assert response.status_code == 422
    assert not Forum.objects.exists()


def test_without_any_day_nothing_is_saved(staff_client):
    response = staff_client.post(new(), typed({"id": "", "day": "", "begins": "", "ends": ""}))
    assert response.status_code == 422
    assert "Indiquez au moins un jour." in response.content.decode()


def test_an_hour_that_comes_twice_is_the_first_and_that_is_saved_again(staff_client):
    forum = posted(staff_client, {"id": "", "day": "2027-11-07", "begins": "01:30", "ends": "04:00"})
    assert forum.ends_at - forum.starts_at == timedelta(hours=3, minutes=30)
    Forum.objects.update(starts_at=forum.starts_at + timedelta(hours=1))
    staff_client.post(
        edit(forum),
        typed({"id": "", "day": "2027-11-07", "begins": "01:30", "ends": "04:00"}, slug=forum.slug),
    )
    forum.refresh_from_db()
    assert forum.ends_at - forum.starts_at == timedelta(hours=2, minutes=30)


def test_one_more_session_is_typed_without_script_and_nothing_is_saved(staff_client):
    response = staff_client.post(new(), typed(line(7, title="Un"), title="", price="à voir", add_session="1"))
    page = response.content.decode()
    assert response.status_code == 200
    assert "error-summary" not in page
    assert "field__error" not in page
    assert 'value="à voir"' in page
    assert f'name="seances-1-day" value="{line(14)["day"]}"' in page
    assert 'name="seances-1-begins" value="09:00"' in page
    assert 'name="seances-TOTAL_FORMS" value="2"' in page
    assert not Forum.objects.exists()


def test_one_more_session_of_a_stored_series_keeps_what_was_typed(staff_client):
    forum = posted(staff_client, line(7), line(14))
    sent = typed(*stored_lines(forum), slug=forum.slug, title="Pas encore", add_session="1")
    page = staff_client.post(edit(forum), sent).content.decode()
    assert f'name="seances-2-day" value="{line(21)["day"]}"' in page
    assert 'value="Pas encore"' in page
    forum.refresh_from_db()
    assert (forum.title, forum.sessions.count()) == ("Lire des états financiers", 2)


# --- People count on it -----------------------------------------------------------------------------------------


@pytest.fixture
def series(staff_client):
    forum = posted(staff_client, line(7), line(14), line(21), publish="1")
    RegistrationFactory(forum=forum, email="anne@exemple.example", checked_in_at=None)
    forum.refresh_from_db()
    return forum


def test_a_session_on_which_people_count_is_not_removed(staff_client, series):
    kept = stored_lines(series)[1:]
    for sent in (kept, [*kept, stored_lines(series)[0] | {"DELETE": "on"}]):
        response = staff_client.post(edit(series), typed(*sent, slug=series.slug, version=series.version))
        assert response.status_code == 422
        assert "annulez-la plutôt que de la retirer" in response.content.decode()
    assert series.sessions.count() == 3


@pytest.mark.parametrize("by", [SessionChoice, SessionAttendance])
def test_of_a_series_to_choose_from_only_what_nobody_chose_nor_attended_is_removed(staff_client, series, by):
    Forum.objects.update(chooses_sessions=True)
    registration, session = series.registrations.get(), series.sessions.first()
    more = {"checked_in_at": timezone.now()} if by is SessionAttendance else {}
    by.objects.create(registration=registration, session=session, **more)
    lines = stored_lines(series)
    sent = {"slug": series.slug, "version": series.version, "chooses_sessions": "on"}
    assert staff_client.post(edit(series), typed(*lines[1:], **sent)).status_code == 422
    assert staff_client.post(edit(series), typed(*lines[:2], **sent)).status_code == 302
    assert series.sessions.count() == 2


def test_how_people_choose_stays_once_some_are_registered(staff_client, series):
    sent = typed(*stored_lines(series), slug=series.slug, version=series.version, chooses_sessions="on")
    response = staff_client.post(edit(series), sent)
    assert (response.status_code, 'id="id_chooses_sessions_error"' in response.content.decode()) == (
        422,
        True,
    )


def test_a_session_moves_knowingly_and_people_are_told(staff_client, series):
    lines = stored_lines(series)
    lines[1]["begins"], lines[1]["ends"] = "13:00", "16:00"
    sent = typed(*lines, slug=series.slug, version=series.version)
    refused = staff_client.post(edit(series), sent)
    assert refused.status_code == 422
    assert 'id="id_tells_moves_error"' in refused.content.decode()
    assert staff_client.post(edit(series), sent | {"tells_moves": "on"}).status_code == 302
    run_jobs()
    assert [message.to for message in mail.outbox if "Changement à une séance" in message.subject] == [
        ["anne@exemple.example"]
    ]
    series.refresh_from_db()
    assert series.version == 2


def test_dates_of_one_meeting_people_count_on_are_postponed(staff_client):
    forum = posted(staff_client, publish="1")
    RegistrationFactory(forum=forum, checked_in_at=None)
    response = staff_client.post(edit(forum), typed(line(8), slug=forum.slug, version=forum.version))
    assert response.status_code == 422
    assert "Reporter" in response.content.decode()
    assert (
        staff_client.post(edit(forum), typed(line(7), slug=forum.slug, version=forum.version)).status_code
        == 302
    )


def test_a_cancelled_session_stays_struck_and_people_are_told_once(staff_client, client, series):
    first, second, _third = series.sessions.all()
    for _n in range(2):
        answer = staff_client.post(f"{edit(series)}seances/{first.pk}/annulation/")
    assert answer.url == f"{edit(series)}#seances"
    series.refresh_from_db()
    assert (series.version, series.starts_at) == (2, second.starts_at)
    assert series.sessions.count() == 3
    for _n in range(2):
        run_jobs()
    assert len([message for message in mail.outbox if "Séance annulée" in message.subject]) == 1
    page = staff_client.get(edit(series)).content.decode()
    assert page.count("<s>") == 1
    staff_client.post(f"{edit(series)}seances/{first.pk}/retablissement/")
    series.refresh_from_db()
    assert (series.version, series.starts_at) == (3, first.starts_at)
    run_jobs()
    assert len([message for message in mail.outbox if "a finalement lieu" in message.subject]) == 1


def test_saving_the_page_leaves_a_cancelled_session_cancelled(staff_client, series):
    session = series.sessions.first()
    staff_client.post(f"{edit(series)}seances/{session.pk}/annulation/")
    series.refresh_from_db()
    staff_client.post(edit(series), typed(*stored_lines(series), slug=series.slug, version=series.version))
    session.refresh_from_db()
    series.refresh_from_db()
    assert session.cancelled_at
    assert series.starts_at == series.sessions.all()[1].starts_at


def test_the_last_session_is_not_cancelled_alone_nor_one_that_is_over(staff_client, series):
    pks = [session.pk for session in series.sessions.all()]
    for pk in pks:
        staff_client.post(f"{edit(series)}seances/{pk}/annulation/")
    assert series.sessions.filter(cancelled_at=None).count() == 1
    assert "annulez plutôt l’activité entière" in staff_client.get(edit(series)).content.decode()
    over = posted(staff_client, line(-7), line(14))
    staff_client.post(f"{edit(over)}seances/{over.sessions.first().pk}/annulation/")
    assert not over.sessions.exclude(cancelled_at=None).exists()


def test_session_of_another_activity_is_not_cancelled_from_this_one(staff_client, series):
    other = posted(staff_client, line(7), line(14))
    pk = other.sessions.first().pk
    for word in ("annulation", "retablissement"):
        assert staff_client.post(f"{edit(series)}seances/{pk}/{word}/").status_code == 404
        assert staff_client.get(f"{edit(series)}seances/{pk}/{word}/").status_code == 405


def test_a_series_is_postponed_as_a_whole_at_the_same_hours(staff_client, series):
    before = [timezone.localtime(each.starts_at).replace(tzinfo=None) for each in series.sessions.all()]
    new_start = before[0] + timedelta(days=90)
    response = staff_client.post(
        f"{edit(series)}report/", {"starts_at": f"{new_start:%Y-%m-%dT%H:%M}", "registration_closes_at": ""}
    )
    assert response.status_code == 302
    after = [timezone.localtime(each.starts_at).replace(tzinfo=None) for each in series.sessions.all()]
    assert after == [moment + timedelta(days=90) for moment in before]
    series.refresh_from_db()
    assert (series.starts_at, series.ends_at) == span_of(series)


# --- Two writers, and what the database keeps ---------------------------------------------------------------------


def test_second_writer_sees_the_sessions_of_the_first(staff_client, staff):
    forum = posted(staff_client, line(7), line(14))
    mine = typed(*stored_lines(forum), slug=forum.slug, version=1)
    theirs = stored_lines(forum)
    theirs[1] |= {"title": "Le bilan de l’une"}
    signed_in(staff, second_factor=True).post(edit(forum), typed(*theirs, slug=forum.slug, version=1))
    response = staff_client.post(edit(forum), mine)
    assert response.status_code == 409
    conflict = response.content.decode().split('id="conflit"')[1].split("</section>")[0]
    assert "Le bilan de l’une" in conflict
    assert staff_client.post(edit(forum), mine | {"version": 2}).status_code == 302
    assert not forum.sessions.filter(title="Le bilan de l’une").exists()


def test_a_session_cancelled_meanwhile_is_a_conflict(staff_client, series):
    mine = typed(*stored_lines(series), slug=series.slug, version=series.version)
    staff_client.post(f"{edit(series)}seances/{series.sessions.first().pk}/annulation/")
    assert staff_client.post(edit(series), mine).status_code == 409


def test_the_database_keeps_the_dates_of_a_series_those_of_its_sessions():
    forum = ForumFactory(kind="training", has_participation=False)
    moment = at_nine(days=3)
    for n in range(3):
        at = moment + timedelta(days=n)
        Session.objects.create(forum=forum, position=n, starts_at=at, ends_at=at + timedelta(hours=1))
    forum.refresh_from_db()
    assert (forum.starts_at, forum.ends_at) == (moment, moment + timedelta(days=2, hours=1))
    Forum.objects.update(starts_at=moment - timedelta(days=9), ends_at=moment + timedelta(days=9))
    forum.refresh_from_db()
    assert (forum.starts_at, forum.ends_at) == (moment, moment + timedelta(days=2, hours=1))
    forum.sessions.filter(position=0).update(cancelled_at=moment)
    forum.sessions.filter(position=2).delete()
    forum.refresh_from_db()
    assert (forum.starts_at, forum.ends_at) == (
        moment + timedelta(days=1),
        moment + timedelta(days=1, hours=1),
    )
    forum.sessions.update(cancelled_at=moment)
    forum.refresh_from_db()
    assert forum.starts_at == moment
    forum.delete()


def test_nobody_can_truncate_dates_away():
    """A series whose sessions are all removed keeps its last dates."""
    forum = ForumFactory(kind="training", has_participation=False)
    Session.objects.create(forum=forum, position=1, starts_at=forum.starts_at, ends_at=forum.ends_at)
    before = (forum.starts_at, forum.ends_at)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM forums_session WHERE forum_id = %s", [forum.pk])
    forum.refresh_from_db()
    assert (forum.starts_at, forum.ends_at) == before


# --- Copies ------------------------------------------------------------------------------------------------------


def test_an_activity_is_copied_with_all_that_its_kind_has(staff_client):
    forum = posted(
        staff_client, line(7, title="Un"), line(14), to_bring="Un ordinateur", online_link="https://visio.exemple.example/x",
        price_note="Dîner compris", attestation_share="66", registration_link="https://ailleurs.exemple.example/",
        chooses_sessions="on", mode="both",
    )  # fmt: skip
    staff_client.post(f"{edit(forum)}copie/", {"on": "", "week": "1"})
    copy = Forum.objects.latest("pk")
    assert copy != forum
    for name in ("kind", "mode", "online_link", "price", "price_note", "level", "trainer", "to_bring", "registration_link",
                 "chooses_sessions", "attestation_share", "spoken_language"):  # fmt: skip
        assert getattr(copy, name) == getattr(forum, name), name
    assert [
        (timezone.localdate(each.starts_at) - timezone.localdate()).days for each in copy.sessions.all()
    ] == [14, 21]
    assert copy.announced_at is None
    staff_client.post(f"{edit(forum)}copie/", {"on": ""})
    year = Forum.objects.latest("pk").sessions.first()
    assert (timezone.localdate(year.starts_at) - timezone.localdate()).days == 7 + 364


def test_online_link_is_not_shown_before_registering(staff_client, client):
    link = "https://visio.exemple.example/secret"
    forum = posted(
        staff_client, line(7, online_link=f"{link}/2"), line(14), online_link=link, mode="online", publish="1"
    )
    for path in (forum.get_absolute_url(), f"{forum.get_absolute_url()}programme.ics", "/forums/"):
        assert "secret" not in client.get(path).content.decode()


@pytest.mark.parametrize("chooses", [False, True])
def test_an_added_session_is_told_to_those_who_come_to_the_whole_series(staff_client, series, chooses):
    Forum.objects.update(chooses_sessions=chooses)
    [anne] = series.registrations.all()
    chosen = RegistrationFactory(forum=series, email="lou@exemple.example", checked_in_at=None, language="en")
    SessionChoice.objects.create(registration=chosen, session=series.sessions.first())
    sent = typed(
        *stored_lines(series), line(60), slug=series.slug, version=series.version,
        **({"chooses_sessions": "on"} if chooses else {}),
    )  # fmt: skip
    assert "est annoncée par courriel" in staff_client.get(edit(series)).content.decode()
    for status in (302, 409):
        assert staff_client.post(edit(series), sent).status_code == status
        run_jobs()
    assert series.sessions.count() == 4
    assert sorted(message.to[0] for message in mail.outbox) == sorted(
        [anne.email] if chooses else [anne.email, chosen.email]
    )
    told = next(message for message in mail.outbox if message.to == [anne.email])
    assert told.subject.startswith("Séance ajoutée")
    [calendar] = [each.content for each in told.alternatives if each.mimetype.startswith("text/calendar")]
    assert "METHOD:REQUEST" in calendar
    assert f"UID:session-{series.sessions.last().pk}@" in calendar


def test_a_session_added_before_anyone_reads_it_or_once_it_is_over_is_told_to_nobody(staff_client, series):
    sent = typed(*stored_lines(series), line(-30), slug=series.slug, version=series.version)
    assert staff_client.post(edit(series), sent).status_code == 302
    Forum.objects.update(announced_at=None)
    series.refresh_from_db()
    sent = typed(*stored_lines(series), line(60), slug=series.slug, version=series.version)
    assert staff_client.post(edit(series), sent).status_code == 302
    run_jobs()
    assert (series.sessions.count(), mail.outbox) == (5, [])

"""A forum is previewed, postponed, cancelled, copied; and what is left to do is computed."""

from __future__ import annotations

import json
import re
from datetime import date, datetime, time, timedelta

import pytest
from django.core import mail
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from forums.event import editing
from forums.event.checklist import build_checklist
from forums.event.duplication import duplicate
from forums.models import Forum
from forums.registration import day_team
from forums.vote.rounds import ForumCancelled, annul_round, open_round
from tests.factories import (
    ForumFactory,
    QuestionFactory,
    RecommendationFactory,
    RegistrationFactory,
    ResultsFactory,
    RoundFactory,
)
from tests.forums.registering import open_forum, run_jobs
from tests.forums.typed import event_form
from tests.moments import as_typed, at_nine, typeable

pytestmark = pytest.mark.django_db


def gestion(forum, path=""):
    return f"/gestion/forums/{forum.slug}/{path}"


def awaited(forum, **changes):
    return RegistrationFactory(forum=forum, checked_in_at=None, **changes)


def new_dates(forum, days=30, **changes):
    at = typeable(forum.starts_at + timedelta(days=days))
    return {
        "starts_at": as_typed(at),
        "ends_at": as_typed(at + timedelta(hours=6)),
        "registration_closes_at": "",
    } | changes


# --- Postponing, cancelling -------------------------------------------------------------------------------


def test_postponing_tells_everyone_registered_once_and_the_page_says_it(staff_client, client):
    forum = open_forum(capacity=1)
    member, _token = day_team.invite(forum=forum, name="Alex", now=timezone.now())
    awaited(forum, email="place@exemple.example")
    awaited(forum, email="attend@exemple.example", state="waitlisted", waitlisted_at=timezone.now())
    awaited(forum, email="annulee@exemple.example", state="cancelled")
    former, version = forum.starts_at, forum.version
    assert staff_client.post(gestion(forum, "report/"), new_dates(forum)).status_code == 302
    forum.refresh_from_db()
    member.refresh_from_db()
    assert (forum.postponed_from, forum.version) == (former, version + 1)
    assert member.valid_until == day_team.door_closes_at(forum)
    for _n in range(2):
        run_jobs()
    assert sorted(message.to[0] for message in mail.outbox) == [
        "attend@exemple.example",
        "place@exemple.example",
    ]
    assert "Reporté" in client.get(forum.get_absolute_url()).content.decode()
    assert (
        f"SEQUENCE:{forum.version - 1}"
        in client.get(f"{forum.get_absolute_url()}programme.ics").content.decode()
    )


def test_forum_postponed_twice_before_the_worker_runs_is_told_once(staff_client):
    forum = open_forum()
    awaited(forum)
    staff_client.post(gestion(forum, "report/"), new_dates(forum, 30))
    staff_client.post(gestion(forum, "report/"), new_dates(forum, 60))
    run_jobs()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_at": "2020-01-01T09:00"}, "starts_at"),
        ({"ends_at": "2020-01-01T09:00"}, "ends_at"),
        ({"starts_at": "bientôt"}, "starts_at"),
        ({"registration_closes_at": "2020-01-01T09:00"}, "registration_closes_at"),
    ],
)
def test_dates_that_cannot_be_are_refused(staff_client, changes, field):
    forum = open_forum()
    response = staff_client.post(gestion(forum, "report/"), new_dates(forum, **changes))
    assert response.status_code == 422
    assert f'id="id_{field}_error"' in response.content.decode()
    assert not ProcrastinateJob.objects.filter(task_name="write_to_forum").exists()


def test_postponing_an_unannounced_forum_leaves_no_trace_of_its_former_date(staff_client):
    forum = ForumFactory(announced_at=None)
    staff_client.post(gestion(forum, "report/"), new_dates(forum))
    forum.refresh_from_db()
    assert forum.postponed_from is None


def test_cancelling_tells_everyone_once_and_restoring_tells_them_again(staff_client):
    forum = open_forum()
    awaited(forum)
    for _n in range(2):
        staff_client.post(gestion(forum, "annulation/"))
    run_jobs()
    staff_client.post(gestion(forum, "retablissement/"))
    run_jobs()
    assert [("annulé" in message.subject.lower(), len(message.to)) for message in mail.outbox] == [
        (True, 1),
        (False, 1),
    ]


@pytest.mark.parametrize(
    ("people", "announced", "saved"), [(1, True, False), (0, True, True), (1, False, True)]
)
def test_dates_that_people_registered_for_are_changed_by_postponing_alone(
    staff_client, people, announced, saved
):
    forum = open_forum()
    if not announced:
        Forum.objects.filter(pk=forum.pk).update(announced_at=None)
    for _n in range(people):
        awaited(forum, state="waitlisted", waitlisted_at=timezone.now())
    next_day = timezone.localdate(forum.ends_at) + timedelta(days=1)
    moved = {
        "starts_at": f"{timezone.localtime(forum.starts_at):%Y-%m-%dT%H:%M}",
        "ends_at": f"{next_day}T12:00",
    }
    response = staff_client.post(gestion(forum), event_form(slug=forum.slug, version=forum.version, **moved))
    assert ("Reporter" in response.content.decode(), response.status_code == 302) == (not saved, saved)
    former = forum.ends_at
    forum.refresh_from_db()
    assert (forum.ends_at != former) == saved


@pytest.mark.parametrize("change", ["later that day", "cancelled"])
def test_dates_that_move_nobody_are_changed_on_the_page(staff_client, change):
    forum = open_forum(starts_at=at_nine(days=30))
    awaited(forum)
    moved = timezone.localtime(forum.starts_at)
    if change == "cancelled":
        Forum.objects.filter(pk=forum.pk).update(cancelled_at=timezone.now())
        moved += timedelta(days=7)
    form = event_form(
        slug=forum.slug, version=forum.version, starts_at=f"{moved:%Y-%m-%dT%H:%M}",
        ends_at=f"{moved:%Y-%m-%d}T23:59",
    )  # fmt: skip
    assert staff_client.post(gestion(forum), form).status_code == 302


def test_forum_is_not_cancelled_under_those_who_vote(staff_client):
    forum = open_forum()
    QuestionFactory(round=(round := RoundFactory(forum=forum)))
    RegistrationFactory(forum=forum)
    open_round(round_id=round.pk, by=None)
    response = staff_client.post(gestion(forum, "annulation/"), follow=True)
    assert "Scellez-le ou annulez-le d’abord" in response.content.decode()
    forum.refresh_from_db()
    assert forum.cancelled_at is None
    response = staff_client.post(gestion(forum, "retrait/"), follow=True)
    assert "Scellez-le ou annulez-le d’abord" in response.content.decode()
    forum.refresh_from_db()
    assert forum.announced_at is not None
    annul_round(round_id=round.pk, reason="Tempête", by=None)
    staff_client.post(gestion(forum, "annulation/"))
    forum.refresh_from_db()
    assert forum.cancelled_at is not None
    QuestionFactory(round=(later := RoundFactory(forum=forum, number=2, opens_at=timezone.now())))
    with pytest.raises(ForumCancelled):
        open_round(round_id=later.pk, by=None)


def test_raising_the_capacity_on_the_page_promotes_the_line(staff_client):
    forum = open_forum(capacity=1, starts_at=at_nine(days=30))
    awaited(forum)
    person = awaited(forum, state="waitlisted", waitlisted_at=timezone.now())
    form = event_form(
        slug=forum.slug, capacity=2, version=forum.version,
        starts_at=as_typed(forum.starts_at), ends_at=as_typed(forum.ends_at),
    )  # fmt: skip
    assert staff_client.post(gestion(forum), form).status_code == 302
    person.refresh_from_db()
    assert person.state == "confirmed"


# --- Copying, preview --------------------------------------------------------------------------------------


def test_copy_has_everything_but_people_votes_and_results(staff_client):
    results = ResultsFactory()
    forum = results.forum
    forum.tracks.create(position=1, title="Territoire")
    forum.programme.create(starts_at="09:00", title="Accueil")
    forum.questions.create(position=1, label="Dîner?")
    forum.notice_texts.create(kind="reminder", language="fr", subject="À bientôt", body="Bonjour")
    RegistrationFactory(forum=forum)
    RoundFactory(forum=forum)
    RecommendationFactory(forum=forum)
    response = staff_client.post(gestion(forum, "copie/"))
    copy = Forum.objects.latest("pk")
    assert response.url == gestion(copy)
    assert (copy.announced_at, copy.title, copy.venue) == (None, f"{forum.title} (copie)", forum.venue)
    assert copy.starts_at > timezone.now()
    assert timezone.localtime(copy.starts_at).weekday() == timezone.localtime(forum.starts_at).weekday()
    kept = [each.count() for each in (copy.tracks, copy.programme, copy.questions, copy.notice_texts)]
    left = [each.count() for each in (copy.registrations, copy.rounds, copy.recommendations, copy.attendance)]
    assert (kept, left) == ([1] * 4, [0] * 4)
    assert not hasattr(copy, "results")


@pytest.mark.parametrize(
    ("former", "following"),
    [("2026-11-07", "2027-11-06"), ("2026-03-14", "2027-03-13"), ("2026-05-19", "2027-05-18")],
)
def test_copy_has_the_same_hours_when_only_one_year_has_changed_its_clocks(former, following):
    def at(hour, day=former):
        return timezone.make_aware(timezone.datetime.fromisoformat(f"{day} {hour}"))

    forum = ForumFactory(
        starts_at=at("09:00"),
        ends_at=at("16:30"),
        registration_opens_at=at("08:00"),
        registration_closes_at=at("08:45"),
    )
    # The former one as the database gives it back: in UTC.
    copy = duplicate(forum=Forum.objects.get(pk=forum.pk), now=at("12:00"))
    copy.refresh_from_db()
    moved = [copy.starts_at, copy.ends_at, copy.registration_opens_at, copy.registration_closes_at]
    assert moved == [at(hour, following) for hour in ("09:00", "16:30", "08:00", "08:45")]


@pytest.mark.parametrize("day", ["2027-03-14", "2026-11-01"])
def test_copy_to_the_night_when_clocks_change_ends_after_it_begins(db, day):
    hours = ("02:30", "03:15") if day == "2027-03-14" else ("01:30", "02:15")
    starts, ends = (timezone.make_aware(datetime.fromisoformat(f"2026-05-19T{hour}")) for hour in hours)
    forum = ForumFactory(starts_at=starts, ends_at=ends)
    forum.refresh_from_db()
    copy = duplicate(forum=forum, now=timezone.now(), on=date.fromisoformat(day))
    copy.refresh_from_db()
    assert copy.ends_at > copy.starts_at
    assert timezone.localdate(copy.starts_at).isoformat() == day


@pytest.mark.parametrize(
    ("former", "weeks", "following"),
    [
        ("2026-11-03", 26, "2027-05-04"),
        ("2026-03-03", 4, "2026-03-31"),
        ("2026-10-27", 1, "2026-11-03"),
        ("2026-11-03", -1, "2026-10-27"),
        ("2026-05-05", 52, "2027-05-04"),
    ],
)
def test_copy_moved_across_a_change_of_clocks_keeps_its_hours(staff_client, client, former, weeks, following):
    staff_client.post("/gestion/forums/nouveau/", event_form(
        starts_at=f"{former}T09:00", ends_at=f"{former}T16:30",
        registration_opens_at=f"{former}T08:00", registration_closes_at=f"{former}T08:45",
    ))  # fmt: skip
    forum = Forum.objects.get()
    wanted = date.fromisoformat(former) + timedelta(weeks=weeks)
    response = staff_client.post(gestion(forum, "copie/"), {"on": str(wanted)})
    copy = Forum.objects.exclude(pk=forum.pk).get()
    assert response.url == gestion(copy)
    moments = (copy.starts_at, copy.ends_at, copy.registration_opens_at, copy.registration_closes_at)
    assert [f"{timezone.localtime(each):%Y-%m-%d %H:%M}" for each in moments] == [
        f"{following} {hour}" for hour in ("09:00", "16:30", "08:00", "08:45")
    ]
    assert list(copy.programme.values_list("starts_at", "title")) == [
        (time(9), "Accueil"),
        (time(13), "Priorisation"),
    ]


def test_copy_on_a_day_that_is_none_is_refused(staff_client):
    forum = ForumFactory()
    page = staff_client.post(gestion(forum, "copie/"), {"on": "bientôt"}, follow=True).content.decode()
    assert "Écrivez une date valide" in page
    assert Forum.objects.count() == 1


def test_copy_of_a_copy_gets_another_address(staff_client):
    forum = ForumFactory(title="x" * 160, slug="x")
    for _n in range(3):
        staff_client.post(gestion(forum, "copie/"))
    assert Forum.objects.count() == 4
    assert len(Forum.objects.latest("pk").title) == 160


def test_draft_is_previewed_by_staff_alone(staff_client, client, citizen_client):
    forum = ForumFactory(announced_at=None, title="Encore secret")
    text = staff_client.get(gestion(forum, "apercu/")).content.decode()
    assert "Encore secret" in text
    assert "Aperçu" in text
    assert client.get(gestion(forum, "apercu/")).status_code == 302
    assert citizen_client.get(gestion(forum, "apercu/")).status_code == 403


# --- Structured data ----------------------------------------------------------------------------------------


def structured(client, forum):
    text = client.get(forum.get_absolute_url()).content.decode()
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', text, re.DOTALL)[1])


def test_page_describes_the_event_to_machines(client):
    forum = open_forum(capacity=40, venue_address="10, rue de la Gare", summary="Une journée.")
    found = structured(client, forum)
    assert (found["@type"], found["name"], found["eventStatus"]) == (
        "Event",
        forum.title,
        "https://schema.org/EventScheduled",
    )
    assert found["startDate"] == timezone.localtime(forum.starts_at).isoformat(timespec="minutes")
    assert found["location"]["address"]["streetAddress"] == "10, rue de la Gare"
    assert found["maximumAttendeeCapacity"] == 40


def test_postponed_and_cancelled_are_said_to_machines(client):
    forum = open_forum(postponed_from=timezone.now())
    assert structured(client, forum)["eventStatus"].endswith("EventRescheduled")
    editing.cancel(forum=forum, now=timezone.now())
    assert structured(client, forum)["eventStatus"].endswith("EventCancelled")


def test_title_that_would_end_the_script_is_only_a_title(client):
    forum = open_forum(title="</script><script>alert(1)</script>&")
    text = client.get(forum.get_absolute_url()).content.decode()
    assert "<script>alert" not in text
    assert structured(client, forum)["name"] == "</script><script>alert(1)</script>&"


# --- What is left to do ------------------------------------------------------------------------------------------


def done(forum):
    stored = Forum.objects.for_page().get(pk=forum.pk)
    checklist = build_checklist(stored, timezone.now())
    return {str(step.label): step.is_done for part in checklist.parts for step in part.steps}, checklist


def test_checklist_of_a_new_forum_begins_at_the_beginning():
    steps, checklist = done(ForumFactory(announced_at=None, venue=""))
    assert set(steps.values()) == {False}
    assert str(checklist.next_step.label) == "Titre, résumé et texte"


def test_checklist_of_a_forum_entered_after_the_fact_asks_for_nothing_that_is_over():
    held = timezone.now() - timedelta(days=900)
    steps, checklist = done(
        ForumFactory(announced_at=None, starts_at=held, summary="Une.", body="<p>Deux.</p>")
    )
    assert str(checklist.next_step.label) == "Lieu et municipalité"
    assert not {"Dates d’inscription", "Ouvrir les inscriptions", "Préparer le vote"} & set(steps)
    assert "Publier les résultats" in steps


def test_checklist_leads_where_the_step_is_done():
    forum = ForumFactory()
    _steps, checklist = done(forum)
    (vote,) = [part for part in checklist.parts if str(part.title) == "Vote"]
    assert {step.url for step in vote.steps} == {reverse("staff:round_list", args=[forum.slug])}


def test_checklist_follows_the_rows_not_a_box():
    results = ResultsFactory()
    forum = results.forum
    forum.summary, forum.body, forum.registration_opens_at = "Une.", "<p>Deux.</p>", forum.announced_at
    forum.save()
    RegistrationFactory(forum=forum)
    for _n in range(2):
        RecommendationFactory(forum=forum, is_on_ballot=True)
    steps, _checklist = done(forum)
    assert {label for label, is_done in steps.items() if is_done} == {
        "Titre, résumé et texte",
        "Dates d’inscription",
        "Voir l’aperçu de la page",
        "Annoncer",
        "Ouvrir les inscriptions",
        "Relire ce que les gens proposent",
        "En choisir au moins deux pour le bulletin",
        "Le rappel, envoyé automatiquement deux jours avant",
        "Prendre les présences",
        "Écrire les résultats",
        "Publier les résultats",
    }


def test_event_without_recommendations_has_no_vote_to_prepare():
    steps, _checklist = done(ForumFactory(has_participation=False))
    assert not [label for label in steps if "scrutin" in label or "bulletin" in label]


def test_console_page_shows_the_next_step(staff_client):
    forum = ForumFactory(announced_at=None)
    text = staff_client.get(gestion(forum)).content.decode()
    assert "La suite" in text

"""The demonstration: enough of everything, in place once however often it is asked for."""

from __future__ import annotations

import json
import re
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import resolve
from django.utils import timezone, translation

from blog.models import Post
from comments.models import Comment
from desk.models import Picture
from enterprises.models import Listing, ListingPhoto
from forums.models import (
    ActivityProposal,
    Answer,
    Forum,
    Kind,
    Priority,
    Question,
    Recommendation,
    Registration,
    Results,
    Round,
    RoundEvent,
    SealedBox,
    Season,
    Session,
    SessionAttendance,
)
from forums.tally import box as boxes
from forums.vote import casting
from forums.vote.methods.registry import COUNTING
from pole.caching.in_process import clear_caches
from pole.management.commands.run import codes_list, day_team_link
from pole.models import Hub

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded(settings, tmp_path):
    settings.VAR_DIR = tmp_path
    call_command("seed_demo")
    return tmp_path


def counts():
    return {model._meta.label: model.objects.count() for model in apps.get_models() if model._meta.managed}


def test_demonstration_has_what_it_promises(seeded):
    assert Post.objects.count() >= 12
    assert Listing.objects.published().count() >= 120
    places = Listing.objects.values_list("municipality__code", "municipality__mrc_id")
    assert len({code for code, _mrc in places}) >= 40
    assert {mrc for _code, mrc in places} == {"58", "67", "68", "69", "70", "71"}
    assert Forum.objects.filter(kind="forum").count() == 6
    assert Priority.objects.count() == 12
    assert Recommendation.objects.filter(state="merged").exists()
    assert Comment.objects.count() >= 20
    assert Hub.objects.get().privacy_email


def test_demonstration_has_an_agenda_of_every_kind(seeded):
    now, activities = timezone.now(), Forum.objects.exclude(kind="forum")
    assert activities.count() == 14
    assert {*activities.values_list("kind", flat=True)} == {*Kind.values} - {"forum"}
    assert activities.exclude(title_en="").count() >= 7
    assert activities.exclude(online_link="").count() == 4
    series = activities.get(slug="lire-ses-etats-financiers-sans-ceder-a-la-panique")
    assert (series.stage_at(now), series.sessions.count()) == (Forum.Stage.UNDER_WAY, 3)
    assert [session.attended.count() for session in series.sessions.all()] == [11, 9, 0]
    past = activities.get(slug="gouvernance-le-conseil-qui-decide")
    assert (past.stage_at(now), past.attestation_share) == (Forum.Stage.PAST, 50)
    assert past.registrations.filter(user__email="citoyenne@pole.example").count() == 1
    full = activities.get(is_full=True)
    assert full.registrations.filter(state="confirmed").count() == full.capacity
    assert full.registrations.filter(state="waitlisted").exists()
    assert activities.get(cancelled_at__isnull=False).cancelled_at < now
    proposals = ActivityProposal.objects.order_by("state")
    assert [(each.state, each.forum.is_public(now)) for each in proposals] == [
        ("accepted", True),
        ("awaiting", False),
    ]
    assert proposals[1].proposed_by.email == "entreprise@pole.example"
    season = Season.objects.get()
    assert season.first_day > timezone.localdate(now)
    assert all(
        season.first_day <= timezone.localdate(each.starts_at) <= season.last_day
        for each in season.forums.all()
    )
    assert season.forums.count() == 3


def test_votes_of_the_demonstration_took_place_in_the_afternoon_of_their_forum(seeded):
    for round in Round.objects.select_related("forum"):
        opened = timezone.localtime(round.opened_at)
        assert (opened.hour, opened.date()) == (14, timezone.localdate(round.forum.starts_at))
        if round.closed_at:
            assert round.closed_at - round.opened_at == timedelta(minutes=25)
            assert round.closed_at < round.forum.ends_at < round.sealed_at


def test_demonstration_has_an_open_vote_and_two_sealed_ones(seeded):
    open_round = Round.objects.get(sealed_at=None)
    assert (open_round.questions.count(), casting.turnout(open_round.pk)) == (5, (17, 40))
    codes = json.loads((seeded / "demo-codes.json").read_text())
    assert len(codes) == 23
    assert all(set(entry) == {"forum", "round", "code", "until", "url"} for entry in codes)
    printed = codes_list(seeded / "demo-codes.json")
    assert all(entry["code"] in printed for entry in codes)
    with time_machine.travel(open_round.closes_at):
        assert codes_list(seeded / "demo-codes.json") == ""
    phone = Client()
    ballot = phone.post("/vote/", {"code": codes[0]["code"]}, follow=True)
    assert all(name in ballot.content for name in (b'name="q1', b'name="q2'))
    for slug, cast in (("forum-de-la-releve-collective", 38), ("journee-des-projets-de-la-riviere", 47)):
        sealed = SealedBox.objects.get(round__forum__slug=slug)
        assert boxes.seal(sealed.text) == sealed.round.seal
        assert {question.cast for question in boxes.read(sealed.text, COUNTING).questions} == {cast}
    asked = Question.objects.values_list("method", flat=True)
    assert all(
        asked.filter(round__sealed_at__isnull=is_open).filter(method="ranking") for is_open in (True, False)
    )
    assert {*asked} == {*COUNTING}
    assert Answer.objects.filter(confirmed_at__isnull=False).count() == 2


def test_day_team_comes_in_by_the_link_that_is_printed(seeded):
    path = seeded / "demo-day-team.json"
    assert path.stat().st_mode & 0o077 == 0
    entry = json.loads(path.read_text(encoding="utf-8"))
    assert entry["url"] in day_team_link(path)
    volunteer = Client()
    address = urlsplit(entry["url"]).path
    assert volunteer.get(address).status_code == 200
    door = volunteer.post(address, follow=True)
    assert door.status_code == 200
    assert entry["name"] in door.content.decode()
    # Somebody is expected there.
    assert "Adèle Archambault" in door.content.decode()
    # The same link serves after `make run` again; another is made once the file is lost.
    call_command("seed_demo")
    assert json.loads(path.read_text(encoding="utf-8")) == entry
    path.unlink()
    call_command("seed_demo")
    assert json.loads(path.read_text(encoding="utf-8"))["url"] != entry["url"]
    with time_machine.travel(datetime.fromisoformat(entry["until"])):
        assert day_team_link(path) == ""


def test_seeding_again_changes_nothing(seeded):
    before = counts()
    call_command("seed_demo")
    assert counts() == before


def test_accounts_are_written_for_the_newcomer_alone(seeded):
    path = seeded / "demo-accounts.json"
    accounts = json.loads(path.read_text())
    assert sorted(account["role"] for account in accounts) == [
        "citizen",
        "owner",
        "staff",
        "staff",
        "superuser",
    ]
    assert all(set(account) == {"email", "password", "role", "totp_secret"} for account in accounts)
    assert all(account["totp_secret"] for account in accounts if account["role"] in {"staff", "superuser"})
    assert path.stat().st_mode & 0o077 == 0


def test_production_refuses_the_demonstration(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="en production"):
        call_command("seed_demo")
    assert Hub.objects.count() == 0


def test_every_page_that_a_visitor_reaches_names_what_it_reads(seeded):
    """`tests.reading_pages` refuses one that reads more; nothing that the process caches hides it."""
    client, waiting, seen = Client(), ["/", "/en/"], set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        with translation.override("en" if path.startswith("/en/") else "fr"):
            if not hasattr(resolve(path).func, "scopes"):
                continue
        clear_caches()
        answer = client.get(path)
        assert answer.status_code in {200, 301, 302}, path
        if answer["Content-Type"].startswith("text/html"):
            links = re.findall(r'href="(/[^"#?]*)', answer.content.decode())
            waiting += sorted(
                {link for link in links if not link.startswith(("/static/", "/media/"))} - seen - set(waiting)
            )
    assert len(seen) > 200


@pytest.mark.any_hour
def test_what_the_demonstration_shows_happened_at_plausible_hours_whenever_it_is_written(settings, tmp_path):
    """Written on a Sunday at night, as a newcomer may; every hour of a week: tests/pole/test_hours_of_demo.py."""
    settings.VAR_DIR = tmp_path
    now = datetime(2026, 11, 29, 3, 12, tzinfo=timezone.get_default_timezone())
    with time_machine.travel(now, tick=False):
        call_command("seed_demo")
    shown = [
        *Round.objects.values_list("opened_at", "closed_at", "sealed_at", "closes_at"),
        *RoundEvent.objects.values_list("at"),
        *Results.objects.values_list("published_at"),
        *Post.objects.values_list("published_at"),
        *Comment.objects.values_list("created_at", "shown_at"),
        *Recommendation.objects.values_list("created_at"),
        *Forum.objects.values_list(
            "starts_at", "ends_at", "announced_at", "registration_opens_at", "cancelled_at"
        ),
        *Session.objects.values_list("starts_at", "ends_at"),
        *SessionAttendance.objects.values_list("checked_in_at"),
        *ActivityProposal.objects.values_list("proposed_at", "answered_at"),
        *Registration.objects.exclude(forum__kind="forum").values_list("confirmed_at", "waitlisted_at"),
    ]
    moments = [timezone.localtime(moment) for row in shown for moment in row if moment]
    assert [f"{moment}" for moment in moments if not 7 <= moment.hour < 22] == []
    assert all(reply.created_at > reply.parent.created_at for reply in Comment.objects.exclude(parent=None))
    for round in Round.objects.exclude(sealed_at=None).select_related("forum"):
        published_at = Results.objects.get(forum=round.forum).published_at
        assert round.opened_at < round.closed_at < round.forum.ends_at < round.sealed_at < published_at < now


def test_demonstration_has_pictures_drawn_for_it(seeded):
    """Every file is used, and what is stored is on the disk with its narrower renditions."""
    folders = {name: Path(settings.BASE_DIR) / name for name in ("blog/demo", "enterprises/demo")}
    posts = tomllib.loads((folders["blog/demo"] / "posts.toml").read_text(encoding="utf-8"))["post"]
    listings = tomllib.loads((folders["enterprises/demo"] / "listings.toml").read_text(encoding="utf-8"))[
        "listing"
    ]
    for folder, named in (
        (folders["blog/demo"] / "pictures", [post["picture"] for post in posts]),
        (folders["enterprises/demo"] / "photos", [row["photo"] for row in listings if "photo" in row]),
        (folders["enterprises/demo"] / "logos", [row["logo"] for row in listings if "logo" in row]),
    ):
        assert {path.stem for path in folder.iterdir()} == {*named}
    assert [post.slug for post in Post.objects.filter(lead_picture=None)] == []
    assert ListingPhoto.objects.count() == 14
    assert Listing.objects.exclude(logo="").count() == 33
    for stored in (*Picture.objects.all(), *ListingPhoto.objects.all()):
        assert stored.renditions == [480]
        assert all(default_storage.exists(name) for name in stored.file_names())
        assert stored.description[-1] in ".!"
    assert all(default_storage.exists(row.logo.name) for row in Listing.objects.exclude(logo=""))
    off_centre = Picture.objects.exclude(focus_x=50, focus_y=50).count()
    assert 0 < off_centre < Picture.objects.count()


@pytest.mark.any_hour
def test_pictures_of_the_demonstration_are_light():
    base = Path(settings.BASE_DIR)
    sizes = {path: path.stat().st_size for path in base.glob("*/demo/*/*.webp")}
    assert len(sizes) == 68
    assert max(sizes.values()) <= 40 * 1024
    assert sum(sizes.values()) <= 1024 * 1024

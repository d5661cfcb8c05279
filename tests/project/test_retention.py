"""What the portal says that it keeps is what it erases: each periodic task that deletes runs its rules, and nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import Role
from accounts.sign_in.sessions import Session
from forums.registration import retention as registrations
from pole.hooks import retention
from pole.models import OutgoingMail, RetentionRun
from pole.text.amounts import span
from tests.conftest import signed_in
from tests.factories import UserFactory

# Periodic tasks that erase nothing because of its age, and what they do.
ERASE_NOTHING = {
    "tell_team": "writes to the team",
    "look_at_state": "keeps what it saw, in place of what it had seen",
    "take_up_mails": "gives mails a task again",
    "import_site": "is asked for",
    "send_digests": "writes to followers",
    "ask_whether_listings_are_exact": "writes to owners",
    "find_duplicates": "proposes pairs",
    "renew_exports": "makes files again",
    "end_rounds": "closes votes",
    "tend_vote_keys": "deletes the keys of votes once sealed: the rule of ballots says so",
    "shuffle_ballots": "shuffles",
    "send_reminders": "writes to registered people",
    "announce_results": "writes to registered people",
}


def periodic_tasks():
    return {name for name, _id in app.periodic_registry.periodic_tasks} | {
        task.task.name for task in app.periodic_registry.periodic_tasks.values()
    }


def test_each_periodic_task_runs_rules_or_erases_nothing():
    named = {rule.task for rule in retention.rules() if rule.task}
    found = {name for name in periodic_tasks() if ":" not in name}
    assert found - set(ERASE_NOTHING) == named
    assert not named & set(ERASE_NOTHING)


def test_tasks_erase_by_their_rules_alone():
    """A deletion that a task calls by itself would be said nowhere."""
    for package in ("pole", "accounts", "blog", "comments", "desk", "enterprises", "forums"):
        text = (settings.BASE_DIR / package / "tasks.py").read_text(encoding="utf-8")
        called = set(re.findall(r'run_rules\("(\w+)"', text))
        assert called == {
            rule.task for rule in retention.rules() if rule.task and f'name="{rule.task}"' in text
        }
        assert ".delete(" not in text
        assert not re.search(r"\b(forget|erase|delete|empty|anonymise)\w*\(\s*(now=)?timezone", text)


def test_keys_are_unique_and_each_rule_says_what_and_how_long():
    rules = retention.rules()
    assert len({rule.key for rule in rules}) == len(rules)
    assert all(str(rule.what) and str(rule.how_long) for rule in rules)
    assert all(bool(rule.task) == bool(rule.erase) for rule in rules)


def test_what_is_said_is_the_constant_of_the_code():
    said = {rule.key: str(rule.how_long) for rule in retention.rules()}
    assert str(span(registrations.NEEDS_RETENTION)) in said["needs"]
    assert said["registrations"].startswith(str(span(registrations.PEOPLE_RETENTION)))


@pytest.mark.django_db
def test_run_is_remembered_with_how_many_went(client):
    now = timezone.now()
    Session.objects.create(session_key="a" * 32, session_data="x", expire_date=now - timedelta(days=1))
    Session.objects.create(session_key="b" * 32, session_data="x", expire_date=now + timedelta(days=1))
    retention.run_rules("forget_sessions", now)
    run = RetentionRun.objects.get(rule="sessions")
    assert (run.erased, run.ran_at) == (1, now)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["b" * 32]
    retention.run_rules("forget_sessions", now + timedelta(hours=1))
    run.refresh_from_db()
    assert run.erased == 0
    direction = signed_in(UserFactory(roles=[Role.DIRECTION]), second_factor=True)
    assert "0 ligne ou fichier" in direction.get(reverse("staff:retention")).text.replace("\xa0", " ")


@pytest.mark.django_db
def test_task_of_the_worker_leaves_word(client):
    OutgoingMail.objects.create(message={}, state="failed")
    OutgoingMail.objects.update(created_at=timezone.now() - timedelta(days=31))
    app.tasks["forget_failed_mails"](timestamp=0)
    assert RetentionRun.objects.get(rule="failed_mails").erased == 1


@pytest.mark.django_db
def test_rule_that_fails_stops_none_of_the_others(monkeypatch):
    done = []

    def fails(_now):
        raise RuntimeError("boum")

    rules = [
        retention.Rule("a", "a", "a", "task", fails),
        retention.Rule("b", "b", "b", "task", lambda now: done.append(now) or 3),
        retention.Rule("c", "c", "c", "autre", lambda now: pytest.fail("Another task's.")),
    ]
    monkeypatch.setattr(retention, "rules", lambda: rules)
    with pytest.raises(ExceptionGroup):
        retention.run_rules("task", timezone.now())
    assert len(done) == 1
    assert list(RetentionRun.objects.values_list("rule", "erased")) == [("b", 3)]


@pytest.mark.django_db
def test_visitors_read_it_in_both_languages(client):
    page = client.get("/ce-que-nous-gardons/").text
    assert "Ce que nous gardons, et combien de temps" in page
    for rule in retention.rules():
        assert (str(rule.what) in page.replace("&#x27;", "'")) == rule.is_personal, rule.key
    english = client.get("/en/ce-que-nous-gardons/").text
    assert "What we keep, and for how long" in english
    assert "Your comments" in english


@pytest.mark.django_db
def test_privacy_page_leads_there(client):
    from tests.factories import PageFactory

    PageFactory(slug="confidentialite")
    assert 'href="/ce-que-nous-gardons/"' in client.get("/confidentialite/").text

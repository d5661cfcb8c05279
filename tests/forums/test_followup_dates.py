"""What happened to a priority has happened, on a day of Montréal; and it may be written again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from forums.models import PriorityUpdate
from tests.factories import ForumFactory, ResultsFactory

pytestmark = pytest.mark.django_db
MONTREAL = ZoneInfo("America/Toronto")
TO_COME = "Ce jour est à venir\u00a0: écrivez ce qui s’est passé une fois que ce sera fait."


@pytest.fixture
def priority():
    forum = ForumFactory(starts_at=timezone.now() - timedelta(days=30))
    results = ResultsFactory(forum=forum)
    return results.priorities.create(position=1, title="Un marché public")


def save(client, priority, day, text="Le comité s’est réuni"):
    address = f"/gestion/forums/{priority.results.forum.slug}/suivi/{priority.pk}/"
    typed = {"state": priority.state, "dated_on": day, "text": text, "text_en": ""}
    return client.post(address, {f"p{priority.pk}-{name}": value for name, value in typed.items()})


def update_of(priority, **changes):
    values = {"dated_on": date(2026, 5, 1), "text": "Le comité s’est réuni"} | changes
    return PriorityUpdate.objects.create(priority=priority, **values)


def edit(update):
    return f"/gestion/forums/{update.priority.results.forum.slug}/suivi/nouvelles/{update.pk}/modification/"


@pytest.mark.parametrize("hour", range(24))
def test_today_in_montreal_is_the_last_day_at_every_hour(priority, staff_client, hour):
    update = update_of(priority)
    typed = {"text": "Vu", "text_en": ""}
    with time_machine.travel(datetime(2026, 11, 1, hour, 30, tzinfo=MONTREAL), tick=False):
        assert save(staff_client, priority, "2026-11-02", text="Demain").status_code == 422
        assert save(staff_client, priority, "2026-11-01", text="Aujourd’hui").status_code == 302
        assert staff_client.post(edit(update), typed | {"dated_on": "2026-11-02"}).status_code == 422
        assert staff_client.post(edit(update), typed | {"dated_on": "2026-11-01"}).status_code == 302
    assert set(PriorityUpdate.objects.values_list("text", "dated_on")) == {
        ("Aujourd’hui", date(2026, 11, 1)),
        ("Vu", date(2026, 11, 1)),
    }


def test_day_to_come_is_refused_in_words_and_keeps_what_was_typed(priority, staff_client):
    page = save(staff_client, priority, str(timezone.localdate() + timedelta(days=1))).content.decode()
    assert TO_COME in page
    assert "Le comité s’est réuni" in page
    assert not PriorityUpdate.objects.exists()


def test_state_alone_may_be_saved_whatever_the_day(priority, staff_client):
    """Nothing is said to have happened."""
    assert save(staff_client, priority, "2999-01-01", text="").status_code == 302


def test_update_is_written_again(priority, staff_client, client):
    update = update_of(priority, text_en="The committee met")
    list_page = staff_client.get(f"/gestion/forums/{priority.results.forum.slug}/suivi/").content.decode()
    assert edit(update) in list_page
    page = staff_client.get(edit(update)).content.decode()
    assert 'value="2026-05-01"' in page
    assert "The committee met" in page
    typed = {"dated_on": "2026-05-02", "text": "Le comité s'est réuni 2 fois", "text_en": ""}
    answer = staff_client.post(edit(update), typed)
    assert answer.headers["Location"].endswith(f"#priorite-{priority.pk}")
    update.refresh_from_db()
    assert (update.dated_on, update.text) == (date(2026, 5, 2), "Le comité s’est réuni 2 fois")
    public = client.get(f"/forums/{priority.results.forum.slug}/suivi/").content.decode()
    assert "Le comité s’est réuni 2 fois" in public
    assert PriorityUpdate.objects.count() == 1


@pytest.mark.parametrize("missing", ["dated_on", "text"])
def test_update_keeps_a_day_and_a_text(priority, staff_client, missing):
    update = update_of(priority)
    typed = {"dated_on": "2026-05-02", "text": "Vu", "text_en": ""} | {missing: ""}
    assert staff_client.post(edit(update), typed).status_code == 422
    update.refresh_from_db()
    assert update.text == "Le comité s’est réuni"


def test_update_made_the_same_as_another_changes_nothing(priority, staff_client):
    update_of(priority)
    other = update_of(priority, text="Autre chose")
    typed = {"dated_on": "2026-05-01", "text": "Le comité s’est réuni", "text_en": ""}
    staff_client.post(edit(other), typed)
    other.refresh_from_db()
    assert other.text == "Autre chose"


def test_update_of_another_forum_is_not_found(priority, staff_client):
    update = update_of(priority)
    address = edit(update).replace(priority.results.forum.slug, ForumFactory().slug)
    assert staff_client.get(address).status_code == 404


def test_first_of_the_month_is_raised(priority, staff_client, client):
    update_of(priority)
    for reader in (client, staff_client):
        for address in ("/forums/{}/suivi/", "/gestion/forums/{}/suivi/"):
            page = reader.get(address.format(priority.results.forum.slug))
            if page.status_code == 200:
                assert "1<sup>er</sup> mai 2026</time>" in page.content.decode()

"""Staff say where priorities stand; visitors read it at once."""

from __future__ import annotations

from datetime import date

import pytest

from forums.models import Priority, PriorityUpdate
from tests.factories import ResultsFactory


@pytest.fixture
def priority(db):
    return Priority.objects.create(results=ResultsFactory(), position=1, title="La mutualisation")


def page(priority):
    return f"/gestion/forums/{priority.results.forum.slug}/suivi/"


def sent(priority, **changes):
    fields = {"state": "retained", "dated_on": "2026-03-01", "text": "", "text_en": ""} | changes
    return {f"p{priority.pk}-{name}": value for name, value in fields.items()}


def save(client, priority, **changes):
    return client.post(f"{page(priority)}{priority.pk}/", sent(priority, **changes))


def test_state_and_update_are_public_at_once(staff_client, client, priority):
    response = save(staff_client, priority, state="in_progress", text="Un premier partage : un camion.")
    assert response.url == f"{page(priority)}#priorite-{priority.pk}"
    text = client.get("/priorites/").content.decode()
    assert "En cours" in text
    assert "Un premier partage\u00a0: un camion." in text


def test_state_alone_adds_no_update(staff_client, priority):
    save(staff_client, priority, state="done")
    priority.refresh_from_db()
    assert (priority.state, priority.updates.count()) == ("done", 0)


def test_double_click_adds_one_update(staff_client, priority):
    for _click in range(2):
        save(staff_client, priority, text="Un pas")
    assert priority.updates.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "perdue"},
        {"text": "Un pas", "dated_on": ""},
        {"text": "Un pas", "dated_on": "hier"},
        {"text": "", "text_en": "A step"},
        {"text": "x" * 401},
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(staff_client, priority, changes):
    response = save(staff_client, priority, **changes)
    assert response.status_code == 422
    assert "error-summary" in response.content.decode()
    priority.refresh_from_db()
    assert (priority.state, PriorityUpdate.objects.count()) == ("retained", 0)


def test_update_is_deleted(staff_client, priority):
    update = PriorityUpdate.objects.create(priority=priority, dated_on=date(2026, 3, 1), text="Un pas")
    staff_client.post(f"{page(priority)}nouvelles/{update.pk}/")
    assert PriorityUpdate.objects.count() == 0


def test_priority_of_another_forum_is_a_404(staff_client, priority):
    other = Priority.objects.create(results=ResultsFactory(), position=1, title="Autre")
    assert staff_client.post(f"{page(other)}{priority.pk}/", sent(priority)).status_code == 404
    update = PriorityUpdate.objects.create(priority=priority, dated_on=date(2026, 3, 1), text="Un pas")
    assert staff_client.post(f"{page(other)}nouvelles/{update.pk}/").status_code == 404
    assert PriorityUpdate.objects.count() == 1


def test_forum_without_priorities_says_what_to_do(staff_client, db):
    forum = ResultsFactory().forum
    text = staff_client.get(f"/gestion/forums/{forum.slug}/suivi/").content.decode()
    assert f'href="/gestion/forums/{forum.slug}/resultats/"' in text.split('class="empty"')[1]


@pytest.mark.parametrize("count", [1, 3])
def test_page_asks_the_same_queries_for_1_and_3_rows(
    staff_client, priority, django_assert_num_queries, count
):
    for n in range(2, count + 1):
        other = Priority.objects.create(results=priority.results, position=n, title=f"Priorité {n}")
        PriorityUpdate.objects.create(priority=other, dated_on=date(2026, 3, n), text="Un pas")
    staff_client.get(page(priority))
    with django_assert_num_queries(2 + 1 + 4):
        staff_client.get(page(priority))

"""A past forum, typed through the screens and announced."""

from __future__ import annotations

from datetime import date

import pytest

from forums.models import Forum
from tests.forums.typed import event_form


@pytest.fixture
def forum_of_2023(staff_client):
    staff_client.post("/gestion/forums/nouveau/", event_form())
    forum = Forum.objects.get()
    staff_client.post(f"/gestion/forums/{forum.slug}/annonce/", {"at": "2023-10-01T08:00"})
    forum.refresh_from_db()
    assert forum.announced_at.date() == date(2023, 10, 1)
    return forum

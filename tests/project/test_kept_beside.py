"""That the suite compares what is kept with what Django makes: `tests.kept_beside`."""

from __future__ import annotations

import pytest
from django.db import connection

from blog.models import Post
from tests.factories import PostFactory
from tests.kept_beside import kept

pytestmark = pytest.mark.django_db


def test_second_answer_of_a_page_is_compared(client):
    address = PostFactory().get_absolute_url()
    client.get(address)
    before = kept.compared
    client.get(address)
    client.get(address, {"utm_source": "lettre"})
    client.head(address)
    assert kept.compared == before + 3


def test_person_who_is_signed_in_is_never_given_what_is_kept(client, citizen_client):
    address = PostFactory().get_absolute_url()
    client.get(address)
    before = kept.compared
    citizen_client.get(address)
    assert kept.compared == before


def test_change_that_raises_no_version_is_seen(client):
    address = PostFactory().get_absolute_url()
    client.get(address)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        Post.objects.update(title="Un autre titre")
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(AssertionError):
        client.get(address)

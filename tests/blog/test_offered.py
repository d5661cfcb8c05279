"""The editor of a post offers a few signatures and tags, and takes any other by its name."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from blog import offered
from blog.models import Byline, Post
from tests.factories import AuthorFactory, PostFactory, TagFactory

pytestmark = pytest.mark.django_db


def boxes(page, name):
    return {int(key) for key in re.findall(rf'name="{name}" value="(\d+)"', page)}


def typed(**changes):
    return {
        "title": "Un texte", "body": "<p>x</p>", "kind": "billet", "language": "fr", "slug": "", "new_tags": "", "is_open": "on",
        "seen_version": "1", "publish_at": "",
    } | changes  # fmt: skip


@pytest.fixture
def many(monkeypatch):
    monkeypatch.setattr(offered, "MAX_OFFERED", 3)
    return AuthorFactory.create_batch(6)


def test_few_are_all_offered(staff_client):
    authors, tags = AuthorFactory.create_batch(3), TagFactory.create_batch(3)
    page = staff_client.get(reverse("staff:post_new")).text
    assert boxes(page, "authors") == {author.pk for author in authors}
    assert boxes(page, "tags") == {tag.pk for tag in tags}
    assert 'name="other_authors"' not in page


def test_of_many_those_of_the_text_and_of_the_latest_ones_are_offered(staff_client, many):
    mine, latest = PostFactory(), PostFactory()
    Byline.objects.create(post=mine, author=many[0])
    Byline.objects.create(post=latest, author=many[4])
    page = staff_client.get(reverse("staff:post_edit", args=[mine.pk])).text
    assert boxes(page, "authors") == {many[0].pk, many[4].pk}
    assert 'name="other_authors"' in page


def test_any_other_signs_by_the_name(staff_client, many):
    names = f"{many[1].name}, {many[2].name.upper()}"
    staff_client.post(reverse("staff:post_new"), typed(authors=[many[5].pk], other_authors=names))
    assert Post.objects.latest("pk").draft.content["authors"] == [many[5].pk, many[1].pk, many[2].pk]


@pytest.mark.parametrize(
    ("name", "said"),
    [("Personne d’ici", "Personne ne signe du nom de"), ("Jeanne", "Plusieurs personnes signent")],
)
def test_a_name_of_nobody_or_of_several_is_refused(staff_client, many, name, said):
    AuthorFactory(name="Jeanne Roy")
    AuthorFactory(name="Jeanne Cyr")
    answer = staff_client.post(reverse("staff:post_new"), typed(other_authors=name))
    assert (answer.status_code, said in answer.text) == (200, True)

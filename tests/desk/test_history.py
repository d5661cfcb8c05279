"""The history of a text: the versions that matter first, one brought back knowingly, and that undone."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from desk import publishing
from tests.factories import PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def post():
    """Five versions: the second was published, the fifth is an autosave."""
    post = PostFactory(title="Un texte", published_at=None)
    post.draft.published_version = None
    post.draft.save()
    for number in range(2, 6):
        publishing.save_draft(
            owner=post, content={"title": "Un texte", "body": f"<p>Mots {number}.</p>"}, seen_version=number - 1,
            by=None, writing_key="a" * 32, is_autosave=number == 5,
        )  # fmt: skip
        if number == 2:
            publishing.publish(owner=post, at=None, now=timezone.now())
    return post


def listed(client, post, query=""):
    page = client.get(reverse("staff:draft_history", args=[post.draft_id]) + query).content.decode()
    return [int(number) for number in re.findall(r'name="apres" value="(\d+)"', page)]


def test_versions_published_or_named_come_first(staff_client, post):
    assert listed(staff_client, post) == [5, 2]
    assert listed(staff_client, post, "?toutes=1") == [5, 4, 3, 2]
    named = staff_client.post(
        reverse("staff:version_name", args=[post.draft_id, 3]),
        {"name": "Relue par la direction"},
        follow=True,
    )
    assert "Relue par la direction" in named.content.decode()
    assert listed(staff_client, post) == [5, 3, 2]
    # Unpublished since: it was read all the same.
    publishing.unpublish(owner=post)
    assert listed(staff_client, post) == [5, 3, 2]
    staff_client.post(reverse("staff:version_name", args=[post.draft_id, 3]), {"name": ""})
    assert listed(staff_client, post) == [5, 2]
    post.draft.versions.update(was_published=False)
    assert listed(staff_client, post) == [5, 4, 3, 2]


def test_version_that_was_named_is_never_replaced_by_an_autosave(staff_client, post):
    staff_client.post(reverse("staff:version_name", args=[post.draft_id, 5]), {"name": "À garder"})
    publishing.save_draft(
        owner=post, content={"title": "x", "body": "<p>Mots 6.</p>"}, seen_version=5, by=None,
        writing_key="a" * 32, is_autosave=True,
    )  # fmt: skip
    assert listed(staff_client, post, "?toutes=1") == [6, 5, 4, 3, 2]


@pytest.mark.parametrize("name", ["x" * 81, "<script>alert(1)</script>", "« Relue »"])
def test_names_are_lines_of_eighty_signs_at_most(staff_client, post, name):
    page = staff_client.post(
        reverse("staff:version_name", args=[post.draft_id, 3]), {"name": name}, follow=True
    ).content.decode()
    assert "<script>alert" not in page
    assert bool(post.draft.versions.get(number=3).name) == (len(name) <= 80)
    assert (
        staff_client.post(reverse("staff:version_name", args=[post.draft_id, 99]), {"name": "x"}).status_code
        == 404
    )


def test_bringing_back_says_both_dates_and_the_difference_then_is_undone(staff_client, post):
    address = reverse("staff:draft_restore", args=[post.draft_id, 3])
    asked = staff_client.get(address).content.decode()
    assert asked.count("<dt>") == 2
    assert re.search(r"<ins>.*?3", asked)
    assert re.search(r"<del>.*?5", asked)
    post.draft.refresh_from_db()
    assert post.draft.version == 5, "asking changes nothing"
    answer = staff_client.post(address, {"seen_version": "5"}, follow=True)
    page = answer.content.decode()
    post.draft.refresh_from_db()
    assert post.draft.content["body"] == "<p>Mots 3.</p>"
    [undo] = re.findall(r'action="([^"]*/versions/5/reprendre/)"', page)
    staff_client.post(undo, {"seen_version": str(post.draft.version)})
    post.draft.refresh_from_db()
    assert post.draft.content["body"] == "<p>Mots 5.</p>"


@pytest.mark.parametrize("asked", ["?reprise=99", "?reprise=0", "?page=9", "?toutes="])
def test_absurd_addresses_offer_to_undo_nothing(staff_client, post, asked):
    page = staff_client.get(reverse("staff:draft_history", args=[post.draft_id]) + asked)
    assert (page.status_code, "Annuler" in page.content.decode()) == (200, False)

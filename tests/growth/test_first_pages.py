"""Lists that stop somewhere have a next page: nobody loses what is beyond."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from blog.reading.rows import OTHERS_A_PAGE
from forums.results.listed import FORUMS_A_PAGE
from tests.factories import ForumFactory, PageFactory

pytestmark = pytest.mark.django_db


def pages_of(client, address, parameter, count):
    for number in range(1, count + 1):
        asked = {parameter: number} if number > 1 else {}
        yield client.get(address, asked).content.decode()


@pytest.mark.parametrize(("coming", "past"), [(3, 45), (45, 3), (41, 41), (FORUMS_A_PAGE, 0), (0, 0)])
def test_forums_to_come_and_past_ones_go_by_pages_together(client, coming, past):
    now = timezone.now()
    ahead = [now + timedelta(days=1 + each // 2) for each in range(coming)]
    behind = [now - timedelta(days=1 + each // 2) for each in range(past)]
    slugs = [
        ForumFactory(
            starts_at=at, ends_at=at + timedelta(hours=2), announced_at=now - timedelta(days=90)
        ).slug
        for at in ahead + behind
    ]
    count = max(1, -(-max(coming, past) // FORUMS_A_PAGE))
    found = [
        re.findall(r'<h3[^>]*><a href="/forums/([^/"]+)/"', text)
        for text in pages_of(client, "/forums/", "page", count)
    ]
    assert sorted(slug for page in found for slug in page) == sorted(slugs)
    assert all(len(page) <= 2 * FORUMS_A_PAGE for page in found)
    nearest = [slug for page in found for slug in page if slug in slugs[:coming]]
    assert [slugs.index(slug) for slug in nearest] == list(range(coming))
    assert client.get("/forums/", {"page": count + 1}).status_code == 404


@pytest.mark.parametrize("others", [0, OTHERS_A_PAGE, OTHERS_A_PAGE + 1, 2 * OTHERS_A_PAGE + 1])
def test_every_other_page_is_named_beside_a_page(client, others):
    PageFactory(slug="une-page")
    slugs = [PageFactory(slug=f"autre-{each}").slug for each in range(others)]
    count = max(1, -(-others // OTHERS_A_PAGE))
    found = [
        re.findall(r'<li><a href="/(autre-\d+)/"', text)
        for text in pages_of(client, "/une-page/", "pages", count)
    ]
    assert sorted(slug for page in found for slug in page) == sorted(slugs)
    assert all(len(page) <= OTHERS_A_PAGE for page in found)

from __future__ import annotations

import re
from datetime import timedelta
from itertools import chain

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from enterprises.models import Listing
from pole.hooks import sitemap
from tests.factories import ForumFactory, ListingFactory, PageFactory, PostFactory, RecommendationFactory
from tests.kept_beside import kept
from tests.sitemaps import URL, parts

pytestmark = pytest.mark.django_db

WRONG = (
    "0",
    "99",
    "x",
    "-1",
    "99999",
    "pages",
    "pages-",
    "pages-9",
    "billets-999999999",
    "ailleurs-0",
    "pages-0 ",
    "pages-٣",
)


def addresses(page):
    return re.findall("<url><loc>([^<]+)<", page.content.decode())


@pytest.fixture
def narrow(monkeypatch):
    """Parts of a few keys, as in a process that never knew another size."""

    def narrow(keys):
        monkeypatch.setattr(sitemap, "KEYS_A_PART", keys)
        kept.start()

    return narrow


def a_few_of_each():
    PageFactory.create_batch(3)
    for post in PostFactory.create_batch(3):
        PostFactory(translation_of=post, language="en")
    ListingFactory.create_batch(7)
    for forum in ForumFactory.create_batch(2, has_participation=True):
        RecommendationFactory.create_batch(3, forum=forum)


@pytest.mark.parametrize("keys", [1, 2, 4, 5])
def test_a_large_sitemap_is_cut_and_holds_everything_once(client, narrow, keys):
    a_few_of_each()
    narrow(10**6)
    whole = addresses(client.get(URL))
    narrow(keys)
    found = [addresses(client.get(part)) for part in parts(client)]
    assert sorted(chain.from_iterable(found)) == sorted(whole)
    assert len(whole) == len(set(whole)) > 20
    assert all(found)
    # A forum takes two addresses, and its section begins by two lists.
    assert max(map(len, found)) <= 2 * keys + 2


def test_a_part_is_found_by_its_rank_as_it_was_first_written(client, narrow):
    a_few_of_each()
    narrow(2)
    for rank, part in enumerate(parts(client), start=1):
        assert client.get(f"{URL}?partie={rank}").content == client.get(part).content
    assert client.get(f"{URL}?partie={rank + 1}").status_code == 404


@pytest.mark.parametrize("asked", WRONG)
def test_no_other_part_is_there(client, asked):
    assert client.get(URL, {"partie": asked}).status_code == 404


def test_it_is_cut_only_when_it_must_be(client, narrow):
    first = ListingFactory()
    ListingFactory(pk=first.pk + 9)
    narrow(first.pk + 10)
    assert (len(addresses(client.get(URL))), parts(client)) == (9, [])
    narrow(first.pk + 9)
    assert [part.rpartition("=")[2] for part in parts(client)] == [
        "pages-0", "billets-0", "repertoire-0", "repertoire-1", "forums-0"
    ]  # fmt: skip


def test_a_part_keeps_its_address_when_rows_come_and_go(client, narrow):
    rows = ListingFactory.create_batch(9)
    narrow(2)
    last = parts(client)[-2]
    before = addresses(client.get(last))
    Listing.objects.filter(pk__in=[row.pk for row in rows[:4]]).delete()
    ListingFactory(pk=rows[-1].pk + 500)
    assert addresses(client.get(last)) == before


def test_a_scheduled_post_appears_at_its_instant(client, narrow, time_machine):
    moment = timezone.now() + timedelta(hours=1)
    post = PostFactory(published_at=moment)
    narrow(1)
    part = f"{URL}?partie=billets-{post.pk}"
    assert (part in parts(client), client.get(part).status_code) == (False, 404)
    time_machine.move_to(moment, tick=False)
    assert (part in parts(client), len(addresses(client.get(part)))) == (True, 1)


@settings(deadline=None, max_examples=40)
@given(keys=st.sets(st.integers(1, 60), max_size=12), size=st.integers(1, 70))
def test_parts_are_those_that_have_a_row(keys, size):
    Listing.objects.all().delete()
    model = ListingFactory()
    rows = [Listing(pk=10_000 + key, slug=f"l-{key}", name="L", municipality=model.municipality, legal_form=model.legal_form,
                    mission=model.mission, state="published" if key % 7 else "draft") for key in keys]  # fmt: skip
    model.delete()
    Listing.objects.bulk_create(rows)
    published = [row.pk for row in rows if row.state == "published"]
    (section,) = [each for each in _sections() if each.name == "repertoire"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sitemap, "KEYS_A_PART", size)
        assert section.parts(timezone.now()) == sorted({0, *(key // size for key in published)})


def _sections():
    from enterprises.hooks.sitemap import sections

    return sections()


def test_a_part_costs_as_much_however_many_there_are(client, narrow, django_assert_num_queries):
    narrow(3)
    for rows in (1, 40):
        ListingFactory.create_batch(rows)
        last = parts(client)[-2]
        kept.start()
        with django_assert_num_queries(2):
            client.get(last)

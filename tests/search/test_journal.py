"""Whatever is written, an index that catches up by the journal says what one made anew says."""

from __future__ import annotations

import random

import pytest
from django.db import transaction

from blog.models import Byline
from pole.search.index import SearchIndex
from tests.factories import AuthorFactory, ForumFactory, ListingFactory, PostFactory, SectorFactory
from tests.search.indexes import SCOPES, caught_up, everything, execute, made_anew
from tests.search.writing import Writer

TYPED = [
    "ruche",
    "velo ruches honey boulangerie garderie miel",
    "beauharnois boulangrie",
    "co-op daycare",
    "1143",
]
EXAMPLES, STEPS = 3, 10


def compare(index, made=None):
    state, anew = caught_up(index), made or made_anew()
    for scope in SCOPES:
        assert everything(state, scope, TYPED) == everything(anew, scope, TYPED), scope


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_index_that_catches_up_says_what_one_made_anew_says(seed):
    writer = Writer(random.Random(seed))
    index = SearchIndex()
    caught_up(index)
    for step in range(STEPS):
        done = [writer.write() for _ in range(writer.rng.randint(1, 4))]
        try:
            compare(index)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, step {step}: {done}") from error


@pytest.mark.django_db(transaction=True)
def test_so_it_does_after_real_commits():
    """Several writes in each transaction, some rolled back whole."""
    writer = Writer(random.Random(99))
    index = SearchIndex()
    caught_up(index)
    for _ in range(STEPS * 2):
        try:
            with transaction.atomic():
                done = [writer.write() for _ in range(writer.rng.randint(1, 4))]
                if writer.rng.random() < 0.2:
                    raise InterruptedError
        except InterruptedError:
            done = []
        try:
            compare(index)
        except AssertionError as error:
            raise AssertionError(str(done)) from error


EMPTIED = (
    "enterprises_listing", "enterprises_sector", "enterprises_listing_sectors", "enterprises_listing_territory",
    "blog_post", "blog_author", "blog_byline", "forums_priority",
)  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", EMPTIED)
def test_so_it_does_once_a_whole_table_is_emptied(table):
    writer = Writer(random.Random(7))
    for _ in range(30):
        writer.write()
    ListingFactory(name="Miel").sectors.add(SectorFactory(name="Beauharnois"))
    Byline.objects.create(post=PostFactory(title="Miel"), author=AuthorFactory(name="Beauharnois"))
    index = SearchIndex()
    caught_up(index)
    execute(f'TRUNCATE "{table}" CASCADE')
    compare(index)


@pytest.mark.django_db(transaction=True)
def test_so_it_does_once_a_row_has_another_key():
    """By hand: no program of ours does it."""
    post, other = PostFactory(title="Ruche"), PostFactory(title="Miel")
    Byline.objects.create(post=post, author=AuthorFactory(name="Beauharnois"))
    forum = ForumFactory(title="Ruche")
    listing = ListingFactory(name="Ruche")
    index = SearchIndex()
    caught_up(index)
    execute("UPDATE blog_byline SET post_id = %s", other.pk)
    execute("UPDATE forums_forum SET id = id + 100000 WHERE id = %s", forum.pk)
    execute("UPDATE enterprises_listing SET id = id + 100000 WHERE id = %s", listing.pk)
    compare(index)

"""Lists longer than what is counted: one goes on from a row, whatever the order, the ties and what comes and goes."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime, timedelta
from itertools import product
from urllib.parse import parse_qs

import pytest
from django.db import connection
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.models import MissedAddress
from enterprises.models import Listing
from pole.models import OutgoingMail
from pole.server import long_lists
from pole.templatetags.portal import page_links
from pole.templatetags.typography import number
from pole.views.paging import page_of
from tests.factories import ListingFactory

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 1, 5, tzinfo=UTC)
ORDERS = (
    ("created_at",), ("-created_at",), ("created_at", "pk"), ("-created_at", "-pk"), ("-last_attempt_at", "pk"),
    ("last_attempt_at", "-created_at"), ("state", "-created_at", "pk"), ("answer",), ("-answer", "is_code", "-pk"),
)  # fmt: skip
# Few values, so that there are ties; of all of Unicode that a text may hold.
moments = st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours, microseconds=hours))
mails = st.lists(
    st.tuples(moments, st.none() | moments, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3), st.booleans()),
    max_size=14,
)  # fmt: skip


def asked_of(link):
    return parse_qs(link.removeprefix("?")).get("page", ["1"])[0]


def walked(rows, size, step, asked="1"):
    """The keys of each page from one to the last, by the links that it shows."""
    found = []
    while True:
        page = page_of(rows, size, asked)
        found.append([row.pk for row in page])
        link = page_links(page, QueryDict(f"page={asked}"))[step]
        if not link:
            return found, asked
        asked = asked_of(link)
        assert len(found) < 40


@settings(deadline=None, max_examples=60)
@given(mails=mails, order=st.sampled_from(ORDERS), size=st.integers(1, 4), counted=st.integers(1, 6))
def test_every_row_is_seen_once_forwards_and_backwards(mails, order, size, counted):
    OutgoingMail.objects.all().delete()
    OutgoingMail.objects.bulk_create(
        OutgoingMail(message={}, created_at=at, last_attempt_at=tried, answer=answer, is_code=is_code)
        for at, tried, answer, is_code in mails
    )
    rows = OutgoingMail.objects.order_by(*order)
    whole = [
        row.pk
        for row in rows.order_by(
            *order, *(() if "pk" in order or "-pk" in order else ("-pk" if order[-1][0] == "-" else "pk",))
        )
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(long_lists, "MAX_COUNTED", counted)
        pages, last = walked(rows, size, "next")
        assert [key for page in pages for key in page] == whole
        back, _first = walked(rows, size, "previous", last)
        seen = [key for page in reversed(back) for key in page]
        assert set(seen) == set(whole)


@pytest.fixture
def counted_to_four(monkeypatch):
    monkeypatch.setattr(long_lists, "MAX_COUNTED", 4)


def rows_of(count):
    MissedAddress.objects.bulk_create(MissedAddress(path=f"/{number:03}/") for number in range(count))
    return MissedAddress.objects.order_by("path")


def test_rows_that_come_and_go_hide_none_of_those_that_stay(counted_to_four):
    rows = rows_of(12)
    page = page_of(rows, 2, "2")
    asked = asked_of(page_links(page, QueryDict("page=2"))["next"])
    MissedAddress.objects.filter(path__lt="/003/").delete()
    assert [row.path for row in page_of(rows, 2, asked)] == ["/004/", "/005/"]
    MissedAddress.objects.create(path="/004b/")
    assert [row.path for row in page_of(rows, 2, asked)] == ["/004/", "/004b/"]
    # The row that it goes on from may itself have gone.
    MissedAddress.objects.filter(path="/003/").delete()
    assert [row.path for row in page_of(rows, 2, asked)] == ["/004/", "/004b/"]


def test_past_the_end_of_what_is_left_is_the_last_page_that_is_counted(counted_to_four):
    rows = rows_of(6)
    asked = asked_of(page_links(page_of(rows, 2, "2"), QueryDict("page=2"))["next"])
    MissedAddress.objects.filter(path__gt="/003/").delete()
    assert [row.path for row in page_of(rows, 2, asked)] == ["/002/", "/003/"]


def test_number_alone_still_answers(counted_to_four):
    rows = rows_of(9)
    assert [page_of(rows, 2, asked).number for asked in ("1", "2", "3", "4000")] == [1, 2, 2, 2]


@pytest.mark.parametrize("asked", ["3.apres-", "3.apres-e30", "3.apres-W10", "3.apres-WzFd", "3.apres-WyIxIiwiMiIsIjMiXQ",
                                   "3.ailleurs-WyJhIl0", "0.apres-WyJhIl0", "3.apres-WyJhIiwiYiJd", "3.apres-" + "A" * 500])  # fmt: skip
def test_what_no_link_holds_is_a_page_all_the_same(counted_to_four, asked):
    assert page_of(rows_of(9), 2, asked).number in (1, 2)


@settings(deadline=None)
@given(place=st.lists(st.none() | st.text(max_size=5), min_size=2, max_size=2))
def test_no_place_breaks_a_list(place):
    packed = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    for order in ORDERS:
        assert page_of(OutgoingMail.objects.order_by(*order), 2, f"3.apres-{packed}").number >= 1


@pytest.mark.parametrize(
    "forged",
    ["\0", "a\0b", "\ud800", "a\udfff", "2026-01-01", "0001-01-01", "2026-03-08T02:30:00", "9" * 40, "NaN"],
)
def test_a_place_that_no_row_has_is_the_page_of_its_number(forged):
    """What PostgreSQL would refuse, or a moment without its zone."""
    OutgoingMail.objects.bulk_create(OutgoingMail(message={}) for _each in range(5))
    for order in ORDERS:
        fields = order if {"pk", "-pk"} & {*order} else (*order, "pk")
        for at, side, other in product(range(len(fields)), ("apres", "avant"), ("1", None)):
            place = [other] * len(fields)
            place[at] = forged
            packed = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
            assert page_of(OutgoingMail.objects.order_by(*order), 2, f"2.{side}-{packed}").number >= 1


def test_a_far_page_asks_what_the_first_one_does(counted_to_four):
    rows = rows_of(40)
    _pages, last = walked(rows, 2, "next")
    with CaptureQueriesContext(connection) as queries:
        list(page_of(rows, 2, last))
    assert len(queries) == 2
    assert "OFFSET" not in queries[1]["sql"]


@pytest.mark.parametrize(("rows", "shown"), [(4, "4"), (5, "plus de 4")])
def test_how_many_there_are_is_exact_or_said_not_to_be(counted_to_four, rows, shown):
    assert number(page_of(rows_of(rows), 2, "1").paginator.count) == shown


def test_numbers_of_a_long_list_have_no_last_one(counted_to_four):
    rows = rows_of(9)
    beyond = asked_of(page_links(page_of(rows, 2, "2"), QueryDict("page=2"))["next"])
    for asked, numbers in (("1", ["1", "2", "…"]), (beyond, ["1", "…", "3", "…"])):
        context = {"page": page_of(rows, 2, asked), "query": QueryDict(f"page={asked}")}
        html = render_to_string("components/pages.html", context)
        assert " sur " not in html
        assert html.count('aria-current="page"') == 1
        assert re.findall(r">([0-9…]+)<", html) == numbers


def test_listings_of_the_team_go_on_by_their_names(staff_client, counted_to_four, monkeypatch):
    monkeypatch.setattr("enterprises.views.staff.LISTINGS_A_PAGE", 2)
    names = [f"Atelier {letter}" for letter in "ABCDEFG"]
    for name in names:
        ListingFactory(name=name)
    seen, address = [], "/gestion/repertoire/"
    for _page in range(4):
        answer = staff_client.get(address)
        seen += [listing.name for listing in answer.context["page"]]
        link = page_links(answer.context["page"], answer.wsgi_request.GET)["next"]
        address = f"/gestion/repertoire/{link}"
    assert (seen, link, Listing.objects.count()) == (names, "", 7)

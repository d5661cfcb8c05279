"""Lists of the team are found again as they were left: by the address, then by the session."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.conftest import signed_in
from tests.factories import ForumFactory

pytestmark = pytest.mark.django_db
HOST = "http://testserver"


@pytest.fixture
def lists(db):
    """Each list that remembers, with the address of an item below it."""
    forum = ForumFactory(has_participation=True)
    found = [
        reverse(f"staff:{name}")
        for name in (
            "listing_list",
            "post_list",
            "people",
            "forum_list",
            "season_list",
            "document_list",
            "synonym_list",
            "former_name_list",
            "redirect_list",
        )
    ]
    found += [
        reverse(f"staff:{name}", args=[forum.slug]) for name in ("people_of_forum", "recommendation_list")
    ]
    return {address: f"{address}12/" for address in found}


def test_every_list_that_is_filtered_remembers(staff_client, lists):
    for address, item in lists.items():
        asked = "q=l%27%C3%A9cluse&page=2"
        assert staff_client.get(f"{address}?{asked}").status_code == 200
        back = staff_client.get(address, headers={"referer": HOST + item})
        assert (back.status_code, back.url) == (302, f"{address}?{asked}")


def test_each_list_has_its_own(staff_client, lists):
    for number, address in enumerate(lists):
        staff_client.get(f"{address}?q={number}")
    for number, (address, item) in enumerate(lists.items()):
        assert staff_client.get(address, headers={"referer": HOST + item}).url == f"{address}?q={number}"


def test_a_filter_in_the_address_wins_and_is_remembered_in_its_turn(staff_client, lists):
    address, item = next(iter(lists.items()))
    staff_client.get(f"{address}?q=un")
    assert staff_client.get(f"{address}?q=deux", headers={"referer": HOST + item}).status_code == 200
    assert staff_client.get(address, headers={"referer": HOST + item}).url == f"{address}?q=deux"


@pytest.mark.parametrize(
    "before", ["", "{list}", "/gestion/", "https://ailleurs.example{item}", "{list}?q=un", "::"]
)
def test_the_bare_address_from_elsewhere_shows_everything_and_forgets(staff_client, lists, before):
    address, item = next(iter(lists.items()))
    staff_client.get(f"{address}?q=un")
    before = before.format(list=address, item=item)
    headers = {"referer": HOST + before if before.startswith("/") else before} if before else {}
    assert staff_client.get(address, headers=headers).status_code == 200
    assert staff_client.get(address, headers={"referer": HOST + item}).status_code == 200


def test_nobody_finds_the_filters_of_another_session(staff, lists):
    address, item = next(iter(lists.items()))
    signed_in(staff, second_factor=True).get(f"{address}?q=un")
    other = signed_in(staff, second_factor=True)
    assert other.get(address, headers={"referer": HOST + item}).status_code == 200


def test_a_session_keeps_few_and_short_addresses(staff_client, lists, monkeypatch):
    monkeypatch.setattr("pole.server.staff_lists.MAX_LISTS", 2)
    for address in lists:
        staff_client.get(f"{address}?q=un")
    assert list(staff_client.session["list_filters"]) == list(lists)[-2:]
    address = list(lists)[-1]
    staff_client.get(f"{address}?q={'a' * 600}")
    assert address not in staff_client.session["list_filters"]


def test_the_same_address_again_writes_nothing(staff_client, lists):
    address = next(iter(lists))
    staff_client.get(f"{address}?q=un")
    with CaptureQueriesContext(connection) as asked:
        staff_client.get(f"{address}?q=un")
    assert [each["sql"] for each in asked if not each["sql"].startswith("SELECT")] == []


def test_a_filtered_list_offers_to_reset(staff_client, lists):
    for address in lists:
        filtered = staff_client.get(f"{address}?q=introuvable").content.decode()
        assert (
            f'<p class="reset-filters small"><a href="{address}">Réinitialiser les filtres</a></p>'
            in filtered
        )
        for whole in (address, f"{address}?page=2"):
            assert "reset-filters" not in staff_client.get(whole).content.decode()


def test_every_searched_list_below_which_items_lie_remembers():
    """A list with a box to search it, whose items have pages of their own."""
    marked = {
        path.name
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        if "components/reset_filters.html" in path.read_text(encoding="utf-8")
    }
    with_results = {
        path.name
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        if '"staff/base.html"' in (text := path.read_text(encoding="utf-8")) and "data-results" in text
    }
    assert marked == with_results
    assert len(marked) == 11

"""What people reported of other programs' search: their inputs, or ones like them, asked here. A test is named after its report."""

from __future__ import annotations

import pytest

from enterprises.models import Listing
from tests.factories import ListingFactory
from tests.relevance import asking

pytestmark = pytest.mark.django_db
REPORTS = asking.read_data("reports.toml")["report"]
LEAST_REPORTS = 10


def each_question():
    for report in REPORTS:
        name = report["report"].rpartition("/")[2].replace("#", "-")
        for asked in report["asked"]:
            yield pytest.param(report, asked, id=f"{name}: {asked}")


@pytest.fixture
def name_of(request):
    """Names by slug, of the listings of the report."""
    for number, row in enumerate(request.getfixturevalue("report")["listings"]):
        facts = row if isinstance(row, dict) else {"name": row}
        ListingFactory(slug=f"fiche-{number}", mission="", **facts)
    return dict(Listing.objects.values_list("slug", "name"))


@pytest.mark.parametrize(("report", "asked"), list(each_question()))
def test_what_was_reported_elsewhere(client, name_of, report, asked):
    pages = [asking.read_page(client, asked, address) for address in (asking.DIRECTORY, asking.PORTAL)]
    found = [name_of[slug] for slug in asking.ask(client, asked).slugs]
    if first := report.get("first", []):
        assert found[: len(first)] == first
        for page in pages:
            assert [name_of[slug] for slug in asking.listings_of(page)][: len(first)] == first
    assert not set(found) & set(report.get("never", []))


def test_reports_are_several():
    assert len({report["report"] for report in REPORTS}) >= LEAST_REPORTS

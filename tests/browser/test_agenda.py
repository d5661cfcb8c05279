"""The agenda in a browser: by keyboard, without scripts, narrow, on paper."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from forums.agenda.months import month_of
from forums.models import Forum, Kind, Session
from tests.browser.test_print import printed
from tests.factories import ForumFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]
HERE = ZoneInfo("America/Toronto")


def next_month():
    return month_of(timezone.localdate()).next


def activity(title, day, hour=9, hours=3, **more):
    month = next_month()
    starts_at = datetime(month.year, month.month, day, hour, tzinfo=HERE)
    given = {
        "kind": Kind.TRAINING,
        "has_participation": False,
        "venue": "Maison de l’économie sociale",
    } | more
    return ForumFactory(title=title, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), **given)


@pytest.fixture
def agenda(transactional_db):
    """A month of every kind of activity."""
    series = activity(
        "Tenir les livres d’un organisme à but non lucratif", 3, 18, municipality_id="67050", price=45
    )
    for position in range(3):
        starts_at = series.starts_at + timedelta(days=7 * position)
        Session.objects.create(
            forum=series, position=position + 1, starts_at=starts_at, ends_at=starts_at + timedelta(hours=3),
            title=("Le budget", "Les registres", "Le bilan")[position],
        )  # fmt: skip
    Forum.objects.filter(pk=series.pk).update(
        ends_at=starts_at + timedelta(hours=3), summary="Trois soirs pour lire, tenir et présenter ses chiffres.",
        registration_opens_at=timezone.now() - timedelta(days=1), trainer="Camille Roy", level="beginner", to_bring="Un ordinateur",
    )  # fmt: skip
    activity("Financer son projet collectif", 5, 12, 1, kind=Kind.WEBINAR, mode="online", price=0, venue="")
    activity("Visite d’une ferme coopérative", 12, 13, kind=Kind.VISIT, municipality_id="70052", is_full=True)
    activity("Assemblée générale", 17, 17, kind=Kind.ASSEMBLY, mode="both")
    activity("Portes ouvertes de l’Écluse", 20, 10, 50, kind=Kind.OPEN_DAY)
    activity("Café des nouvelles entreprises", 12, 8, 2, kind=Kind.MEETING, cancelled_at=timezone.now())
    return series


def test_a_month_is_read_by_keyboard_and_without_scripts(open_page, agenda):
    page = open_page(javascript=False)
    page.goto("/agenda/")
    page.get_by_role("link", name="Mois", exact=True).press("Enter")
    page.get_by_role("link", name="Mois suivant :").press("Enter")
    table = page.get_by_role("table", name=next_month().name)
    assert table.get_by_role("columnheader").all_inner_texts()[0] == "Dimanche"
    assert table.get_by_role("link", name="Tenir les livres").count() == 3
    assert table.get_by_role("link", name="Portes ouvertes").count() == 3
    table.get_by_role("link", name="Financer").press("Enter")
    assert page.get_by_role("heading", level=1).inner_text() == "Financer son projet collectif"


def test_filters_work_without_scripts_and_are_undone(open_page, agenda):
    page = open_page(javascript=False)
    page.goto("/agenda/")
    page.get_by_label("MRC").select_option(label="Roussillon")
    page.get_by_role("button", name="Afficher").click()
    assert page.locator(".activity").count() == 1
    page.get_by_role("link", name="MRC de Roussillon").click()
    page.get_by_role("link", name="Visites", exact=True).click()
    assert page.get_by_role("heading", level=4).all_inner_texts() == ["Visite d’une ferme coopérative"]


@pytest.mark.parametrize("address", ["/agenda/", "/agenda/?vue=mois&mois={}", "/forums/{1}/"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_nothing_is_to_be_scrolled_sideways(open_page, agenda, address, width):
    page = open_page(width=width)
    page.goto(address.format(next_month(), agenda.slug))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # The table is a list of the days that have something.
    if "vue=mois" in address and width < 960:
        cells = page.locator(".month__day:visible")
        assert cells.count() == 8
        assert page.get_by_role("row").count() >= 5


def test_the_menu_holds_the_agenda_on_one_line(open_page, agenda):
    page = open_page(width=1280)
    page.goto("/agenda/")
    link = page.get_by_role("navigation", name="Menu principal").get_by_role("link", name="Agenda")
    assert link.get_attribute("aria-current") == "page"
    tops = page.locator(".site-menu__nav .site-menu__link").evaluate_all("all => all.map((each) => each.getBoundingClientRect().top)")  # fmt: skip
    assert len({*tops}) == 1


def test_the_agenda_on_paper_has_the_activities_and_no_button(open_page, agenda):
    page = open_page()
    for address in ("/agenda/", f"/agenda/?vue=mois&mois={next_month()}"):
        pages = printed(page, address)
        assert len(pages) == 1, address
        text = " ".join(pages[0].split())
        assert "Tenir les livres" in text
        for unprinted in ("Afficher", "Mois suivant", "Activités passées"):
            assert unprinted not in text, unprinted

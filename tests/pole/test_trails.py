"""Where a page lies: the way back, the page itself, and the same for machines."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings

from tests.factories import ForumFactory, ListingFactory

pytestmark = pytest.mark.django_db
TEMPLATES = Path(settings.BASE_DIR) / "templates"


def trail_of(page):
    return page.partition('class="trail"')[2].partition("</nav>")[0]


def data_of(page):
    """The names and addresses of the page's BreadcrumbList."""
    for found in re.findall(r'application/ld\+json">(.*?)</script>', page):
        data = json.loads(found)
        if data["@type"] == "BreadcrumbList":
            items = data["itemListElement"]
            assert [item["position"] for item in items] == list(range(1, len(items) + 1))
            return [(item["name"], item.get("item")) for item in items]
    return None


def test_every_trail_ends_with_its_page():
    written = {path: path.read_text() for path in TEMPLATES.rglob("*.html")}
    assert [path.name for path, text in written.items() if "{% trail %}" in text] == ["trail.html"]
    assert [path.name for path, text in written.items() if 'class="trail"' in text] == []
    users = [
        (path.name, tag)
        for path in TEMPLATES.rglob("*.html")
        for tag in re.findall(r'{% include "components/trail.html".*?%}', path.read_text())
    ]
    assert len(users) > 30
    assert [name for name, tag in users if " current=" not in tag] == []


def test_trail_of_a_listing(client):
    ListingFactory(slug="a-et-b", name="L\u2019Atelier A & <B>")
    page = client.get("/repertoire/a-et-b/").content.decode()
    assert '<span aria-current="page">L\u2019Atelier A &amp; &lt;B&gt;</span>' in trail_of(page)
    assert data_of(page) == [
        ("Accueil", f"{settings.BASE_URL}/"),
        ("Répertoire", f"{settings.BASE_URL}/repertoire/"),
        ("L\u2019Atelier A & <B>", None),
    ]


def test_data_of_a_trail_whose_words_are_made_by_a_template(client):
    from tests.factories import ResultsFactory

    forum = ForumFactory(slug="f", title="Eau & air")
    ResultsFactory(forum=forum)
    page = client.get("/forums/f/resultats/").content.decode()
    assert data_of(page)[-1] == ("Résultats\xa0: Eau & air", None)
    assert '<span aria-current="page">Résultats\xa0: Eau &amp; air</span>' in trail_of(page)


def test_trail_marks_what_is_in_french(client):
    ForumFactory(slug="f", title="Printemps", title_en="")
    assert '<span aria-current="page" lang="fr">Printemps</span>' in trail_of(
        client.get("/en/forums/f/").content.decode()
    )


def test_staff_pages_have_a_trail_and_no_data(staff_client):
    page = staff_client.get("/gestion/pole/menus/").content.decode()
    assert 'aria-current="page">Menus<' in trail_of(page)
    assert data_of(page) is None

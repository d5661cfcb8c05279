"""What is printed wastes no page, and holds what is closed on the screen: no bar, no button, no half page."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
from django.utils import timezone

from blog.models import Post
from enterprises.models import Listing
from forums.models import Forum, Recommendation, Results, Round
from tests.browser.test_vote import cast_first, vote  # noqa: F401 - a fixture

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("looks of pages"),
]


def printed(page, address=""):
    """The texts of its pages on paper; of the one that is open, without an address."""
    assert not address or page.goto(address).status == 200
    return [
        each.extract_text() for each in pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    ]


def sealed():
    return Round.objects.select_related("forum").get(forum__slug="forum-de-la-releve-collective")


def test_results_take_two_pages_with_every_table_open(open_page, demonstration):
    page = open_page()
    pages = printed(page, f"/forums/{sealed().forum.slug}/resultats/")
    assert len(pages) == 2
    text = " ".join(" ".join(pages).split())
    for said in (
        "Origine de la recommandation",
        "Inscrite sur le bulletin",
        "Le tableau complet",
        "Abstention 6",
        "Citoyennes et citoyens",
    ):
        assert said in text, said
    assert f"/forums/{sealed().forum.slug}/resultats/" in text
    for unprinted in (
        "Sommaire",
        "Copier le lien",
        "Se connecter",
        "Vote en cours",
        "Résultats (PDF)",
        "0 commentaire",
        "Confidentialité",
    ):
        assert unprinted not in text, unprinted
    # The second page is used.
    assert len(pages[1].split()) > 150


# What a tie adds to the page, once on paper; votes of the demonstration are drawn.
TIE = """
Égalité de 2 options, avec 29 appuis chacune : « Un jumelage d’un an entre qui part et qui arrive » et « Une direction
partagée entre trois petits organismes ». Toutes sont retenues; le tirage au sort, selon la règle publiée, les a mises
en ordre : « Une direction partagée entre trois petits organismes » et « Un jumelage d’un an entre qui part et qui
arrive ».
"""


def test_results_with_a_tie_take_two_pages_too(open_page, demonstration):
    page = open_page()
    page.goto(f"/forums/{sealed().forum.slug}/resultats/")
    if not page.locator(".vote-figures__ties").count():
        page.evaluate(
            """(tie) => {
              const beside = Object.assign(document.createElement("p"), { className: "small", textContent: tie });
              document.querySelector(".priority-group").append(beside);
              const list = Object.assign(document.createElement("ul"), { className: "vote-figures__ties no-print" });
              list.append(Object.assign(document.createElement("li"), { textContent: tie }));
              document.querySelector(".vote-figures > section").append(list);
            }""",
            TIE,
        )
    assert len(pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages) == 2


@pytest.mark.parametrize(
    "kind", ["post", "listing", "recommendation", "programme", "priorities", "older results"]
)
def test_other_pages_take_what_they_need(open_page, demonstration, kind):
    now = timezone.now()
    older = Results.objects.readable(now).exclude(forum=sealed().forum).select_related("forum").first()
    address, most = {
        "post": (f"/billets/{Post.objects.published(now).filter(language='fr').first().slug}/", 2),
        "listing": (f"/repertoire/{Listing.objects.published().first().slug}/", 1),
        "recommendation": (Recommendation.objects.filter(state="accepted").first().get_absolute_url(), 1),
        "programme": (f"/forums/{Forum.objects.upcoming(now).first().slug}/", 2),
        "priorities": ("/priorites/", 3),
        "older results": (f"/forums/{older.forum.slug}/resultats/", 2),
    }[kind]
    pages = printed(open_page(), address)
    assert len(pages) <= most
    assert all(text.strip() for text in pages)
    for unprinted in ("Copier le lien", "Se connecter", "Vote en cours", "Confidentialité"):
        assert unprinted not in " ".join(pages)


def test_receipt_takes_one_page_that_holds_it_whole(open_page, vote):  # noqa: F811
    _round, codes = vote
    page = open_page(width=360)
    page.goto(f"/vote/{codes[0]}/")
    cast_first(page)
    page.wait_for_url("**/vote/recu/")
    receipt = page.locator(".receipt__code").inner_text()
    (text,) = printed(page)
    assert re.sub(r"\s", "", receipt) in re.sub(r"\s", "", text)
    for unprinted in ("Copier", "Télécharger", "Se connecter", "Terminer et effacer", "Confidentialité"):
        assert unprinted not in text, unprinted


def test_closed_parts_of_any_page_are_open_on_paper(open_page, live_server):
    page = open_page()
    page.goto("/")
    page.evaluate(
        "document.querySelector('main').innerHTML = '<details><summary>Titre</summary><p>Caché</p></details>'"
    )
    reader = pypdf.PdfReader(io.BytesIO(page.pdf()))
    assert "Caché" in reader.pages[0].extract_text()

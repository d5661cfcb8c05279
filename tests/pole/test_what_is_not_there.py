"""Pages for what is refused, lost or broken: a drawing, and ways on, in both languages; the gravest without the database."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from pole.views import errors
from tests.conftest import signed_in
from tests.factories import UserFactory


def main_of(page: str) -> str:
    return page.partition("<main")[2].partition("</main>")[0]


def drawings_of(page: str) -> list[str]:
    return re.findall(r"/static/drawings/([\w-]+)[.\w]*\.svg", main_of(page))


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_lost_page_leads_to_what_there_is(client, prefix):
    answer = client.get(f"{prefix}/nulle-part/")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert drawings_of(page) == ["perdu"]
    assert re.findall(r'(?:href|action)="([^"]*)"', main_of(page)) == [
        f"{prefix}/{path}" for path in ("recherche/", "repertoire/", "forums/", "billets/", "")
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["", "/en"])
def test_a_closed_room_says_where_else_to_go(prefix):
    editor = signed_in(UserFactory(is_staff=True, roles=["editorial"]), second_factor=True)
    answer = editor.get(f"{prefix}/gestion/premiers-pas/")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert drawings_of(page) == ["porte-close"]
    assert re.findall(r'href="([^"]*)"', main_of(page)) == [f"{prefix}/gestion/", f"{prefix}/"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("template", "drawing"),
    [("400", "perdu"), ("500", "panne"), ("503", "panne"), ("507", "panne"), ("busy", "porte-close"),
     ("read_only", "panne"), ("not_confirmed", "courrier")],
)  # fmt: skip
def test_a_broken_page_is_drawn_without_the_database(template, drawing, language):
    """No mark: a query would fail this test."""
    with translation.override(language):
        page = render_to_string(f"errors/{template}.html", {"action": "/", "sent": []})
    assert drawings_of(page) == [drawing]
    assert page.count("<h1>") == 1


def test_an_unforeseen_error_is_drawn_without_the_database(rf):
    answer = errors.server_error(rf.get("/"))
    assert answer.status_code == 500
    assert drawings_of(answer.content.decode()) == ["panne"]

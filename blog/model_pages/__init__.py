"""The pages that visitors expect of a hub, the law for some: a model text proposed for each, as a draft.

What the portal knows of the hub is filled in; what it can't know stands between brackets, and the desk says so before
it publishes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.template.defaultfilters import date as formatted_date
from django.utils import timezone, translation
from django.utils.html import escape, format_html

from accounts.models import User
from blog import editing
from blog.models import Page
from pole.models import Hub
from pole.text import richtext
from pole.text.bilingual import ENGLISH, FRENCH

HERE = Path(__file__).parent
SLUGS = ("a-propos", "contact", "confidentialite", "conditions", "accessibilite")


def _models() -> list[dict[str, Any]]:
    pages: list[dict[str, Any]] = tomllib.loads((HERE / "pages.toml").read_text(encoding="utf-8"))["page"]
    return pages


@transaction.atomic
def create_missing(*, by: User) -> list[Page]:
    """A draft of each expected page whose address no page has. Nothing is published."""
    hub = Hub.objects.select_related("municipality").first() or Hub(name="Pôle")
    taken = set(Page.objects.filter(slug__in=SLUGS).values_list("slug", flat=True))
    return [_create(model, hub, by) for model in _models() if model["slug"] not in taken]


def _create(model: dict[str, Any], hub: Hub, by: User) -> Page:
    content = {"title": model["title"], "title_en": model["title_en"]}
    for field, language in (("body", FRENCH), ("body_en", ENGLISH)):
        with translation.override(language):
            content[field] = richtext.clean_html(model[field].format_map(_facts(hub)), language=language)
    page = Page(slug=model["slug"], position=10 * (SLUGS.index(model["slug"]) + 1))
    editing.begin(page, content, by=by)
    page.save()
    return page


def _facts(hub: Hub) -> dict[str, str]:
    """What a model names between braces, as HTML in the current language; between brackets when it is not known yet."""
    is_english = translation.get_language() == ENGLISH
    town = hub.town_line(hub.municipality, hub.postal_code) if hub.municipality else ""
    address = ", ".join(part for part in (hub.street, town) if part)
    known = {
        "hub": escape(hub.shown_name),
        "tagline": escape(hub.shown_tagline),
        "team": escape(hub.shown_team),
        "address": escape(address),
        "officer": escape(hub.shown_privacy_officer),
        "privacy_email": _mail_link(hub.privacy_email),
        "contact": _mail_link(hub.email) or escape(hub.phone),
        "month": formatted_date(timezone.localdate(), "F Y"),
    }
    return {name: value or _to_complete(name, is_english=is_english) for name, value in known.items()}


def _mail_link(address: str) -> str:
    return format_html('<a href="mailto:{0}">{0}</a>', address) if address else ""


def _to_complete(name: str, *, is_english: bool) -> str:
    french, english = {
        "tagline": ("ce que le pôle est, en une phrase", "what the hub is, in one sentence"),
        "team": ("l’équipe, en une phrase", "the team, in one sentence"),
        "address": ("l’adresse postale", "the postal address"),
        "officer": (
            "titre de la personne responsable de la protection des renseignements personnels",
            "title of the person in charge of the protection of personal information",
        ),
        "privacy_email": ("son adresse courriel", "their e-mail address"),
        "contact": ("votre adresse courriel ou votre téléphone", "your e-mail address or telephone"),
    }.get(name, ("le nom du pôle", "the name of the hub"))
    return f"[To complete: {english}]" if is_english else f"[À compléter : {french}]"


def expected_pages() -> Iterator[tuple[str, str, Page | None]]:
    """(slug, title of its model, the page at this address) of each expected page."""
    found = {page.slug: page for page in Page.objects.filter(slug__in=SLUGS).select_related("draft")}
    for model in _models():
        yield model["slug"], model["title"], found.get(model["slug"])

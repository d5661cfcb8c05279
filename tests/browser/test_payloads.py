"""Whatever people typed, in every text column of every room, never runs: the whole house is walked through."""

from __future__ import annotations

import re
from collections import deque
from urllib.parse import urldefrag, urlsplit

import pytest
from django.apps import apps
from django.db import connection, models, transaction
from django.urls import Resolver404, resolve
from psycopg import errors, sql

from accounts.models import User

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.any_hour("scripts, wherever text is shown"),
]

ROOMS = ("pole", "accounts", "comments", "desk", "blog", "enterprises", "forums")
PAYLOAD = "\"'><img src=x onerror=window.ran=1><svg onload=window.ran=1>"
# What is cleaned when it is saved, and shown as markup: `tests/pole/test_richtext.py` answers for it.
MARKUP = {
    "blog.Page.body", "blog.Page.body_en", "blog.Post.body", "enterprises.Listing.description",
    "enterprises.Listing.description_en", "forums.Forum.body", "forums.Forum.body_en", "forums.Results.introduction",
    "forums.Results.introduction_en", "forums.Results.next_steps", "forums.Results.next_steps_en",
}  # fmt: skip
# Read by the portal, not written by people; or a way in, without which nobody sees anything.
NOT_TYPED = {"slug", "email", "password", "code", "mrc", "path", "language", "language_code", "key", "domain"}
# Ends the visit, is another language of what is seen, or is no page.
NOT_WALKED = re.compile(
    r"/(deconnexion|en)/|/static/|/media/|\.(csv|xlsx|pdf|json|geojson|ics|xml|svg|png|txt|zip|jsonld|py)$|/export/|/api/"
)
MOST_OF_A_KIND = 2


def typed_columns():
    for model in apps.get_models():
        if model._meta.app_label not in ROOMS or not model._meta.managed:
            continue
        for field in model._meta.concrete_fields:
            is_text = type(field) in (models.CharField, models.TextField)
            if is_text and not (field.choices or field.unique or field.primary_key):
                yield model, field


def poison():
    """Writes the payload in each text column, past the triggers; the names of those that took it."""
    taken = set()
    for model, field in typed_columns():
        name = f"{model._meta.label}.{field.name}"
        if field.name in NOT_TYPED or "hash" in field.name or name in MARKUP:
            continue
        statement = sql.SQL("UPDATE {} SET {} = left(%s, %s)").format(
            sql.Identifier(model._meta.db_table), sql.Identifier(field.column)
        )
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL session_replication_role = replica")
                cursor.execute(statement, [PAYLOAD, field.max_length or 200])
        except Exception as error:
            if not isinstance(error.__cause__, (errors.IntegrityError, errors.DataError)):
                raise
        else:
            taken.add(name)
    return taken


def kind_of(path):
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def walk(page, starts):
    """Every kind of page that links lead to from these: their addresses."""
    waiting, seen, kinds = deque(starts), set(starts), {}
    visited = []
    while waiting:
        address = waiting.popleft()
        answer = page.goto(address, wait_until="load")
        visited.append(address)
        assert answer.status < 500, address
        assert page.evaluate("window.ran") is None, address
        for link in page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)"):
            found = urlsplit(urldefrag(link)[0])
            path = found.path
            if found.netloc != urlsplit(page.url).netloc or NOT_WALKED.search(path) or path in seen:
                continue
            seen.add(path)
            kind = kind_of(path)
            kinds[kind] = kinds.get(kind, 0) + 1
            if kinds[kind] <= MOST_OF_A_KIND:
                waiting.append(path)
    return visited


def test_nothing_that_was_typed_runs_anywhere(open_page, sign_in, settings, demonstration):
    settings.SECURE_CSP = {}
    taken = poison()
    assert len(taken) > 130
    for name in ("enterprises.Listing.mission", "forums.Option.description", "accounts.User.name"):
        assert name in taken
    visitor, member = open_page(), open_page()
    assert len(walk(visitor, ["/", "/en/", "/repertoire/", "/forums/", "/recherche/?q=onerror"])) > 35
    sign_in(member, User.objects.filter(is_superuser=True).first())
    assert len(walk(member, ["/gestion/", "/compte/", "/gestion/moderation/journal/"])) > 130

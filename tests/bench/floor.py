"""What no page can go below: six raw statements, prepared, and f-strings. The rows of the portal's page of a post, without any framework.

A WSGI application, served as the portal is.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import unquote

import psycopg

VERSIONS = "SELECT scope, number FROM pole_contentversion ORDER BY scope"
POST = """
SELECT id, thread_id, title, heading, body, published_at, kind, language FROM blog_post
WHERE slug = %s AND published_at <= now()
"""
AUTHORS = """
SELECT name, role, note FROM blog_author JOIN blog_byline ON author_id = blog_author.id
WHERE post_id = %s ORDER BY position
"""
TAGS = """
SELECT name FROM blog_tag JOIN blog_post_tags ON tag_id = blog_tag.id WHERE post_id = %s ORDER BY name
"""
COMMENTS = """
SELECT accounts_user.name, comments_comment.created_at, text FROM comments_comment LEFT JOIN accounts_user ON author_id = accounts_user.id
WHERE thread_id = %s AND state = 'published' ORDER BY comments_comment.created_at, comments_comment.id
"""
BESIDE = """
(SELECT slug, title FROM blog_post WHERE published_at < %(at)s AND kind = %(kind)s AND language = %(language)s
 ORDER BY published_at DESC LIMIT 1)
UNION ALL
(SELECT slug, title FROM blog_post WHERE published_at > %(at)s AND published_at <= now() AND kind = %(kind)s
 AND language = %(language)s ORDER BY published_at LIMIT 1)
"""
_of_thread = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    slug = unquote(environ["PATH_INFO"]).removeprefix("/billets/").rstrip("/")
    page = post_page(connection(), slug) if slug else None
    body = (page or "").encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("200 OK" if page else "404 Not Found", headers)
    return [body]


def connection() -> psycopg.Connection[Any]:
    """One for each thread, as Django has."""
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    opened: psycopg.Connection[Any] = _of_thread.connection
    return opened


def post_page(database: psycopg.Connection[Any], slug: str) -> str | None:
    def rows(statement: str, values: Any = ()) -> list[Any]:
        return database.execute(statement, values, prepare=True).fetchall()

    rows(VERSIONS)
    found = rows(POST, [slug])
    if not found:
        return None
    pk, thread, title, heading, body, published_at, kind, language = found[0]
    authors = "".join(
        f"<p>{escape(name)}, {escape(role)}: {escape(note)}</p>" for name, role, note in rows(AUTHORS, [pk])
    )
    tags = "".join(f"<li>{escape(name)}</li>" for (name,) in rows(TAGS, [pk]))
    comments = "".join(
        f"<li><p>{escape(name or '')}, {at:%Y-%m-%d}</p><p>{escape(text)}</p></li>"
        for name, at, text in rows(COMMENTS, [thread])
    )
    asked = {"at": published_at, "kind": kind, "language": language}
    beside = "".join(f'<a href="/billets/{each}/">{escape(words)}</a>' for each, words in rows(BESIDE, asked))
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>'
        f"<h1>{escape(title)}</h1><p>{published_at:%Y-%m-%d}</p><h2>{escape(heading)}</h2>{body}{authors}"
        f"<ul>{tags}</ul><ol>{comments}</ol>{beside}</body></html>"
    )

"""The data set of the bench: a database of its own, reused until the code that generates it changes."""

from __future__ import annotations

import hashlib
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from pole.server import embedded_postgres

ROOT = Path(embedded_postgres.__file__).parents[2]
INPUTS = ("*/migrations/*.py", "*/sql/*.sql", "*/demo/**/*.*", "*/data/*", "tests/bench/data.py")
FINGERPRINT_PREFIX = "pole bench "
COMMENTS = 20
POST_SLUG = "banc-d-essai"


class BenchError(Exception):
    """Why nothing can be measured; the message says what to do."""


@contextmanager
def server(folder: Path) -> Iterator[tuple[str, str]]:
    """The URL of a database that exists, and that of the bench's own beside it.

    On the server of DATABASE_URL, or on an embedded one whose data is in `folder`.
    """
    if given := os.environ.get("DATABASE_URL"):
        yield given, _named(given, urlsplit(given).path.lstrip("/") + "_bench")
    else:
        with embedded_postgres.running(folder / "postgres") as at:
            url = f"postgres://{at.user}@/{at.database}?host={at.host}&port={at.port}"
            yield url, _named(url, "pole_bench")


def _named(url: str, database: str) -> str:
    # Not `urlunsplit`, which loses the empty host of "postgres://user@/name".
    path = urlsplit(url).path
    return url.replace(f"{path}?", f"/{database}?") if "?" in url else url.removesuffix(path) + f"/{database}"


def fingerprint(scale: int) -> str:
    """A hash of the size of a data set and of the files that generate it, stored as the comment on its database."""
    digest = hashlib.sha256(str(scale).encode())
    for pattern in INPUTS:
        for path in sorted(ROOT.glob(pattern)):
            if path.suffix in {".py", ".sql", ".toml", ".csv"}:
                digest.update(path.read_bytes())
    return f"{FINGERPRINT_PREFIX}{scale} {digest.hexdigest()[:16]}"


def is_ready(existing: str, own: str, scale: int) -> bool:
    """Whether the data set is there as the code makes it; else an empty database is."""
    name = urlsplit(own).path.lstrip("/")
    with psycopg.connect(existing, autocommit=True) as connection:
        found = connection.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
        ).fetchone()
        if found and found[0] == fingerprint(scale):
            return True
        if found and not str(found[0]).startswith(FINGERPRINT_PREFIX):
            raise BenchError(f"the database {name} exists and is not the bench's: rename it first")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        _set_fingerprint(connection, name, FINGERPRINT_PREFIX + "unfinished")
    return False


def fill(own: str, scale: int) -> None:
    """Migrate and fill the bench's database, which Django's settings already name."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    call_command("seed_demo", scale=scale, verbosity=0)
    post_with_comments()
    with psycopg.connect(own, autocommit=True) as connection:
        # As autovacuum would have done in a minute.
        connection.execute("VACUUM ANALYZE")
        _set_fingerprint(connection, urlsplit(own).path.lstrip("/"), fingerprint(scale))


def post_with_comments() -> None:
    """A published post with comments by several people; a third of them answer another."""
    from django.utils import timezone

    from accounts.models import User
    from blog.models import Byline, Post
    from comments.models import Comment, Thread
    from desk import publishing

    model = Post.objects.filter(language="fr", authors__isnull=False).earliest("pk")
    content = {field: getattr(model, field) for field in Post.WORKING_FIELDS}
    post = Post(
        slug=POST_SLUG,
        draft=publishing.start_draft(content=content, by=None),
        thread=Thread.objects.create(),
    )
    post.apply_content(content)
    post.save()
    post.tags.set(model.tags.all())
    Byline.objects.create(post=post, author=model.authors.earliest("pk"))
    now = timezone.now()
    publishing.publish(owner=post, at=now - timedelta(days=30), now=now)
    words = random.Random(COMMENTS)
    people = list(User.objects.order_by("pk"))
    texts = list(Comment.objects.order_by("pk").values_list("text", flat=True))
    openings: list[Comment] = []
    for number in range(COMMENTS):
        comment = Comment.objects.create(
            thread=post.thread,
            author=words.choice(people),
            parent=words.choice(openings) if number % 3 == 2 else None,
            text=words.choice(texts),
            created_at=now - timedelta(days=29) + timedelta(hours=number),
        )
        if comment.parent is None:
            openings.append(comment)


def _set_fingerprint(connection: psycopg.Connection[tuple[object, ...]], name: str, value: str) -> None:
    command = sql.SQL("COMMENT ON DATABASE {} IS {}")
    connection.execute(command.format(sql.Identifier(name), sql.Literal(value)))

"""Posts and pages of the demonstration."""

from __future__ import annotations

import random
import tomllib
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from blog import editing
from blog.models import Author, Byline, Page, Post, Tag
from desk import publishing
from desk.models import Picture
from desk.pictures import store_picture
from pole.demo.pictures import read_picture
from pole.text import richtext

HERE = Path(__file__).parent
PICTURES = HERE / "pictures"
# Beyond the written posts, `--scale` makes others, one a day before the first: as many as a hub
# writes in decades, while listings go up to the scale itself.
POSTS_AT_MOST = 2_000
WORDS = [
    "coopérative",
    "région",
    "forum",
    "entreprise",
    "territoire",
    "logement",
    "alimentation",
    "entraide",
    "budget",
    "partage",
    "service",
    "équipe",
    "projet",
    "municipalité",
    "jardin",
    "atelier",
    "culture",
    "transport",
    "avenir",
    "mission",
    "gouvernance",
    "membres",
]


def seed(*, scale: int, rng: random.Random) -> None:
    """Writes what is missing of posts.toml and pages.toml, then posts up to `scale` or `POSTS_AT_MOST`."""
    data = tomllib.loads((HERE / "posts.toml").read_text(encoding="utf-8"))
    tags = {tag["slug"]: _tag(tag) for tag in data["tag"]}
    authors = {author["key"]: _author(author) for author in data["author"]}
    for entry in data["post"]:
        _post(entry, tags, authors)
    for position, entry in enumerate(
        tomllib.loads((HERE / "pages.toml").read_text(encoding="utf-8"))["page"]
    ):
        _page(entry, position)
    _add_generated_posts(
        min(scale, POSTS_AT_MOST) - Post.objects.count(), list(authors.values()), list(tags.values()), rng
    )


def _tag(entry: dict[str, Any]) -> Tag:
    names = {"name": entry["name"], "name_en": entry.get("name_en", "")}
    return Tag.objects.get_or_create(slug=entry["slug"], defaults=names)[0]


def _author(entry: dict[str, Any]) -> Author:
    fields = {field: entry.get(field, "") for field in ("role", "role_en", "note", "note_en")}
    return Author.objects.get_or_create(name=entry["name"], defaults=fields)[0]


def _post(entry: dict[str, Any], tags: dict[str, Tag], authors: dict[str, Author]) -> None:
    if Post.objects.filter(slug=entry["slug"]).exists():
        return
    language = entry.get("language", "fr")
    picture = _picture(entry)
    content = {
        "title": entry["title"],
        "heading": entry.get("heading", ""),
        "summary": entry.get("summary", ""),
        "body": richtext.clean_html(entry["body"], language=language),
        "lead_picture": picture and picture.pk,
    }
    post = Post(
        slug=entry["slug"],
        lead_picture=picture,
        kind=entry["kind"],
        language=language,
        translation_of=Post.objects.filter(slug=entry.get("translation_of", "")).first(),
    )
    editing.begin(post, content, by=None)
    post.save()
    post.tags.set([tags[slug] for slug in entry.get("tags", [])])
    for position, key in enumerate(entry.get("authors", [])):
        Byline.objects.create(post=post, author=authors[key], position=position)
    if published := entry.get("published"):
        publishing.publish(owner=post, at=timezone.make_aware(published), now=timezone.now())


def _picture(entry: dict[str, Any]) -> Picture | None:
    """Described in the language of its post: a translation has its own."""
    if "picture" not in entry:
        return None
    picture = store_picture(
        read_picture(PICTURES, entry["picture"]), description=entry["picture_description"], by=None
    )
    picture.focus_x, picture.focus_y = entry.get("focus", (50, 50))
    picture.save(update_fields=["focus_x", "focus_y"])
    return picture


def _page(entry: dict[str, Any], position: int) -> None:
    slug = entry["slug"]
    if Page.objects.filter(slug=slug).exists():
        return
    content = {
        "title": entry["title"],
        "title_en": entry.get("title_en", ""),
        "body": richtext.clean_html(entry["body"], language="fr"),
        "body_en": richtext.clean_html(entry.get("body_en", ""), language="en"),
    }
    page = Page(slug=slug, position=position)
    editing.begin(page, content, by=None)
    page.save()
    publishing.publish(owner=page, at=timezone.now() - timedelta(minutes=1), now=timezone.now())


def _add_generated_posts(missing: int, authors: list[Author], tags: list[Tag], rng: random.Random) -> None:
    now = timezone.now()
    first = datetime(2024, 1, 1, 9, tzinfo=timezone.get_current_timezone())
    for number in range(max(0, missing)):
        title = " ".join(rng.sample(WORDS, 5)).capitalize()
        paragraphs = "".join(f"<p>{' '.join(rng.choices(WORDS, k=70)).capitalize()}.</p>" for _ in range(5))
        content = {"title": title, "heading": "", "summary": "", "body": paragraphs}
        post = Post(slug=f"archive-{number}")
        editing.begin(post, content, by=None)
        post.save()
        post.tags.add(rng.choice(tags))
        Byline.objects.create(post=post, author=rng.choice(authors))
        publishing.publish(owner=post, at=first - timedelta(days=number), now=now)

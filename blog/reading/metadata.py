"""Structured data of a post (schema.org), for search engines and sites that show a link to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString

from blog.models import Author, Post
from blog.reading.post import ReadAuthor, Sibling
from pole.hub.organization import organization_id
from pole.hub.page_head import PageHead, default_picture, picture_of
from pole.models import Hub
from pole.text.bilingual import ENGLISH, FRENCH
from pole.text.jsonld import script_json
from pole.text.plaintext import clean_line
from pole.text.richtext import plain_text


def structured_data(post: Post, authors: Iterable[Author | ReadAuthor], hub: Hub) -> SafeString:
    """A post as schema.org's BlogPosting or NewsArticle, in JSON-LD for a `script` that no browser runs."""
    organisation = {
        "@type": "Organization",
        "@id": organization_id(),
        "name": hub.name,
        "url": f"{settings.BASE_URL}/",
    }
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": Post.Kind(post.kind).schema_type,
        "headline": post.title,
        "description": post.summary,
        "inLanguage": f"{post.language}-CA",
        "mainEntityOfPage": public_url(post),
        "author": [{"@type": "Person", "name": author.name} for author in authors] or [organisation],
        "publisher": organisation,
    }
    if post.published_at and post.updated_at:
        data["datePublished"] = post.published_at.isoformat()
        data["dateModified"] = post.updated_at.isoformat()
    data["image"] = _image(post, hub)
    return script_json(data)


def _image(post: Post, hub: Hub) -> dict[str, Any]:
    """Its picture, or the one by which it is shared."""
    if picture := post.lead_picture:
        address, width_px, height_px = picture.file.url, picture.width_px, picture.height_px
    else:
        card = default_picture(hub, post.title, str(post.kind_label), post.language)
        address, width_px, height_px = card.address, card.width_px, card.height_px
    return {
        "@type": "ImageObject",
        "url": f"{settings.BASE_URL}{address}",
        "width": width_px,
        "height": height_px,
    }


def page_head(post: Post, translation: Sibling | None) -> PageHead:
    texts: list[Post | Sibling] = sorted(
        filter(None, (post, translation)), key=lambda text: text.language != FRENCH
    )
    picture = post.lead_picture
    return PageHead(
        kind="article",
        kicker=str(post.kind_label),
        language=post.language,
        languages={text.language: own_path(text) for text in texts},
        picture=picture_of(picture, picture.description, picture.focus) if picture else None,
    )


def shared_description(content: Mapping[str, Any]) -> str:
    """What a link to a working copy would say under its title, were it published."""
    return clean_line(content.get("summary", "")) or plain_text(content.get("body", ""))


def public_url(post: Post) -> str:
    """The whole address of a post in its own language: the canonical one."""
    return f"{settings.BASE_URL}{own_path(post)}"


def own_path(post: Post | Sibling) -> str:
    """The address of a post in its own language, on this site."""
    return path_in(post, post.language)


def path_in(post: Post | Sibling, language: str) -> str:
    """The address of a post among the pages of `language`."""
    prefix = "" if language == FRENCH else "/en"
    return f"{prefix}/billets/{post.slug}/"


def path_in_other_language(post: Post, translation: Sibling | None, language: str) -> str:
    """Where a reader of `language` finds in the other one what is at this page: the text in it when there is one."""
    other = ENGLISH if language == FRENCH else FRENCH
    text = translation if translation and translation.language == other else post
    return path_in(text, other)

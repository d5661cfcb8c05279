"""What every page says of itself in its head."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.conf import settings
from django.template.context import Context
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.html import strip_tags

from pole.hub import organization
from pole.hub import page_head as heads
from pole.hub.icons import SVG, icon_address, manifest_address, theme_colours
from pole.models import Hub
from pole.text.plaintext import clean_line, shortened

register = template.Library()

# What no space need follow.
_BLOCK_END = re.compile(r"</(?:p|li|h\d|div|td|th|dd|dt|figcaption|blockquote)>|<br>")
MAX_TITLE, MAX_DESCRIPTION = 160, 160
# What search engines and networks show of a title before they cut it, about.
SHOWN_TITLE = 65


@register.inclusion_tag("components/page_head.html", takes_context=True)
def page_head(context: Context) -> dict[str, Any]:
    """Description, addresses, and what a link to the page shows. Its blocks `title` and `description` are read."""
    request, hub, language = context["request"], context["hub"], context["language"]
    head: heads.PageHead = context.get("page_head") or heads.PageHead()
    if context.get("is_preview") or heads.is_hidden(request, head):
        return {"is_hidden": True}
    title = shortened(head.title or _text_of(context, "title"), MAX_TITLE) or str(hub.shown_name)
    picture = head.picture or heads.default_picture(hub, title, head.kicker, language)
    return {
        "title": title,
        "description": shortened(_text_of(context, "description"), MAX_DESCRIPTION)
        # Two pages never say the same, even those that say nothing of themselves.
        or shortened(_joined(title, str(hub.shown_tagline or hub.shown_name)), MAX_DESCRIPTION),
        "site": hub.shown_name,
        "kind": head.kind,
        "base_url": settings.BASE_URL,
        "canonical": heads.canonical_path(request, head, language),
        "alternates": heads.alternates(request, head),
        "locale": heads.locale_of(heads.language_of(request, head, language)),
        "picture": picture,
    }


@register.inclusion_tag("components/shared_card.html", takes_context=True)
def shared_card(
    context: Context,
    title: str,
    description: str,
    kicker: str,
    language: str,
    picture: Any,
    is_described: bool,
) -> dict[str, Any]:
    """How a text will look where a link to it is shared, with what would be better there."""
    hub = context["hub"]
    title = clean_line(title)
    own = picture and heads.picture_of(picture, picture.description, picture.focus)
    return {
        "title": shortened(title, MAX_TITLE),
        "description": shortened(description, MAX_DESCRIPTION)
        or shortened(_joined(title, hub.tagline), MAX_DESCRIPTION),
        "picture": own or heads.default_picture(hub, title or hub.name, kicker, language),
        "host": urlsplit(settings.BASE_URL).hostname,
        "is_cut": len(title) > SHOWN_TITLE,
        "shown_title": SHOWN_TITLE,
        "is_undescribed": not is_described,
        "is_drawn": not own and not hub.social_picture,
    }


@register.inclusion_tag("components/share.html", takes_context=True)
def share(context: Context, title: str) -> dict[str, Any]:
    """« Partager », « Copier le lien »: of the page's canonical address."""
    request, language = context["request"], context["language"]
    head: heads.PageHead = context.get("page_head") or heads.PageHead()
    return {"title": title, "address": settings.BASE_URL + heads.canonical_path(request, head, language)}


@register.simple_tag(takes_context=True)
def organization_data(context: Context) -> str:
    return organization.organization_data(context["hub"])


@register.simple_tag
def manifest(hub: Hub, language: str) -> str:
    return manifest_address(hub, language)


@register.simple_tag
def hub_icon(hub: Hub, name: str = SVG) -> str:
    return icon_address(hub, name)


@register.inclusion_tag("components/theme_colours.html")
def theme_colour(hub: Hub) -> dict[str, str]:
    light, dark = theme_colours(hub)
    return {"light": light, "dark": dark}


def _joined(title: str, tagline: str) -> str:
    return f"{title} – {tagline}" if title != tagline else title


def _text_of(context: Context, name: str) -> str:
    """What a block of the page says, without its markup."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    block = blocks.get_block(name) if blocks else None
    return html.unescape(strip_tags(_BLOCK_END.sub(" ", block.render(context)))) if block else ""

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
from django.utils.safestring import SafeString

from pole.hub import icons, organization
from pole.hub import page_head as heads
from pole.hub.icons import icon_address, manifest_address, theme_colours
from pole.models import Hub
from pole.text.markup import Markup, joined
from pole.text.plaintext import clean_line, shortened

register = template.Library()

# What no space need follow.
_BLOCK_END = re.compile(r"</(?:p|li|h\d|div|td|th|dd|dt|figcaption|blockquote)>|<br>")
MAX_TITLE, MAX_DESCRIPTION = 160, 160
# What search engines and networks show of a title before they cut it, about.
SHOWN_TITLE = 65


_HIDDEN = SafeString('<meta name="robots" content="noindex, nofollow">')
_ALTERNATE = Markup('<link rel="alternate" hreflang="{language}" href="{base_url}{path}">')
_HEAD = Markup("""<meta name="description" content="{description}">
  <link rel="canonical" href="{base_url}{canonical}">
  {alternates}
  <meta property="og:type" content="{kind}">
  <meta property="og:title" content="{title}">
  <meta property="og:description" content="{description}">
  <meta property="og:url" content="{base_url}{canonical}">
  <meta property="og:site_name" content="{site}">
  <meta property="og:locale" content="{locale}">
  <meta property="og:image" content="{base_url}{picture}">
  <meta property="og:image:width" content="{width_px}">
  <meta property="og:image:height" content="{height_px}">
  <meta property="og:image:alt" content="{alt}">
  <meta name="twitter:card" content="summary_large_image">""")


@register.simple_tag(takes_context=True)
def page_head(context: Context) -> SafeString:
    """Description, addresses, and what a link to the page shows. Its blocks `title` and `description` are read."""
    request, hub, language = context["request"], context["hub"], context["language"]
    head: heads.PageHead = context.get("page_head") or heads.PageHead()
    if context.get("is_preview") or heads.is_hidden(request, head):
        return _HIDDEN
    title = shortened(head.title or _text_of(context, "title"), MAX_TITLE) or str(hub.shown_name)
    picture = head.picture or heads.default_picture(hub, title, head.kicker, language)
    return _HEAD(
        title=title,
        # Two pages never say the same, even those that say nothing of themselves.
        description=shortened(_text_of(context, "description"), MAX_DESCRIPTION)
        or shortened(_joined(title, str(hub.shown_tagline or hub.shown_name)), MAX_DESCRIPTION),
        site=hub.shown_name,
        kind=head.kind,
        base_url=settings.BASE_URL,
        canonical=heads.canonical_path(request, head, language),
        alternates=joined(
            _ALTERNATE(language=each.language, base_url=settings.BASE_URL, path=each.path)
            for each in heads.alternates(request, head)
        ),
        locale=heads.locale_of(heads.language_of(request, head, language)),
        picture=picture.address,
        width_px=picture.width_px,
        height_px=picture.height_px,
        alt=picture.alt,
    )


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
def hub_icon(hub: Hub, name: str) -> str:
    return icon_address(hub, name)


@register.simple_tag
def icon_in_page(hub: Hub) -> SafeString:
    return icons.icon_in_page(hub)


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
    if block is None:
        return ""
    written = str(block.render(context))
    return html.unescape(strip_tags(_BLOCK_END.sub(" ", written)) if "<" in written else written)

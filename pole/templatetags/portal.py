"""Tags that every template may use."""

from __future__ import annotations

from html import unescape
from typing import Any

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.http import QueryDict
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from pole.caching.public_pages import get_public_state
from pole.files.drawings import drawing_html
from pole.files.faces import face_html
from pole.geo.levels import levels_of
from pole.hub.first_steps import number_left
from pole.models import Hub
from pole.server.long_lists import PageBeside, link_beside, numbers_around
from pole.server.routes import Route
from pole.templatetags.typography import ordinals
from pole.text.bilingual import ENGLISH, LocalizedHtml, current_language
from pole.text.contents import Contents, contents_of
from pole.text.jsonld import script_json
from pole.text.markup import Markup, joined

register = template.Library()


@register.simple_tag
def localized_path(address: str) -> str:
    """A French path of this site, with the prefix of the page's language."""
    return f"/en{address}" if current_language() == ENGLISH else address


@register.simple_tag(takes_context=True)
def aria_current(context: dict[str, Any], address: str) -> SafeString:
    """` aria-current="page"` when the page lies under `address`, or says by `menu_path` that its place is there."""
    request = context["request"]
    path = getattr(request, "menu_path", request.path).removeprefix("/en")
    return SafeString(' aria-current="page"') if path.startswith(address) else SafeString("")


@register.simple_tag
def drawing(name: str, css: str = "drawing", *, eager: bool = False) -> SafeString:
    """`{% drawing "saison-hiver" %}`: one of `static/drawings/`."""
    return drawing_html(name, css, is_eager=eager)


@register.simple_tag
def face(name: str, url: str = "", focus: str = "") -> SafeString:
    """`{% face member.name member.portrait_url %}`: a portrait, else the initials of whoever is named beside it."""
    return face_html(name, url, focus)


_HOME, _STAFF = Route("home"), Route("staff:home")
_TRAIL = Markup(
    '<nav class="trail" aria-label="{label}"><ol class="trail__list">{places}'
    '<li><span aria-current="page"{lang}>{current}</span></li></ol></nav>{data}'
)
_PLACE = Markup('<li><a href="{address}"{lang}>{name}</a></li>')
_DATA = Markup('<script type="application/ld+json">{data}</script>')


@register.simple_tag(takes_context=True)
def trail(context: dict[str, Any]) -> SafeString:
    """`components/trail.html`, with its places as schema.org's BreadcrumbList, but for the staff's own pages."""
    language, current = current_language(), context["current"]
    places = [(gettext("Home"), _HOME(language))]
    places += [
        (context[name], context[f"{name}_url"]) for name in ("above", "parent") if context.get(f"{name}_url")
    ]
    return _TRAIL(
        label=gettext("You are here"),
        places=joined(
            [
                _PLACE(address=path, lang=_lang_of(name), name=ordinals(_plain(name)) if number else name)
                for number, (name, path) in enumerate(places)
            ]
        ),
        lang=_lang_of(current),
        current=ordinals(_plain(current)),
        data=SafeString("") if places[-1][1].startswith(_STAFF(language)) else _trail_data(places, current),
    )


def _lang_of(name: object) -> str:
    return getattr(name, "lang_attr", "")


def _trail_data(places: list[tuple[str, str]], current: str) -> SafeString:
    items: list[dict[str, Any]] = [
        {"name": _plain(name), "item": f"{settings.BASE_URL}{path}"} for name, path in places
    ]
    items.append({"name": _plain(current)})
    listed = [{"@type": "ListItem", "position": n, **item} for n, item in enumerate(items, start=1)]
    data = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": listed}
    return _DATA(data=script_json(data))


def _plain(text: str) -> str:
    """The text itself, of what a template may have escaped already."""
    return unescape(text) if isinstance(text, SafeString) else str(text)


@register.filter
def with_contents(body: LocalizedHtml) -> Contents:
    """A long text with identifiers on its headings, and these headings: `{% with text=page.shown_body|with_contents %}`."""
    return contents_of(body)


@register.simple_tag
def page_links(page: Page[Any], query: QueryDict, parameter: str = "") -> dict[str, Any]:
    """Addresses of the pages around this one: `numbers`, (number, address) or (None, "") where some are left out,
    `previous` and `next`. The first page has no number in its address: it is the list itself."""
    name = parameter or "page"

    def address(asked: str) -> str:
        others = query.copy()
        others.pop(name, None)
        if asked != "1":
            others[name] = asked
        return f"?{others.urlencode()}"

    # Of a page that is found from its end, the number alone would lead elsewhere.
    here = query.get(name, "") if isinstance(page, PageBeside) else str(page.number)
    return {
        "numbers": [
            (None, "")
            if number is None
            else (number, address(here if number == page.number else str(number)))
            for number in numbers_around(page)
        ],
        "previous": address(link_beside(page, is_before=True)) if page.has_previous() else "",
        "next": address(link_beside(page, is_before=False)) if page.has_next() else "",
    }


@register.filter
def has_role(user: Any, role: str) -> bool:
    """Whether this member of the team has the role, or the direction's; nobody else has any."""
    return bool(user.is_authenticated and user.has_role(role))


@register.simple_tag(takes_context=True)
def level(context: dict[str, Any], name: str) -> str:
    """What the hub calls a level of its territory: `{% level "towns" as towns %}`, a field of `Levels`."""
    return str(getattr(levels_of(context.get("hub")), name))


@register.simple_tag(takes_context=True)
def town_line(context: dict[str, Any], town: object, postal_code: str = "") -> str:
    """A town with what the hub's country writes around it."""
    return (context.get("hub") or Hub()).town_line(town, postal_code)


@register.simple_tag(takes_context=True)
def first_steps_left(context: dict[str, Any]) -> int:
    """How many steps of « Premiers pas » are not done, for whoever has the direction."""
    if not has_role(context["user"], "direction"):
        return 0
    return number_left(get_public_state(context["request"]).versions)


class CachedNode(template.Node):
    def __init__(self, nodelist: NodeList, name: str, keys: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.name = name
        self.keys = keys

    def render(self, context: Context) -> SafeString:
        fragments = context["cached_fragments"]
        key = (self.name, context["language"], *(each.resolve(context) for each in self.keys))
        rendered = fragments.get(key)
        if rendered is None:
            rendered = fragments[key] = self.nodelist.render(context)
        return rendered  # type: ignore[no-any-return]  # the context is untyped


@register.tag
def cached(parser: Parser, token: Token) -> CachedNode:
    """`{% cached "foot" %}…{% endcached %}`: a fragment that depends on the hub's identity alone.

    The process caches one rendering for each version of the hub, language, and value of the variables after
    the name. Nothing of the request, the reader or the page's own rows may stand in it.
    """
    _tag, name, *keys = token.split_contents()
    nodelist = parser.parse(("endcached",))
    parser.delete_first_token()
    return CachedNode(nodelist, name.strip("\"'"), [parser.compile_filter(key) for key in keys])
